/**
 * Whether requests are divided as the weight says: who compares versions that get unlike traffic compares traffic. Valid at
 * every look, like the evidence.
 */
import { logBeta } from "./log-gamma.ts";

/** What was set, and what was counted since. */
export interface SampleRatio {
  /** Percent, above 0 and below 100. */
  readonly weight: number;
  /** Most of stable's requests (a share, 0 to 1) that routes outside management may have sent it; lowers the canary's share. */
  readonly unmanagedShare: number;
  /** Requests since the weight was seen in force. */
  readonly canary: number;
  readonly stable: number;
}

/** Deviations that nobody minds: retries, stragglers, callers that reuse connections. */
const tolerance = 1.25;
/** Strength of the prior of what the share may be instead, in requests. */
const strength = 100;

/**
 * ln of the evidence that the canary's share lies outside [w(1−u)/1.25, 1.25·w]: the Dirichlet-multinomial likelihood with prior
 * 100·(w, 1−w) over the largest likelihood inside, which no share inside can expect to be above 1 (Lindon and Malek, NeurIPS
 * 2022; the largest likelihood makes it hold for all of them). At or above ln(1/α) the split is not what was set.
 */
export function logSplitEvidence({ weight, unmanagedShare, canary, stable }: SampleRatio): number {
  const total = canary + stable;
  if (!(weight > 0 && weight < 100) || !(total > 0)) return 0;
  const share = weight / 100;
  const most = Math.min(1, share * tolerance);
  const least = (share * (1 - Math.min(1, Math.max(0, unmanagedShare)))) / tolerance;
  const nearest = Math.min(most, Math.max(least, canary / total));
  const marginal =
    logBeta(strength * share + canary, strength * (1 - share) + stable) -
    logBeta(strength * share, strength * (1 - share));
  return marginal - timesLog(canary, nearest) - timesLog(stable, 1 - nearest);
}

function timesLog(count: number, share: number): number {
  return count === 0 ? 0 : count * Math.log(share);
}
