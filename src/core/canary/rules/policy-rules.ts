/** Rules by which the spec, not the evidence alone, decides how a release goes on: where it waits instead of failing. */
import type { Check } from "../../analysis/check.ts";
import { met, unmet } from "../guard.ts";
import { hint, hintOrAbort } from "../hint.ts";
import type { Situation } from "../situation.ts";
import { isExcludedEnough, isUndecided } from "../undecided.ts";
import { waitingStatus } from "../wait.ts";
import type { Rule } from "./rule.ts";
import { stageLabel } from "./stage.ts";

const waitForMetric: Rule = {
  name: "waitForMetric",
  doc: "A metric with onFail: Pause fails: the release waits at its weight for a human.",
  from: ["Progressing"],
  leadsTo: ["Waiting"],
  isAwaited: false,
  when: (s) => {
    if (isLetOn(s)) return unmet("somebody lets the release go on");
    const failed = pausingCheck(s);
    return failed === undefined
      ? unmet("no metric that pauses fails")
      : met(
          `${stageLabel(s)}: waiting, ${failed.metric} fails: ${failed.message}; ${measureAgain(s)}`,
        );
  },
  decide: (s, message) => ({
    kind: "Transition",
    rule: "waitForMetric",
    status: waitingStatus(s, s.status, "MetricFailed", message),
  }),
};

const waitUndecided: Rule = {
  name: "waitUndecided",
  doc: "A stage had its maxSeconds and its numbers without a verdict: the release waits at its weight for a human.",
  from: ["Progressing"],
  leadsTo: ["Waiting"],
  isAwaited: false,
  when: (s) => {
    if (s.spec === undefined) return unmet("");
    const undecided = isUndecided(s.spec, s.status, s.checks, s.now);
    if (undecided.holds && isExcludedEnough(s.spec, s.checks).holds)
      return unmet("what the spec asks is excluded");
    return undecided.holds
      ? met(`${stageLabel(s)}: waiting, ${undecided.message}; ${measureAgain(s)}`)
      : undecided;
  },
  decide: (s, message) => ({
    kind: "Transition",
    rule: "waitUndecided",
    status: waitingStatus(s, s.status, "Inconclusive", message),
  }),
};

/** In the order of the table. */
export const policyRules: readonly Rule[] = [waitForMetric, waitUndecided];

/** A person's word stands in for the metric until the next weight is set; there it is asked again. */
function isLetOn({ status }: Situation): boolean {
  const stage = status.release?.stage;
  if (stage?.passedBy !== undefined) return true;
  return stage?.byCommand !== undefined && stage.routedAt === undefined;
}

function measureAgain(s: Situation): string {
  return `measure again with: ${hint(s, "resume")}, go on all the same with: ${hintOrAbort(s, "promote")}`;
}

function pausingCheck(s: Situation): Check | undefined {
  return s.checks.find((check) => check.verdict === "Fail" && check.onFail === "Pause");
}
