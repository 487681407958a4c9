/** How long requests take, and in which bucket of Prometheus' default histogram each of them falls. */
import { drawBinomial, type Random } from "./samplers.ts";

/** Upper bounds in ms, ascending; the last bucket of all is open upwards. */
export const bounds: readonly number[] = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];
export const bucketCount = bounds.length + 1;
/** First bucket of those slower than 500 ms: what callers call slow. */
export const slowFrom = bounds.indexOf(500) + 1;

const medianMs = 60;
const sigma = 0.758;
/** Requests of a slow tail take 1.5 s. */
const tailBucket = bounds.findIndex((bound) => bound >= 1500);

/** Lognormal times, some of them replaced by 1.5 s. */
export interface Latency {
  /** Factor on all times. */
  readonly scale: number;
  /** Share (0 to 1) of requests that take 1.5 s instead. */
  readonly tailShare: number;
}

export const usual: Latency = { scale: 1, tailShare: 0 };

/** Share (0 to 1) of requests by bucket, in ascending order of bounds. */
export function bucketShares({ scale, tailShare }: Latency): readonly number[] {
  const below = [
    ...bounds.map((bound) => normalBelow(Math.log(bound / medianMs / scale) / sigma)),
    1,
  ];
  return below.map((share, bucket) => {
    const body = (share - (below[bucket - 1] ?? 0)) * (1 - tailShare);
    return bucket === tailBucket ? body + tailShare : body;
  });
}

/** Share (0 to 1) of requests slower than 500 ms. */
export function slowShare(latency: Latency): number {
  return bucketShares(latency)
    .slice(slowFrom)
    .reduce((sum, share) => sum + share, 0);
}

/** P(Z ≤ z) of the standard normal distribution: its series near 0, its continued fraction in the tails. */
export function normalBelow(z: number): number {
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  if (Math.abs(z) < 3) {
    let term = z;
    let sum = z;
    for (let odd = 3; Math.abs(term) > 1e-17; odd += 2) {
      term *= (z * z) / odd;
      sum += term;
    }
    return 0.5 + density * sum;
  }
  let fraction = Math.abs(z);
  for (let step = 60; step > 0; step -= 1) fraction = Math.abs(z) + step / fraction;
  const tail = density / fraction;
  return z < 0 ? tail : 1 - tail;
}

/** Adds requests to the counts of their buckets, which begin at `at`. */
export type BucketSampler = (
  random: Random,
  requests: number,
  counts: Uint16Array,
  at: number,
) => void;

const samplers = new Map<number, Map<number, BucketSampler>>();

/** The sampler of a shape of times; each is made once. */
export function bucketSampler(latency: Latency): BucketSampler {
  const { scale, tailShare } = latency;
  const byTail = samplers.get(scale) ?? new Map<number, BucketSampler>();
  samplers.set(scale, byTail);
  const known = byTail.get(tailShare);
  if (known !== undefined) return known;
  const made = createBucketSampler(bucketShares(latency));
  byTail.set(tailShare, made);
  return made;
}

/** Up to this many requests each is drawn alone; more are split bucket by bucket. */
const aloneUntil = 100;
const guideSize = 4096;

function createBucketSampler(shares: readonly number[]): BucketSampler {
  const last = shares.length - 1;
  const upTo = Float64Array.from(shares, (_, bucket) =>
    bucket === last ? 1 : shares.slice(0, bucket + 1).reduce((a, b) => a + b, 0),
  );
  // Where to begin the search for a level: the bucket in which its slice of [0, 1) begins.
  const guide = Uint8Array.from({ length: guideSize }, (_, index) =>
    upTo.findIndex((sum) => index / guideSize < sum),
  );
  const drawEach: BucketSampler = (random, requests, counts, at) => {
    for (let drawn = 0; drawn < requests; drawn += 1) {
      const level = random();
      let bucket = guide[Math.floor(level * guideSize)] ?? 0;
      while (level >= (upTo[bucket] ?? 1)) bucket += 1;
      counts[at + bucket] = (counts[at + bucket] ?? 0) + 1;
    }
  };
  const split: BucketSampler = (random, requests, counts, at) => {
    let left = requests;
    for (let bucket = 0; bucket <= last && left > 0; bucket += 1) {
      const above = 1 - (upTo[bucket - 1] ?? 0);
      const share = bucket === last ? 1 : Math.min(1, (shares[bucket] ?? 0) / above);
      const count = drawBinomial(random, left, share);
      counts[at + bucket] = (counts[at + bucket] ?? 0) + count;
      left -= count;
    }
  };
  return (random, requests, counts, at) =>
    (requests <= aloneUntil ? drawEach : split)(random, requests, counts, at);
}
