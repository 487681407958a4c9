/**
 * How surprising a number of bad requests is: the upper tail of the binomial distribution. Point probabilities by the
 * saddle-point expansion of C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000), which has no
 * cancellation; the tail is summed from its largest term by the ratio of neighbouring terms.
 */
import { maxTrials } from "./limits.ts";

/**
 * P(X ≥ x) for X ~ Binomial(n, p): how likely at least `x` bad among `n` requests are if the true share is `p`.
 * Total: arguments are brought into range first (p into [0, 1]; n to a whole number ≥ 0; x rounded down), and numbers
 * beyond `maxTrials` are scaled down together, which can only make the evidence weaker. Relative error below 1e-11.
 */
export function binomialUpperTail(x: number, n: number, p: number): number {
  const share = Number.isFinite(p) ? Math.min(1, Math.max(0, p)) : 1;
  const trials = Number.isFinite(n) ? Math.max(0, Math.round(n)) : 0;
  const hits = Number.isNaN(x) ? 0 : Math.floor(x);
  const scale = trials > maxTrials ? maxTrials / trials : 1;
  return upperTail(Math.floor(hits * scale), Math.round(trials * scale), share);
}

function upperTail(x: number, n: number, p: number): number {
  if (x <= 0) return 1;
  if (x > n || p === 0) return 0;
  if (p === 1) return 1;
  if (x > n * p) return Math.min(1, sumUpwards(x, n, p));
  return Math.max(0, 1 - sumUpwards(n - x + 1, n, 1 - p));
}

/** P(X ≥ x) for 0 < x ≤ n, 0 < p < 1; terms fall from the first one when x lies above the mean. */
function sumUpwards(x: number, n: number, p: number): number {
  const odds = p / (1 - p);
  let term = 1;
  let sum = 1;
  for (let k = x; k < n && term > sum * Number.EPSILON; k += 1) {
    term *= ((n - k) / (k + 1)) * odds;
    sum += term;
  }
  return sum * pointProbability(x, n, p);
}

/** P(X = x), 0 < p < 1. */
function pointProbability(x: number, n: number, p: number): number {
  if (x === 0) return Math.exp(n * Math.log1p(-p));
  if (x === n) return Math.exp(n * Math.log(p));
  const exponent =
    stirlingError(n) -
    stirlingError(x) -
    stirlingError(n - x) -
    deviance(x, n * p) -
    deviance(n - x, n * (1 - p));
  return Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * x * (n - x)));
}

/** ln n! − ln(√(2πn) (n/e)^n) for whole n ≥ 1: the error of Stirling's formula. */
function stirlingError(n: number): number {
  if (n < 16) {
    let logFactorial = 0;
    for (let k = 2; k <= n; k += 1) logFactorial += Math.log(k);
    return logFactorial - (0.5 * Math.log(2 * Math.PI * n) + n * Math.log(n) - n);
  }
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / square) / square) / square) / n;
}

/** x ln(x/m) + m − x without cancellation near x = m (the function bd0 of Loader's paper). */
function deviance(x: number, mean: number): number {
  const gap = x - mean;
  if (Math.abs(gap) >= 0.1 * (x + mean)) return x * Math.log(x / mean) - gap;
  const ratio = gap / (x + mean);
  let sum = gap * ratio;
  let power = 2 * x * ratio;
  for (let j = 3; j < 1000; j += 2) {
    power *= ratio * ratio;
    const next = sum + power / j;
    if (next === sum) return next;
    sum = next;
  }
  return sum;
}
