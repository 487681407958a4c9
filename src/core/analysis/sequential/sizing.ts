/** How many canary requests it takes, before any was seen: what can be promised of a release at its rate. */
import { betOn } from "./bet.ts";
import type { Margin } from "./margin.ts";
import { promotionBets } from "./promotion-evidence.ts";
import { rollbackBets } from "./rollback-evidence.ts";

/** What is expected of the traffic. */
export interface ExpectedTraffic {
  /** Stable's share of bad requests, 0 to 1. */
  readonly share: number;
  /** Stable requests for each canary request, above 0. */
  readonly stablePerCanary: number;
  /** Overdispersion, at least 1. */
  readonly dispersion: number;
}

/**
 * Canary requests after which a version as good as stable is expected to exclude the harmful margin with probability of error
 * β: φ·(ln(1/β) + ln(number of bets)) over the largest growth of ln E per request. Infinity where no bet grows.
 */
export function requestsToPromote(harmful: Margin, beta: number, traffic: ExpectedTraffic): number {
  const growth = largestGrowth(promotionBets, harmful, { ...traffic, canaryShare: traffic.share });
  return needed(Math.log(promotionBets.length / beta), growth, traffic);
}

/**
 * Canary requests after which a version with this share of bad requests is expected to be rolled back: the same with ln(1/α) and
 * ln 20, which is what mixing over bets, metrics and starts costs. Infinity within the tolerated margin.
 */
export function requestsToRollBack(
  tolerated: Margin,
  alpha: number,
  traffic: ExpectedTraffic & { readonly canaryShare: number },
): number {
  return needed(Math.log(mixing / alpha), largestGrowth(rollbackBets, tolerated, traffic), traffic);
}

const mixing = 20;

/** The smallest excess (a share) that can be expected to be excluded within so many canary requests; undefined if not even 1. */
export function excessWithin(
  requests: number,
  harmful: Margin,
  { beta, traffic }: { readonly beta: number; readonly traffic: ExpectedTraffic },
): number | undefined {
  const suffices = (excess: number): boolean =>
    requestsToPromote({ ...harmful, excess }, beta, traffic) <= requests;
  if (!suffices(1)) return undefined;
  let [low, high] = [0, 1];
  for (let step = 0; step < halvings; step += 1) {
    const middle = (low + high) / 2;
    if (suffices(middle)) high = middle;
    else low = middle;
  }
  return high;
}

const halvings = 17;

/** Requests on which growth per request is worked out: enough that it does not matter. */
const sample = 1e6;

function largestGrowth(
  bets: readonly number[],
  margin: Margin,
  traffic: ExpectedTraffic & { readonly canaryShare: number },
): number {
  return Math.max(...growths(bets, margin, traffic));
}

/**
 * What one canary request of a version as good as stable brings each promotion bet, ln, divided by the overdispersion: a way
 * through several weights adds these up.
 */
export function promotionGrowths(harmful: Margin, traffic: ExpectedTraffic): readonly number[] {
  return growths(promotionBets, harmful, { ...traffic, canaryShare: traffic.share }).map(
    (growth) => growth / traffic.dispersion,
  );
}

function growths(
  bets: readonly number[],
  { ratio, excess }: Margin,
  traffic: ExpectedTraffic & { readonly canaryShare: number },
): readonly number[] {
  const { share, stablePerCanary, canaryShare } = traffic;
  const stable = sample * stablePerCanary;
  const counts = {
    canary: { requests: sample, bad: sample * canaryShare },
    stable: { requests: stable, bad: stable * share },
  };
  return bets.map((rho) => {
    const { events, exposure } = betOn(counts, ratio, rho);
    return (events - exposure * excess) / sample;
  });
}

function needed(target: number, growth: number, { dispersion }: ExpectedTraffic): number {
  return growth > 0 ? (dispersion * target) / growth : Number.POSITIVE_INFINITY;
}
