/**
 * Which durations count as slow in a comparison: bounds of the histogram, so that "slower than" is counted and not guessed.
 * Chosen once, from stable's requests before those that are judged by them.
 */
import type { LatencyCounts } from "../measure.ts";

/** Fewest requests of stable's from which bounds are chosen. */
export const requestsToChoose = 200;
/** Bounds beside the limit's. */
const mostTailBounds = 2;
/** Stable's share above such a bound: enough to count, few enough to be a tail; nearest to the P99. */
const tail = { least: 0.001, most: 0.1, wanted: 0.01 } as const;

/**
 * The limit's bound, or the next above it, and up to two bounds that stable exceeds with 0.1 to 10 % of its requests, those
 * nearest to 1 % (by ratio). In the template's unit, ascending. Empty where stable has too few requests to choose by.
 */
export function chooseBounds({ total, buckets }: LatencyCounts, limit: number): readonly number[] {
  if (total < requestsToChoose) return [];
  const atLimit = buckets.find(({ le }) => le >= limit)?.le;
  const tails = buckets
    .map(({ le, count }) => ({ le, share: (total - count) / total }))
    .filter(({ le, share }) => le !== atLimit && share >= tail.least && share <= tail.most)
    .sort((a, b) => distance(a.share) - distance(b.share))
    .slice(0, mostTailBounds)
    .map(({ le }) => le);
  return [...(atLimit === undefined ? [] : [atLimit]), ...tails].sort((a, b) => a - b);
}

function distance(share: number): number {
  return Math.abs(Math.log(share / tail.wanted));
}

/** Requests above a bound that the histogram has; undefined where it has not got it. */
export function countAbove({ total, buckets }: LatencyCounts, bound: number): number | undefined {
  if (total <= 0) return 0;
  const bucket = buckets.find(({ le }) => le === bound);
  return bucket === undefined ? undefined : Math.max(0, total - bucket.count);
}
