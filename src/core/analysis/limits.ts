/** Bounds of the analysis: how much is remembered, how far a window reaches, how sure a breach must be. */

/** Most blocks kept per metric; beyond it the oldest are merged, so that no evidence is lost. */
export const maxBlocks = 64;

/** Most judged values kept per metric: more than `limit.consecutive` may ask for. */
export const maxValues = 16;

/** How far the window of a limit grows back from the end of the newest block, ms. */
export const limitWindowMs = 60_000;

/** Largest probability, if the true share were the limit, at which what was seen still counts as a breach. */
export const breachProbability = 0.01;

/** The same for a window that was grown beyond `minSamples`: up to a dozen nested looks share what one may err by. */
export const grownBreachProbability = 0.001;

/** The same of the newest block alone: else one bad block, seen again in a grown window, would count as two in a row. */
export const ownBreachProbability = 0.2;

/** Checks in a row that canary and stable must be beyond a limit together to be called an incident of both. */
export const sharedChecks = 2;

/** Requests of the canary without which traffic is not said to have moved. */
export const minProofRequests = 10;

/** How long a counter is remembered that answers no longer contain, ms; Prometheus itself looks back as far. */
export const rememberCounterMs = 300_000;

/** Largest number of requests on which the binomial tail is computed as it is; more are scaled down to it. */
export const maxTrials = 1e9;

/** Largest value of one counter that is believed: beyond it doubles no longer count requests one by one. */
export const maxCounter = Number.MAX_SAFE_INTEGER;

/** Largest number of requests shown in a check: what an int32 holds. */
export const maxSamplesShown = 2 ** 31 - 1;

/** How far the past is looked at, ms. */
export const maxPastMs = 1_800_000;

/** Most reads of the past at once. */
export const maxPastReads = 120;

/** How often it is tried to learn from the past: a release does not wait for it. */
export const maxLooksBack = 3;
