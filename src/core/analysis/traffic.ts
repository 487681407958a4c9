/**
 * What measured requests say about where traffic goes: whether it moved to the canary, how much routes outside
 * Serin's management send to stable, whether it has left the canary. Judges no version.
 */
import type { MetricFacts } from "../canary/snapshot.ts";
import { limitWindowMs, minProofRequests } from "./limits.ts";
import type { Block } from "./measure.ts";
import type { MetricState } from "./metric-state.ts";
import { growWindow } from "./window.ts";
import { wordNumber, wordRequests } from "./wording.ts";

/** Requests by version, and the end (ms) of the newest block they were counted in. */
export interface Traffic {
  readonly canary: number;
  readonly stable: number;
  readonly latestEndAt: number;
}

/** How the share of the canary is judged. */
export interface TrafficProof {
  /** Weight set, percent, 1 to 100. */
  readonly weight: number;
  /** Learned share (0 to 1) of requests that routes outside management send to stable; undefined: not learned. */
  readonly unmanagedShare: number | undefined;
  readonly hasUnmanagedRules: boolean;
  readonly traffic: Traffic | undefined;
}

/** Whether the traffic moved; shares are 0 to 1. */
export type TrafficMoved =
  | { readonly holds: true; readonly message: string; readonly observedShare: number }
  | { readonly holds: false; readonly because: string; readonly observedShare?: number };

/** Stable's share that is overlooked at weight 100: stragglers and requests under way. */
const stragglerShare = 0.02;

/** Share of unmanaged requests allowed for below weight 100 while rules outside management exist and none is learned. */
export const presumedUnmanagedShare = 0.8;

/** Least share of the canary at weight 100 under the same circumstances. */
const majority = 0.5;

/** Standard errors added to, or subtracted from, an estimate; one-sided 97.7 %. */
const slackErrors = 2;

/** Largest standard error with which an unmanaged share is learned, and with which a negligible one is. */
const learnableError = 0.15;
const negligibleError = 0.02;

/**
 * Requests by version since `fromMs`, over the metric that has most of them: newest blocks, growing backwards until the
 * canary has 10, only blocks that start at or after `fromMs`. Undefined if there are none.
 */
export function trafficSince(metrics: readonly MetricFacts[], fromMs: number): Traffic | undefined {
  let best: Traffic | undefined;
  for (const { state } of metrics) {
    const window = growWindow(state.blocks, { minSamples: minProofRequests, startsFrom: fromMs });
    const traffic = window === undefined ? undefined : trafficOf(window);
    if (traffic !== undefined && totalOf(traffic) > totalOf(best)) best = traffic;
  }
  return best;
}

function trafficOf({ canary, stable, endAt }: Block): Traffic {
  return { canary: canary.total, stable: stable.total, latestEndAt: endAt };
}

function totalOf(traffic: Traffic | undefined): number {
  return traffic === undefined ? 0 : traffic.canary + traffic.stable;
}

/**
 * Whether callers' reports prove that the weight is in force: at least 10 canary requests and a share of at least
 * half the weight of what managed routes carry. At weight 100 stable may keep 2 %, or the learned unmanaged share plus
 * two standard errors; where rules outside management exist and nothing was learned, the canary must have half of all.
 */
export function hasTrafficMoved(proof: TrafficProof): TrafficMoved {
  const { traffic, weight } = proof;
  const total = totalOf(traffic);
  if (traffic === undefined || total <= 0) {
    return { holds: false, because: "no requests were seen since the routes changed" };
  }
  const observedShare = traffic.canary / total;
  const seen = `the canary got ${wordShare(observedShare)} of ${wordRequests(total)}`;
  if (traffic.canary < minProofRequests) {
    const because = `${seen}; ${minProofRequests} canary requests are needed`;
    return { holds: false, because, observedShare };
  }
  const least = leastShare(proof, total);
  return observedShare >= least
    ? { holds: true, message: `${seen} at weight ${weight}`, observedShare }
    : { holds: false, because: `${seen}; at least ${wordShare(least)} is needed`, observedShare };
}

function leastShare(proof: TrafficProof, total: number): number {
  const { weight, unmanagedShare, hasUnmanagedRules } = proof;
  if (weight >= 100) {
    if (unmanagedShare === undefined) return hasUnmanagedRules ? majority : 1 - stragglerShare;
    const slack = slackErrors * Math.sqrt((unmanagedShare * (1 - unmanagedShare)) / total);
    return Math.max(0, 1 - Math.max(stragglerShare, unmanagedShare + slack));
  }
  const presumed = hasUnmanagedRules ? presumedUnmanagedShare : 0;
  return (weight / 200) * (1 - (unmanagedShare ?? presumed));
}

/** "9.5 %". */
export function wordShare(share: number): string {
  return `${wordNumber(100 * share)} %`;
}

/**
 * Upper estimate of the share (0 to 1) of requests that routes outside management send to stable, learned from the
 * requests seen at a weight below 100: with canary share s of n requests at weight w (0 to 1), the share is 1 − s/w, its
 * standard error √(s(1 − s)/n)/w, and two of these are added. Learned only if the error is at most 0.15 and the share is
 * surely above 0 (or the error is at most 0.02); else `previous` stays. Call it when a stage is left, long after the
 * routes changed; a newer estimate replaces an older one, since the share may change over the day.
 */
export function learnUnmanagedShare(
  previous: number | undefined,
  weight: number,
  canary: number,
  stable: number,
): number | undefined {
  const total = canary + stable;
  const fraction = weight / 100;
  if (!(fraction > 0 && fraction < 1) || !(total > 0) || canary < minProofRequests) return previous;
  const share = canary / total;
  const estimate = Math.max(0, 1 - share / fraction);
  const error = Math.sqrt((share * (1 - share)) / total) / fraction;
  const isLearned =
    error <= negligibleError || (error <= learnableError && estimate > slackErrors * error);
  return isLearned ? Math.min(1, estimate + slackErrors * error) : previous;
}

/** When the weight 0 was seen on the routes (ms), and how long mesh and scrapes need to show it (ms). */
export interface DrainProof {
  readonly routedAt: number;
  /** Propagation and one scrape. */
  readonly settleMs: number;
}

/**
 * Whether live requests to the canary have stopped. Yes: over the last scrape interval, that ends after the routes had
 * time to settle, the canary had none while stable had some. No: the canary had requests in the newest block, all of which
 * came after that time. Unknown: no block tells, or nobody has called for a minute since it ended.
 */
export function hasDrained(
  metrics: readonly MetricFacts[],
  proof: DrainProof,
): "Yes" | "No" | "Unknown" {
  const answers = metrics.map((metric) => drainSeenBy(metric, proof));
  if (answers.includes("No")) return "No";
  return answers.includes("Yes") ? "Yes" : "Unknown";
}

function drainSeenBy(
  { state, scrapeSeconds }: MetricFacts,
  { routedAt, settleMs }: DrainProof,
): "Yes" | "No" | "Unknown" {
  const newest = state.blocks.at(-1);
  const settledAt = routedAt + settleMs;
  if (newest === undefined || newest.endAt < settledAt) return "Unknown";
  if (newest.canary.total > 0) {
    const isLate = newest.startAt >= settledAt && !isQuiet(state, scrapeSeconds);
    return isLate ? "No" : "Unknown";
  }
  // Pods are scraped at different times: only a whole scrape interval has heard every one of them.
  const heardFrom = newest.endAt - 1000 * scrapeSeconds;
  const heard = state.blocks.filter(({ endAt }) => endAt > heardFrom);
  const isUncalled = heard.every(({ canary }) => canary.total <= 0);
  return isUncalled && heard.some(({ stable }) => stable.total > 0) ? "Yes" : "Unknown";
}

/** True if reads have gone on for a minute (two scrapes, if that is longer) since the last request was seen. */
function isQuiet({ blocks, readAt }: MetricState, scrapeSeconds: number): boolean {
  const newest = blocks.at(-1);
  if (newest === undefined) return true;
  return readAt !== undefined && readAt >= newest.endAt + quietMs(scrapeSeconds);
}

function quietMs(scrapeSeconds: number): number {
  return Math.max(limitWindowMs, 2000 * scrapeSeconds);
}

/**
 * True if the metrics were read, a whole scrape interval after `sinceMs` and lately, and no request to either version was
 * seen since then, or none for a minute: a service without traffic, where no drain can be seen.
 */
export function isSilent(metrics: readonly MetricFacts[], sinceMs: number, now: number): boolean {
  const counting = metrics.filter(countsRequests);
  return counting.length > 0 && counting.every((metric) => isSilentMetric(metric, sinceMs, now));
}

/** Whether the metric is made of counters of requests; a value says nothing of traffic. */
export function countsRequests({ kind }: Pick<MetricFacts, "kind">): boolean {
  return kind !== "Value";
}

function isSilentMetric(metric: MetricFacts, sinceMs: number, now: number): boolean {
  const { state, scrapeSeconds, queryTimeoutSeconds } = metric;
  if (state.readAt === undefined || state.failure !== undefined) return false;
  const longestAge = quietMs(scrapeSeconds) + 1000 * queryTimeoutSeconds;
  const isRead = state.readAt >= sinceMs + 1000 * scrapeSeconds && now - state.readAt <= longestAge;
  const isCalled = state.blocks.some(({ endAt }) => endAt > sinceMs);
  return isRead && (!isCalled || isQuiet(state, scrapeSeconds));
}
