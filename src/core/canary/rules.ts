/**
 * The whole policy as one ordered table: the first rule whose phase fits and whose condition holds decides. Read
 * this and decide.ts first.
 */

import { abortRefusalRules, abortRules } from "./rules/abort-rules.ts";
import { approvalRules } from "./rules/approval-rules.ts";
import { commandRules } from "./rules/command-rules.ts";
import { deletionRules, servingRules } from "./rules/deletion-rules.ts";
import { drainRules } from "./rules/drain-rules.ts";
import { driftRules } from "./rules/drift-rules.ts";
import { emptyStableRules } from "./rules/empty-stable-rules.ts";
import { evidenceRules } from "./rules/evidence-rules.ts";
import { farewellRules } from "./rules/farewell-rules.ts";
import { finalisingRules } from "./rules/finalising-rules.ts";
import { freezeRules } from "./rules/freeze-rules.ts";
import { handsRules } from "./rules/hands-rules.ts";
import { holdRules } from "./rules/hold-rules.ts";
import { initialisationRules } from "./rules/initialisation-rules.ts";
import { lossRules } from "./rules/loss-rules.ts";
import { policyRules } from "./rules/policy-rules.ts";
import { promotionRules } from "./rules/promotion-rules.ts";
import { bookkeepingRules, releaseRules } from "./rules/release-rules.ts";
import { retreatRules } from "./rules/retreat-rules.ts";
import { routeRules } from "./rules/route-rules.ts";
import type { Rule } from "./rules/rule.ts";
import { specRules } from "./rules/spec-rules.ts";
import { stageEntryRules } from "./rules/stage-entry-rules.ts";
import { stageExitRules } from "./rules/stage-exit-rules.ts";
import { suspendedTakeOffRules, suspendRules } from "./rules/suspend-rules.ts";
import { workloadRules } from "./rules/workload-rules.ts";

/** Every rule, in the order in which they are asked. Evidence against a version stands before everything but deletion. */
export const rules: readonly Rule[] = [
  ...deletionRules,
  ...abortRules,
  ...evidenceRules,
  ...suspendedTakeOffRules,
  ...lossRules,
  ...routeRules,
  ...emptyStableRules,
  ...specRules,
  ...suspendRules,
  ...retreatRules,
  ...freezeRules,
  ...abortRefusalRules,
  ...commandRules,
  ...initialisationRules,
  ...servingRules,
  ...farewellRules,
  ...promotionRules,
  ...finalisingRules,
  ...drainRules,
  ...driftRules,
  ...policyRules,
  ...approvalRules,
  ...holdRules,
  ...stageEntryRules,
  ...stageExitRules,
  ...releaseRules,
  ...bookkeepingRules,
  ...handsRules,
  ...workloadRules,
];
