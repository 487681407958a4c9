/** The rule that keeps the record of both Deployments while nothing else is written. */
import { met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { planActions } from "../plan.ts";
import { areWorkloadsSeen, speaksOf } from "../seen-workloads.ts";
import { idlePhases, type Rule } from "./rule.ts";

/**
 * Once for all that was written to them: not before Serin has done its own part, and not beside a drain, which is
 * written down every half minute.
 */
const recordWorkloads: Rule = {
  name: "recordWorkloads",
  doc: "A Deployment was changed without a new template, as by scaling it: the generation is written down.",
  from: idlePhases,
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    const { target } = s.snapshot;
    const isDue =
      s.status.drain === undefined &&
      target.kind === "Known" &&
      speaksOf(s.status, target.value.templateHash) &&
      !areWorkloadsSeen(s.snapshot, s.status) &&
      planActions(s).length === 0;
    return isDue ? met(s.status.message ?? "") : unmet("");
  },
  decide: (s, message) => ({
    kind: "Transition",
    rule: "recordWorkloads",
    status: nextStatus(s, s.status, message),
  }),
};

/** Asked after everything else that writes. */
export const workloadRules: readonly Rule[] = [recordWorkloads];
