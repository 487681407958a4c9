/** What a comparison is asked, and what it says: shared by those who ask and those who answer. */
import type { Comparison } from "./sequential/comparison.ts";
import type { Margins } from "./sequential/margin.ts";

/** What must be excluded, and how surely. */
export interface CompareTerms {
  readonly margins: Margins;
  /** Probability of promoting what is harmful throughout. */
  readonly beta: number;
  /** The excess, a share, to be excluded before the stage may be left; undefined where none need be. */
  readonly excess: number | undefined;
}

/** What the comparison of one metric says. */
export interface Compared {
  readonly kind: "Ratio" | "Latency";
  /** ln E against the canary. */
  readonly log: number;
  /** The smallest excess, a share, that is excluded; undefined while none is. */
  readonly excluded: number | undefined;
  /** What is to be kept; undefined before the first block. */
  readonly comparison: Comparison | undefined;
  /** Instant (ms) up to which blocks are in it; undefined while none is. */
  readonly until: number | undefined;
}
