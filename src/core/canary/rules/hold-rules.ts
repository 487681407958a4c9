/** The rule that tells people once why a release holds though nothing speaks against its version. */
import type { ConditionType } from "../../../api/conditions.ts";
import { met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { type Notice, occurrence, releaseFacts, stableFacts, stageFact } from "../notices.ts";
import { stagePhases } from "../phases.ts";
import type { Situation } from "../situation.ts";
import { mayBeginBesideStable } from "../stable-guard.ts";
import { splitMismatch } from "../traffic-fit.ts";
import type { Rule } from "./rule.ts";

const reportHold: Rule = {
  name: "reportHold",
  doc: "Stable itself is beyond a limit before the first weight, or the new version gets far more requests than its weight: people are told that the release holds.",
  from: stagePhases,
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    const hold = untoldHold(s);
    return hold === undefined ? unmet("nothing is to be told") : met(hold.message);
  },
  decide: (s, message) => {
    const hold = untoldHold(s);
    return {
      kind: "Transition",
      rule: "reportHold",
      status: nextStatus(s, s.status, message, hold === undefined ? [] : [hold]),
    };
  },
};

/** In the order of the table. */
export const holdRules: readonly Rule[] = [reportHold];

function untoldHold(s: Situation): Notice | undefined {
  const begin = mayBeginBesideStable(s);
  const mismatch = splitMismatch(s.snapshot);
  const part = occurrence(s);
  const facts = { ...releaseFacts(s), ...stableFacts(s) };
  if (!begin.holds && !isTold(s, "AnalysisPassed", "StableBeyondLimit"))
    return { reason: "StableBeyondLimit", message: begin.because, facts, part };
  if (mismatch === undefined || isTold(s, "TrafficShifted", "TrafficSplitMismatch"))
    return undefined;
  const weight = String(s.status.canaryWeight ?? 0);
  return {
    reason: "TrafficSplitMismatch",
    message: mismatch,
    facts: { ...facts, weight, stage: stageFact(s) },
    part,
  };
}

function isTold({ status }: Situation, type: ConditionType, reason: string): boolean {
  return status.conditions?.some((one) => one.type === type && one.reason === reason) === true;
}
