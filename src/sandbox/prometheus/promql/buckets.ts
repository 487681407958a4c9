/** Quantiles of classic histograms: cumulative buckets whose upper bound is the label `le`. */

import type { Labels } from "../label-set.ts";
import { BUCKET_LABEL, dropLabels, labelSignature } from "../label-set.ts";
import type { Vector, VectorSample } from "./value.ts";

interface Bucket {
  readonly upperBound: number;
  readonly count: number;
}

/** Relative differences between neighbouring counts up to this are rounding, not observations. */
const ROUNDING_TOLERANCE = 1e-12;

/** One quantile for each set of buckets that differ in `le` alone. */
export function histogramQuantile(quantile: number, vector: Vector): Vector {
  const histograms = new Map<string, { labels: Labels; atMs: number; buckets: Bucket[] }>();
  for (const sample of vector) {
    const upperBound = parseBound(sample);
    if (upperBound === undefined) continue;
    const labels = dropLabels(sample.labels, [BUCKET_LABEL]);
    const key = labelSignature(labels);
    const bucket = { upperBound, count: sample.value };
    const known = histograms.get(key);
    if (known === undefined) histograms.set(key, { labels, atMs: sample.atMs, buckets: [bucket] });
    else known.buckets.push(bucket);
  }
  return [...histograms.values()].map(({ labels, atMs, buckets }) => ({
    name: "",
    labels,
    atMs,
    value: bucketQuantile(quantile, buckets),
  }));
}

function parseBound({ labels }: VectorSample): number | undefined {
  const text = labels[BUCKET_LABEL];
  if (text === undefined) return undefined;
  if (/^\+?inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-inf$/i.test(text)) return Number.NEGATIVE_INFINITY;
  const bound = Number(text);
  return Number.isNaN(bound) ? undefined : bound;
}

/**
 * Linear inside a bucket; the lowest bucket starts at 0 when its bound is positive; what falls into +Inf answers
 * the second-highest bound.
 */
function bucketQuantile(quantile: number, unsorted: readonly Bucket[]): number {
  if (Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return Number.NEGATIVE_INFINITY;
  if (quantile > 1) return Number.POSITIVE_INFINITY;
  const buckets = monotonic(merged(unsorted));
  const highest = buckets.at(-1);
  const second = buckets.at(-2);
  if (highest === undefined || second === undefined) return Number.NaN;
  if (highest.upperBound !== Number.POSITIVE_INFINITY || highest.count === 0) return Number.NaN;
  const rank = quantile * highest.count;
  const found = buckets.slice(0, -1).findIndex(({ count }) => count >= rank);
  const bucket = buckets[found];
  return bucket === undefined ? second.upperBound : interpolate(bucket, buckets[found - 1], rank);
}

function interpolate(bucket: Bucket, below: Bucket | undefined, rank: number): number {
  if (below === undefined && bucket.upperBound <= 0) return bucket.upperBound;
  const start = below?.upperBound ?? 0;
  const countBelow = below?.count ?? 0;
  const fraction = (rank - countBelow) / (bucket.count - countBelow);
  return start + (bucket.upperBound - start) * fraction;
}

/** Sorted by bound, with the counts of equal bounds (`le="1"` beside `le="1.0"`) added. */
function merged(buckets: readonly Bucket[]): readonly Bucket[] {
  const counts = new Map<number, number>();
  for (const { upperBound, count } of buckets) {
    counts.set(upperBound, (counts.get(upperBound) ?? 0) + count);
  }
  return [...counts]
    .map(([upperBound, count]) => ({ upperBound, count }))
    .sort((a, b) => (a.upperBound < b.upperBound ? -1 : 1));
}

/** Counts that never fall with the bound: rounding is levelled and a fall is lifted to what came before. */
function monotonic(buckets: readonly Bucket[]): readonly Bucket[] {
  let floor = buckets[0]?.count ?? 0;
  return buckets.map(({ upperBound, count }) => {
    const isRounding = Math.abs(count - floor) / count <= ROUNDING_TOLERANCE;
    if (count > floor && !isRounding) floor = count;
    return { upperBound, count: floor };
  });
}
