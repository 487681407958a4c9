/** The names of the rules, in the order in which they are asked. */

/** First match wins. */
export const ruleNames = [
  "rollBack",
  "restorePrimary",
  "revert",
  "supersede",
  "refuseSpec",
  "acceptSpec",
  "beginInitialisation",
  "shiftToPrimary",
  "finishInitialisation",
  "startPrimaryRollout",
  "shiftToPromoted",
  "finishRestore",
  "finishPromotion",
  "recordRouted",
  "confirmDrain",
  "reportUnconfirmedDrain",
  "finishDrain",
  "shiftTraffic",
  "recordStageRouted",
  "confirmTraffic",
  "startPromotion",
  "advance",
  "settleFailed",
  "startRelease",
  "recordTold",
  "refresh",
  "hold",
] as const;
export type RuleName = (typeof ruleNames)[number];
