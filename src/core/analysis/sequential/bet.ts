/**
 * The likelihood ratio of one block under a bet that the canary's share is ρ times what a margin allows. Its expectation is
 * at most 1 while the margin holds, whatever stable's share is; that is all that the evidence rests on.
 *
 * With n_c, n_s requests, x_c, x_s of them bad, margin p_c ≤ r·p_s + d and κ = n_c·r/n_s:
 *
 *     a = ρ(κ+1)/(κρ+1)    b = (κ+1)/(κρ+1)    ln L = x_c·ln a + x_s·ln b − n_c·d·(a−1)
 *
 * Proof. E[aˣ] = (1 + p(a−1))ⁿ ≤ exp(n·p·(a−1)) for a binomial x (equality for a Poisson one). For ρ > 1, a > 1, so with
 * p_c ≤ r·p_s + d the exponent is at most n_c(r·p_s + d)(a−1) + n_s·p_s(b−1) − n_c·d(a−1) = p_s·(n_c·r(a−1) + n_s(b−1)),
 * which is 0 by the choice of a and b. For ρ < 1, a < 1 turns the sign: the same holds while p_c ≥ r·p_s + d.
 */
import type { Margin } from "./margin.ts";

/** Requests of both versions over the same time, and how many of each were bad; not negative, bad ≤ requests. */
export interface PairedCounts {
  readonly canary: ArmCounts;
  readonly stable: ArmCounts;
}

/** Requests of one version. */
export interface ArmCounts {
  readonly requests: number;
  readonly bad: number;
}

/** What a bet makes of one block: ln L = `events` − `excess` × margin.excess. */
export interface BetOutcome {
  /** x_c·ln a + x_s·ln b. */
  readonly events: number;
  /** n_c·(a − 1): negative for bets below 1. */
  readonly exposure: number;
}

/** True if both versions had requests: else the block says nothing, L = 1. */
export function isPaired({ canary, stable }: PairedCounts): boolean {
  return canary.requests > 0 && stable.requests > 0;
}

/** The outcome of a bet ρ > 0 at a ratio r ≥ 0 on a block in which both versions had requests. */
export function betOn({ canary, stable }: PairedCounts, ratio: number, rho: number): BetOutcome {
  const kappa = (canary.requests * ratio) / stable.requests;
  const whole = kappa * rho + 1;
  const lnStable = Math.log((kappa + 1) / whole);
  const lnCanary = Math.log(rho) + lnStable;
  return {
    events: canary.bad * lnCanary + stable.bad * lnStable,
    exposure: (canary.requests * (rho - 1)) / whole,
  };
}

/** ln L of a block, see above. */
export function logRatio(counts: PairedCounts, { ratio, excess }: Margin, rho: number): number {
  const { events, exposure } = betOn(counts, ratio, rho);
  return events - exposure * excess;
}

/**
 * ln L of one version alone against a fixed share p_max: x·ln ρ − n·p_max·(ρ−1), for where there is nothing to compare
 * with. Its expectation is at most 1 while the share is at most p_max (ρ > 1), by the same inequality.
 */
export function logRatioAgainst(
  { requests, bad }: ArmCounts,
  mostShare: number,
  rho: number,
): number {
  return bad * Math.log(rho) - requests * mostShare * (rho - 1);
}
