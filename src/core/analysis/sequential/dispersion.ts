/**
 * How much more the number of bad requests varies than chance alone would have it: bursts, retries, requests that fail
 * together. Told from stable's blocks alone, and only used on later ones, so that the evidence stays valid.
 *
 * Pearson's statistic of how a block's bad requests fall on the reporting pods: swings that all pods share cancel. With X
 * bad requests, of which pod k is expected to report the share q_k, its expectation is K − 1 for any X if each falls by itself,
 * and φ times that if they come in clusters of (size-weighted) mean φ. Dividing ln L by φ is exactly valid for clusters of at
 * most φ, since E[a^(Y/m)] ≤ 1 + E[Y](a−1)/m for Y ≤ m (a chord of a convex function), and never invalid.
 *
 * The burst of a pod that others report spreads over all of them and cancels as well. There, and where one pod reports
 * everything, a block is held against the one before it too: a common outage then passes for a burst, which is slower, and safe.
 */
import { type PodCounts, type PodTotal, type PodTotals, sumOfPods } from "./pod-counts.ts";

/** Sums over stable's blocks. */
export interface DispersionSum {
  /** Σ weight × Pearson's statistic per degree of freedom. */
  readonly weighted: number;
  /** Σ weight. */
  readonly weight: number;
}

/** How bad requests fall on the pods that report them, and on one block after the other. */
export interface Dispersion {
  readonly acrossPods: DispersionSum;
  readonly acrossTime: DispersionSum;
}

const nothing: DispersionSum = { weighted: 0, weight: 0 };

/** Nothing seen: no overdispersion. */
export const noDispersion: Dispersion = { acrossPods: nothing, acrossTime: nothing };

/** Weight, in bad requests × degrees of freedom, with which no overdispersion is presumed before anything was seen. */
const presumed = 20;
/** Bad requests beyond which a block weighs no more: an outage is one event, however many requests it takes. */
const mostBad = 32;
/** Most that one block may show: how a common outage begins and ends is no burst. */
const mostRatio = 64;
/** Bad requests of a pod at which its own past counts as much as what all pods have in common. */
const pooling = 10;
/** Least share of good requests in the variance, where nearly all are bad. */
const leastGood = 0.05;
/** Overdispersion up to this is taken for chance; beyond it a margin is added for what the canary may have more. */
const negligible = 1.25;
const safety = 1.2;

/** Who reports stable's requests: several pods their own, or callers (or one pod) those of all pods. */
export type Reporters = "OwnPods" | "Callers";

/** How many pods report on themselves; undefined where callers report, or nothing came of one of the two versions. */
export type OwnPods = { readonly canary: number; readonly stable: number } | undefined;

/** Who reports, by how many pods report on themselves. */
export function reportersOf(pods: OwnPods): Reporters {
  return pods !== undefined && pods.stable > 1 ? "OwnPods" : "Callers";
}

/** φ, at least 1. */
export function dispersionOf({ acrossPods, acrossTime }: Dispersion, reporters: Reporters): number {
  const amongPods = factorOf(acrossPods);
  return reporters === "OwnPods" ? amongPods : Math.max(amongPods, factorOf(acrossTime));
}

function factorOf({ weighted, weight }: DispersionSum): number {
  const estimate = (weighted + presumed) / (weight + presumed);
  return estimate > negligible ? safety * estimate : 1;
}

/**
 * The sums after one more block of stable's. `totals` are those of the blocks before, `before` the latest of them: a pod that
 * always reports more bad requests than others is no burst.
 */
export function addToDispersion(
  { acrossPods, acrossTime }: Dispersion,
  pods: readonly PodCounts[],
  { totals, before }: { readonly totals: PodTotals; readonly before: PodTotal },
): Dispersion {
  const active = pods.filter(({ requests }) => requests > 0);
  return {
    acrossPods: addSeen(acrossPods, seenAmong(active, totals)),
    acrossTime: addSeen(acrossTime, seenSince(before, sumOfPods(active))),
  };
}

function addSeen(past: DispersionSum, seen: Seen | undefined): DispersionSum {
  if (seen === undefined) return past;
  const weight = seen.freedom * Math.min(mostBad, seen.bad);
  const ratio = Math.min(mostRatio, seen.statistic / seen.freedom);
  return { weighted: past.weighted + weight * ratio, weight: past.weight + weight };
}

interface Seen {
  readonly statistic: number;
  readonly freedom: number;
  readonly bad: number;
}

function seenAmong(pods: readonly PodCounts[], totals: PodTotals): Seen | undefined {
  // Of pods that were never seen nobody knows which of them always fail more: the first block only teaches that.
  if (pods.length < 2 || totals.size === 0) return undefined;
  const { requests, bad } = sumOfPods(pods);
  if (bad <= 0) return undefined;
  const past = sumOfPods(totals.values());
  const pastShare = past.requests > 0 ? past.bad / past.requests : 0;
  const expected = pods.map(({ pod, requests: own }) => own * leaning(totals.get(pod), pastShare));
  const whole = expected.reduce((sum, each) => sum + each, 0);
  const good = Math.max(leastGood, 1 - bad / requests);
  const statistic = pods.reduce((sum, pod, k) => {
    const mean = (bad * (expected[k] ?? 0)) / whole;
    const own = totals.get(pod.pod)?.bad ?? 0;
    // The pod's own past is an estimate, whose error adds to the variance.
    const variance = mean * good * (1 + (mean * own) / (own + pooling) ** 2);
    return sum + (pod.bad - mean) ** 2 / variance;
  }, 0);
  return { statistic, freedom: pods.length - 1, bad };
}

/** How many times as many bad requests as others the pod is expected to report. */
function leaning(own: PodTotal | undefined, share: number): number {
  if (own === undefined) return 1;
  return (own.bad + pooling) / (own.requests * share + pooling);
}

/** Given the bad requests of two blocks together, those of the later one are binomial. */
function seenSince(before: PodTotal, now: PodTotal): Seen | undefined {
  const bad = now.bad + before.bad;
  if (bad <= 0 || before.requests <= 0 || now.requests <= 0) return undefined;
  const requests = now.requests + before.requests;
  const share = now.requests / requests;
  const good = Math.max(leastGood, 1 - bad / requests);
  const statistic = (now.bad - bad * share) ** 2 / (bad * share * (1 - share) * good);
  return { statistic, freedom: 1, bad };
}
