/** The value that counts amount to: a share in percent, a quantile of a classic histogram. Knows no limits. */
import type { Counts, LatencyCounts } from "./measure.ts";

/** A value in the metric's unit. */
export interface Measured {
  readonly value: number;
  /** True when the quantile lies beyond the highest finite bound: all that is known is that it exceeds `value`. */
  readonly isOpen: boolean;
}

/** The value of some counts: percent of bad requests, or the quantile of the durations; undefined without requests. */
export function measureCounts(counts: Counts, quantile: number): Measured | undefined {
  if (counts.total <= 0) return undefined;
  if (counts.kind === "Latency") return quantileOf(counts, quantile);
  return { value: (100 * counts.bad) / counts.total, isOpen: false };
}

/**
 * The quantile by linear interpolation inside the bucket that holds it, as Prometheus' histogram_quantile does (the
 * first bucket begins at 0). Where the bucket is open upwards the highest finite bound is given and said to be open,
 * not passed off as the value.
 */
function quantileOf({ total, buckets }: LatencyCounts, quantile: number): Measured | undefined {
  const rank = quantile * total;
  let below = { le: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= rank && bucket.count > below.count) {
      const within = Math.max(0, (rank - below.count) / (bucket.count - below.count));
      const floor = Math.min(below.le, bucket.le);
      return { value: floor + (bucket.le - floor) * within, isOpen: false };
    }
    below = bucket;
  }
  return buckets.length === 0 ? undefined : { value: below.le, isOpen: true };
}

/**
 * Requests that were surely slower than `limit`: exact when the limit is a bound of the histogram, else those above
 * the next higher bound; none when no bound reaches the limit.
 */
export function requestsAbove({ total, buckets }: LatencyCounts, limit: number): number {
  const bound = buckets.find(({ le }) => le >= limit);
  return bound === undefined ? 0 : Math.max(0, total - bound.count);
}
