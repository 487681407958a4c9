/** How much worse than stable is tolerated, and how much is harmful: the two margins of a comparison. */

/** A canary share p_c is within it up to `ratio` × p_s + `excess`, where p_s is stable's share of bad requests. */
export interface Margin {
  /** At least 1. */
  readonly ratio: number;
  /** A share, 0 to 1: 0.005 is half a percentage point. */
  readonly excess: number;
}

/** Rolled back is what is surely beyond `tolerated`; promoted is what is surely short of `harmful`. */
export interface Margins {
  readonly tolerated: Margin;
  readonly harmful: Margin;
}

/** What is tolerated of a process that has just begun: catastrophes still show, cold caches do not. Shares, 0 to 1. */
const warmupExcess = { Ratio: 0.05, Latency: 0.2 } as const;

/** The tolerated margin while the canary warms up: never tighter than the one after it. */
export function relaxedMargin(tolerated: Margin, kind: keyof typeof warmupExcess): Margin {
  return { ...tolerated, excess: Math.max(tolerated.excess, warmupExcess[kind]) };
}

/**
 * The excess (a share) that must be excluded before the canary gets `nextWeight` percent: an excess d at weight w costs the
 * service w/100 × d, so a small next weight needs less to be excluded and the step to 100 the whole of `harmful`.
 */
export function harmfulExcessAt(harmful: Margin, nextWeight: number): number {
  const share = Math.min(100, Math.max(1, nextWeight)) / 100;
  return Math.min(1, harmful.excess / share);
}
