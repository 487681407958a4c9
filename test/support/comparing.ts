/** Streams of blocks for tests of the comparison: seeded, with errors that come one by one or in bursts. */

import type { ComparedBlock } from "../../src/core/analysis/sequential/comparison.ts";
import type { ComparisonRules } from "../../src/core/analysis/sequential/comparison-rules.ts";
import { ratio } from "./analysis.ts";
import { drawBinomial } from "./chance.ts";

/** Errors at the defaults: 1.2 × + 0.1 points tolerated, 1.5 × + 0.5 points harmful, every block a proof. */
export const errorRules: ComparisonRules = {
  kind: "Ratio",
  margins: {
    tolerated: { ratio: 1.2, excess: 0.001 },
    harmful: { ratio: 1.5, excess: 0.005 },
  },
  limit: 5,
  plannedBlocks: 240,
  seconds: 15,
  use: { kind: "Proof" },
};

/** One block of errors: shares of bad requests by version; stable's requests are reported by four pods. */
export function errorBlock(
  random: () => number,
  shares: { readonly canary: number; readonly stable: number },
  requests: { readonly canary: number; readonly stable: number } = { canary: 75, stable: 676 },
): ComparedBlock {
  const each = Math.round(requests.stable / 4);
  const pods = [0, 1, 2, 3].map((index) => ({
    pod: `caller-${index}`,
    counts: ratio(each, drawBinomial(random, each, shares.stable)),
  }));
  return {
    canary: ratio(requests.canary, drawBinomial(random, requests.canary, shares.canary)),
    stable: ratio(
      4 * each,
      pods.reduce((sum, { counts }) => sum + counts.bad, 0),
    ),
    stablePods: pods,
    pods: undefined,
  };
}
