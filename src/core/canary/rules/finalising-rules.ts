/** What is said of a version that fails once it is promoted: nothing is taken back any more, so people must hear of it. */
import { wordNumber } from "../../analysis/wording.ts";
import { fromInstant, toInstant } from "../../instant.ts";
import { type Guard, met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { releaseFacts } from "../notices.ts";
import { judgedMetrics } from "../retreat.ts";
import type { Situation } from "../situation.ts";
import type { Rule } from "./rule.ts";

const reportPromotedFailing: Rule = {
  name: "reportPromotedFailing",
  doc: "The version that was just promoted is beyond a limit: people are told, nothing is taken back.",
  from: ["Finalising"],
  leadsTo: [],
  isAwaited: false,
  when: (s) => (s.status.release?.failingAt === undefined ? isFailing(s) : unmet("told already")),
  decide: (s, message) => {
    const { release } = s.status;
    if (release === undefined)
      return { kind: "Stall", rule: "reportPromotedFailing", reason: "ReleaseFailed", message };
    const status = { ...s.status, release: { ...release, failingAt: toInstant(s.now) } };
    const facts = { ...releaseFacts(s), cause: "MetricLimitExceeded" };
    return {
      kind: "Transition",
      rule: "reportPromotedFailing",
      status: nextStatus(s, status, s.status.message ?? message, [
        { reason: "PromotedFailing", message, facts },
      ]),
    };
  },
};

/** In the order of the table. */
export const finalisingRules: readonly Rule[] = [reportPromotedFailing];

/** The primary runs the new version now, so stable's side of the measurements speaks of it. */
function isFailing(s: Situation): Guard {
  const since = s.status.release?.promotion?.since;
  const failing = judgedMetrics(s).find(({ facts: { state }, limit }) => {
    const { breaches, breachEndAt } = state.stable;
    const isNew = since !== undefined && (breachEndAt ?? 0) > fromInstant(since);
    return isNew && breaches >= limit.consecutive;
  });
  if (failing === undefined) return unmet("the promoted version holds its limits");
  const { facts, limit } = failing;
  const { namespace } = s.snapshot.identity;
  const target = s.spec?.targetRef.name ?? "";
  return met(
    `${facts.name}: the version just promoted is beyond its limit of ${wordNumber(limit.max)} ${facts.unit}, ` +
      "and nothing is taken back by itself any more; to release the version before again: " +
      `kubectl -n ${namespace} rollout undo deployment/${target}`,
  );
}
