/**
 * The latency of one version as a log-normal distribution with a given P99, cut into Istio's default buckets.
 * Decides shares only; drawing from them is the caller's.
 */

/** Upper bounds in milliseconds of Istio's default histogram; one more bucket, +Inf, follows. */
export const bucketBoundsMs: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
  600_000, 1_800_000, 3_600_000,
];

/** Spread of ln(latency). With 0.6 the median is a quarter of the P99, as for a healthy HTTP service. */
const sigma = 0.6;
const normalQuantile99 = 2.3263478740408408;
const shortestP99Ms = 0.001;

export interface LatencySpec {
  /** 99 % of the answers take at most this long, before anything is added. */
  readonly p99Ms: number;
  /** A delay in front of every answer (an injected fault). */
  readonly addedMs: number;
  /** Only answers that arrive before this instant (a timeout); Infinity for all. */
  readonly beforeMs: number;
}

/** A distribution over the buckets: running totals of probability, and each bucket's mean in milliseconds. */
export interface LatencyBuckets {
  readonly cumulative: readonly number[];
  readonly meanMs: readonly number[];
}

/** The share of answers that need at least `ms`. */
export function shareSlowerThan(p99Ms: number, ms: number): number {
  return ms <= 0 ? 1 : 1 - cumulativeShare(p99Ms, ms);
}

export function latencyBuckets(spec: LatencySpec): LatencyBuckets {
  const { p99Ms, addedMs, beforeMs } = spec;
  const shareAt = (ms: number) => cumulativeShare(p99Ms, Math.min(ms, beforeMs) - addedMs);
  const all = shareAt(Number.POSITIVE_INFINITY);
  const bounds = [...bucketBoundsMs, Number.POSITIVE_INFINITY];
  const cumulative = bounds.map((bound) => (all > 0 ? shareAt(bound) / all : 1));
  const meanMs = bounds.map((bound, place) =>
    bucketMean(spec, bounds[place - 1] ?? 0, Math.min(bound, beforeMs)),
  );
  return { cumulative, meanMs };
}

/** Mean of a shifted log-normal between two bounds: E[X; a<X≤b] = mean × (Φ(z_b − σ) − Φ(z_a − σ)). */
function bucketMean(spec: LatencySpec, fromMs: number, toMs: number): number {
  const mu = logMedian(spec.p99Ms);
  const low = zScore(mu, fromMs - spec.addedMs);
  const high = zScore(mu, toMs - spec.addedMs);
  const share = normalCdf(high) - normalCdf(low);
  if (share < 1e-9) return Number.isFinite(toMs) ? toMs : fromMs;
  const mean = Math.exp(mu + (sigma * sigma) / 2);
  const partial = (mean * (normalCdf(high - sigma) - normalCdf(low - sigma))) / share;
  return Math.min(toMs, Math.max(fromMs, partial + spec.addedMs));
}

function cumulativeShare(p99Ms: number, ms: number): number {
  return normalCdf(zScore(logMedian(p99Ms), ms));
}

function logMedian(p99Ms: number): number {
  return Math.log(Math.max(p99Ms, shortestP99Ms)) - normalQuantile99 * sigma;
}

function zScore(mu: number, ms: number): number {
  return ms <= 0 ? Number.NEGATIVE_INFINITY : (Math.log(ms) - mu) / sigma;
}

/** Φ by Abramowitz and Stegun 7.1.26 (absolute error below 1e-7), which is finer than any draw can show. */
function normalCdf(z: number): number {
  if (z === Number.POSITIVE_INFINITY) return 1;
  if (z === Number.NEGATIVE_INFINITY) return 0;
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const poly =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = 0.5 * poly * Math.exp(-x * x);
  return z >= 0 ? 1 - tail : tail;
}
