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
 * everything, a block is also held against those before and after it.
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
  /** Stable's latest blocks, the latest last; at most four. */
  readonly recent: readonly PodTotal[];
}

const nothing: DispersionSum = { weighted: 0, weight: 0 };

/** Nothing seen: no overdispersion. */
export const noDispersion: Dispersion = { acrossPods: nothing, acrossTime: nothing, recent: [] };

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
/** Least that one block may show, across time: how a common outage begins must not hide later bursts. */
const leastRatio = -4;
/** Blocks before the newest that are remembered. */
const remembered = 4;
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
 * The sums after one more block of stable's. `totals` are those of the blocks before: a pod that always reports more bad requests
 * than others is no burst.
 */
export function addToDispersion(
  { acrossPods, acrossTime, recent }: Dispersion,
  pods: readonly PodCounts[],
  totals: PodTotals,
): Dispersion {
  const active = pods.filter(({ requests }) => requests > 0);
  const now = sumOfPods(active);
  return {
    acrossPods: addSeen(acrossPods, seenAmong(active, totals)),
    acrossTime: addSeen(acrossTime, seenAmid(recent, now)),
    recent: [...recent, now].slice(-remembered),
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

/**
 * The share of the block before the last, s, held against the blocks two before and two after it, r and t:
 * E[(s − r)(s − t)] is the variance of s for any level that all three share, and 0 where the level changes for good. Two apart,
 * since what falls between the scrapes of its reporters is counted in two blocks.
 */
function seenAmid(recent: readonly PodTotal[], now: PodTotal): Seen | undefined {
  const [first, , middle] = recent;
  if (first === undefined || middle === undefined || recent.length < remembered) return undefined;
  const { requests, bad } = sumOfPods([first, middle, now]);
  if (bad <= 0 || Math.min(first.requests, middle.requests, now.requests) <= 0) return undefined;
  const share = middle.bad / middle.requests;
  const product = (share - first.bad / first.requests) * (share - now.bad / now.requests);
  const mean = bad / requests;
  const variance = (mean * Math.max(leastGood, 1 - mean)) / middle.requests;
  return { statistic: Math.max(leastRatio, product / variance), freedom: 1, bad: bad / 3 };
}
