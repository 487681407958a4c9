/** A share of runs, and what can be said of the true one. */

/** Standard normal quantile of 0.95: a one-sided limit that holds 95 times in 100. */
const z95 = 1.6448536269514722;

/** Wilson's one-sided 95 % limits of a share, 0 to 1 (E. B. Wilson, 1927). */
export function wilsonLimits(
  hits: number,
  runs: number,
): { readonly low: number; readonly high: number } {
  if (runs <= 0) return { low: 0, high: 1 };
  const share = hits / runs;
  const square = z95 * z95;
  const centre = (share + square / (2 * runs)) / (1 + square / runs);
  const half =
    (z95 / (1 + square / runs)) *
    Math.sqrt((share * (1 - share)) / runs + square / (4 * runs * runs));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
