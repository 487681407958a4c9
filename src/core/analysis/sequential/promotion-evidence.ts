/**
 * Evidence that the canary is less bad than is harmful, for every excess at once. Per bet g two sums are kept, so that
 * ln E(d) = ln mean_g exp(A_g + d·C_g) can be asked for any excess d, and turned round: which excess is excluded by now.
 * E(d) reaches 1/β with probability at most β if the canary's share is r·p_s + d or more throughout (Ville's inequality).
 */
import type { BetOutcome } from "./bet.ts";
import { logMean } from "./log-sum.ts";

/** What share of the harmful one each bet assumes. */
export const promotionBets: readonly number[] = [0.001, 0.25, 0.5, 0.75];

/** O(1), whatever was seen. */
export interface PromotionEvidence {
  /** A_g = Σ (x_c·ln a + x_s·ln b)/φ, in the order of `promotionBets`. */
  readonly events: readonly number[];
  /** C_g = Σ n_c·(1 − a)/φ, not negative. */
  readonly exposure: readonly number[];
  /** Canary requests seen. */
  readonly requests: number;
}

/** Nothing seen: evidence 1 for every excess. */
export const noPromotionEvidence: PromotionEvidence = {
  events: promotionBets.map(() => 0),
  exposure: promotionBets.map(() => 0),
  requests: 0,
};

/** How a block enters. */
export interface PromotionStep {
  /** Of the bets, in order, at the ratio of the harmful margin. */
  readonly outcomes: readonly BetOutcome[];
  /** Overdispersion, at least 1, told by blocks before this one. */
  readonly dispersion: number;
  /** Canary requests of the block. */
  readonly requests: number;
}

/** The evidence after a block. */
export function addPromotionBlock(past: PromotionEvidence, step: PromotionStep): PromotionEvidence {
  const { outcomes, dispersion, requests } = step;
  return {
    events: past.events.map((sum, g) => sum + (outcomes[g]?.events ?? 0) / dispersion),
    exposure: past.exposure.map((sum, g) => sum - (outcomes[g]?.exposure ?? 0) / dispersion),
    requests: past.requests + requests,
  };
}

/** ln E(excess): at or above ln(1/β) an excess of that much (a share, 0 to 1), or more, is excluded. Rises with it. */
export function logPromotionEvidence(
  { events, exposure }: PromotionEvidence,
  excess: number,
): number {
  return logMean(events.map((sum, g) => sum + excess * (exposure[g] ?? 0)));
}

/** Halvings until an excess is known to a thousandth of a percentage point. */
const halvings = 17;

/**
 * The smallest excess over r·p_s (a share, 0 to 1) that is excluded with probability of error β; undefined where not even 1
 * is. Found by bisection, and rounded up, since what is told must hold.
 */
export function excludedExcess(evidence: PromotionEvidence, beta: number): number | undefined {
  const target = Math.log(1 / beta);
  if (logPromotionEvidence(evidence, 1) < target) return undefined;
  if (logPromotionEvidence(evidence, 0) >= target) return 0;
  let [low, high] = [0, 1];
  for (let step = 0; step < halvings; step += 1) {
    const middle = (low + high) / 2;
    if (logPromotionEvidence(evidence, middle) >= target) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * How many more canary requests exclude the excess, if they go as those before: the fewest over the bets of what is missing to
 * ln(1/β) + ln(number of bets), divided by what one request has brought. Undefined where none gets nearer.
 */
export function requestsToExclude(
  evidence: PromotionEvidence,
  excess: number,
  beta: number,
): number | undefined {
  const { events, exposure, requests } = evidence;
  if (requests <= 0) return undefined;
  if (logPromotionEvidence(evidence, excess) >= Math.log(1 / beta)) return 0;
  const target = Math.log(promotionBets.length / beta);
  const missing = events.flatMap((sum, g) => {
    const reached = sum + excess * (exposure[g] ?? 0);
    return reached > 0 ? [((target - reached) * requests) / reached] : [];
  });
  return missing.length === 0 ? undefined : Math.max(1, Math.min(...missing));
}
