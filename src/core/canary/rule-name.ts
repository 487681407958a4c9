/** The names of the rules, in the order in which they are asked; `hold` is what happens when none holds. */

/** Every rule's name, in order. */
export const ruleNames = [
  "rollBack",
  "restorePrimary",
  "revert",
  "refuseFailed",
  "supersede",
  "lowerRoutes",
  "refuseSpec",
  "acceptSpec",
  "beginInitialisation",
  "shiftToPrimary",
  "recordCopied",
  "shiftToPromoted",
  "finishRestore",
  "recordRouted",
  "confirmDrain",
  "reportUnconfirmedDrain",
  "goOnUndrained",
  "finishDrain",
  "waitForMetric",
  "restartStages",
  "shiftTraffic",
  "recordStageRouted",
  "confirmTraffic",
  "startPromotion",
  "advance",
  "settleFailed",
  "startRelease",
  "reportStall",
  "recordTold",
  "refresh",
  "recordWorkloads",
  "hold",
] as const;
/** Name of a rule. */
export type RuleName = (typeof ruleNames)[number];
