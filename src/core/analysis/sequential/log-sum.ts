/** Sums of numbers that are kept as logarithms: evidence grows and shrinks by factors that doubles could not hold. */

/** ln(eᵃ + eᵇ) without overflow; −Infinity stands for nothing. */
export function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  if (high === Number.NEGATIVE_INFINITY) return high;
  return high === Number.POSITIVE_INFINITY ? high : high + Math.log1p(Math.exp(-Math.abs(a - b)));
}

/** ln Σ eˣ; −Infinity of nothing. */
export function logSum(terms: readonly number[]): number {
  return terms.reduce(logAdd, Number.NEGATIVE_INFINITY);
}

/** ln of the mean of eˣ; −Infinity of nothing. */
export function logMean(terms: readonly number[]): number {
  return terms.length === 0 ? Number.NEGATIVE_INFINITY : logSum(terms) - Math.log(terms.length);
}
