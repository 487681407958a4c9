/** How the blocks of a metric are compared, and what each of them is evidence of. */
import type { Margins } from "./margin.ts";

/** How blocks are compared. The same through a release, but for what time brings. */
export interface ComparisonRules {
  readonly kind: "Ratio" | "Latency";
  readonly margins: Margins;
  /** The metric's limit, in its unit: it names one of a latency's bounds. */
  readonly limit: number;
  /** Blocks that the release may take by its spec, at least 1. */
  readonly plannedBlocks: number;
  /** How often blocks come by the spec, s, above 0. */
  readonly seconds: number;
  /** What this block is evidence of. */
  readonly use: BlockUse;
}

/** History: stable alone, told of noise and bounds. The others are evidence against the canary; Proof is also for it. */
export type BlockUse =
  | { readonly kind: "History" }
  | { readonly kind: "Warmup" }
  | { readonly kind: "Evidence" }
  | { readonly kind: "Proof" }
  /** No stable to compare with: against the share (0 to 1) of bad requests that the limit allows. */
  | { readonly kind: "Alone"; readonly mostShare: number };
