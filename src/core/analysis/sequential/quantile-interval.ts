/**
 * What is surely known of a quantile at every look, for people: the bounds of a histogram between which it lies. Coarser than
 * the comparison, so nothing is decided on it.
 */
import type { LatencyCounts } from "../measure.ts";
import { logBeta } from "./log-gamma.ts";

/** Bounds in the histogram's unit; undefined where it is open on that side. */
export interface QuantileInterval {
  readonly above: number | undefined;
  readonly atMost: number | undefined;
}

/**
 * The interval of the quantile (in (0, 1)), wrong with probability at most `alpha` over all looks at growing counts: a share p at
 * or below a bound is refuted once Beta(k+½, n−k+½)/Beta(½, ½) / (pᵏ(1−p)ⁿ⁻ᵏ) ≥ 1/α (Robbins' mixture, valid by Ville). `above` is
 * the largest bound below which surely fewer than the quantile lie, `atMost` the smallest below which surely more do.
 */
export function quantileInterval(
  { total, buckets }: LatencyCounts,
  quantile: number,
  alpha: number,
): QuantileInterval {
  let above: number | undefined;
  for (const { le, count } of buckets) {
    const share = total > 0 ? count / total : quantile;
    if (!isRefuted(count, total, { share: quantile, alpha })) continue;
    if (share > quantile) return { above, atMost: le };
    above = le;
  }
  return { above, atMost: undefined };
}

function isRefuted(
  count: number,
  total: number,
  { share, alpha }: { readonly share: number; readonly alpha: number },
): boolean {
  const rest = Math.max(0, total - count);
  const marginal = logBeta(count + 0.5, rest + 0.5) - logBeta(0.5, 0.5);
  const likelihood = count * Math.log(share) + rest * Math.log(1 - share);
  return marginal - likelihood >= Math.log(1 / alpha);
}
