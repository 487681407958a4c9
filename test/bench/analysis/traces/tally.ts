/** Requests counted by outcome, and the values that Prometheus would compute of them. */
import { bounds, bucketCount, slowFrom } from "./latency.ts";

export interface Tally {
  readonly requests: number;
  readonly errors: number;
  /** Requests by bucket of latency, not cumulated. */
  readonly buckets: readonly number[];
}

export const emptyTally: Tally = { requests: 0, errors: 0, buckets: Array(bucketCount).fill(0) };

export function addTallies(a: Tally, b: Tally): Tally {
  return {
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    buckets: a.buckets.map((count, bucket) => count + (b.buckets[bucket] ?? 0)),
  };
}

/** Requests slower than 500 ms. */
export function slowOf({ buckets }: Tally): number {
  return buckets.slice(slowFrom).reduce((sum, count) => sum + count, 0);
}

/** Share of requests without an error, 0 to 1; NaN without requests, as in PromQL. */
export function successShare({ requests, errors }: Tally): number {
  return requests > 0 ? (requests - errors) / requests : Number.NaN;
}

/** P99 in ms as histogram_quantile has it: linear in its bucket, the highest finite bound beyond it; NaN without requests. */
export function p99({ buckets }: Tally): number {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total <= 0) return Number.NaN;
  let left = 0.99 * total;
  for (const [bucket, bound] of bounds.entries()) {
    const count = buckets[bucket] ?? 0;
    const floor = bounds[bucket - 1] ?? 0;
    if (count > 0 && left <= count) return floor + ((bound - floor) * left) / count;
    left -= count;
  }
  return bounds.at(-1) ?? Number.NaN;
}
