/** The rule that asks a person before a stage is entered. Until then the release keeps the weight and the pods it has. */
import { met, unmet } from "../guard.ts";
import { hintOrAbort } from "../hint.ts";
import { waitingStatus } from "../wait.ts";
import type { Rule } from "./rule.ts";
import { isUnapproved, stageLabel } from "./stage.ts";

const askApproval: Rule = {
  name: "askApproval",
  doc: "The stage asks for a person's approval: the release keeps its weight until it is given.",
  from: ["Progressing"],
  leadsTo: ["Waiting"],
  isAwaited: false,
  when: (s) =>
    isUnapproved(s)
      ? met(`${stageLabel(s)} waits for approval; give it with: ${hintOrAbort(s, "promote")}`)
      : unmet("the stage needs no approval"),
  decide: (s, message) => ({
    kind: "Transition",
    rule: "askApproval",
    status: waitingStatus(s, s.status, "Approval", message),
  }),
};

/** Asked before a stage is entered. */
export const approvalRules: readonly Rule[] = [askApproval];
