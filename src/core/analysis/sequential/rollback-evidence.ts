/**
 * Evidence that the canary is worse than is tolerated: an e-process that is looked at after every block and that reaches
 * 1/α with probability at most α over the whole release, if the canary never leaves the margin (Ville's inequality).
 *
 * A fault may start late, so the starting capital of 1 is not bet at once: parts of it enter with the first block, at the end
 * of the warm-up, evenly over the planned time, and ever thinner after that. Each part is bet block by block:
 *
 *     S_g ← (S_g + w_t) · min(c, L_g^(1/φ))         E = mean over bets g of S_g + what has not entered
 *
 * which is the form of Shiryaev and Roberts, and a supermartingale (Shin, Ramdas, Rinaldo, E-detectors, 2023): E[L] ≤ 1 and
 * E[L^(1/φ)] ≤ (E[L])^(1/φ), and what is cut off only lowers it. The cut at c, ten for fifteen seconds, makes several blocks agree.
 */
import { logAdd, logSum } from "./log-sum.ts";

/** How many times the tolerated share each bet assumes. */
export const rollbackBets: readonly number[] = [1.5, 2, 4, 10, 50];

/** Most that a block may multiply a bet by, ln, and how long (s) it must be to do so. */
const cap = { ln: Math.log(10), seconds: 15 } as const;

/**
 * The same of a block of so many seconds, above 0: short ones may not say more together than one long one, since whatever makes
 * one of them look bad for no fault of the version (a burst, a cold cache) lasts for some of them.
 */
export function blockCap(seconds: number): number {
  return cap.ln * Math.min(1, seconds / cap.seconds);
}

/** Parts of the capital: at the first block, at the first one after the warm-up, over the planned blocks, and after them. */
const entries = { first: 0.1, warm: 0.5, planned: 0.3, after: 0.1 } as const;

/** O(1), whatever was seen. */
export interface RollbackEvidence {
  /** ln S_g in the order of `rollbackBets`; −Infinity before anything was bet. */
  readonly logCapital: readonly number[];
  /** What has not entered yet, 0 to 1. */
  readonly kept: number;
  /** Blocks seen, in which both versions had requests. */
  readonly blocks: number;
  /** True once a block came after the warm-up. */
  readonly isWarm: boolean;
}

/** Nothing seen: evidence 1. */
export const noRollbackEvidence: RollbackEvidence = {
  logCapital: rollbackBets.map(() => Number.NEGATIVE_INFINITY),
  kept: 1,
  blocks: 0,
  isWarm: false,
};

/** How a block enters. */
export interface RollbackStep {
  /** ln L of the bets, in order. */
  readonly logRatios: readonly number[];
  /** Overdispersion, at least 1, told by blocks before this one. */
  readonly dispersion: number;
  /** True for a block after the warm-up. */
  readonly isWarm: boolean;
  /** How long the block is, s, above 0; told before it is seen. */
  readonly seconds: number;
  /** Blocks that the release may take by its spec, at least 1; the same at every step. */
  readonly plannedBlocks: number;
}

/** The evidence after a block. */
export function addRollbackBlock(past: RollbackEvidence, step: RollbackStep): RollbackEvidence {
  const blocks = past.blocks + 1;
  const entering = Math.min(past.kept, enteringAt(past, blocks, step));
  const lnEntering = Math.log(entering);
  const most = blockCap(step.seconds);
  return {
    logCapital: past.logCapital.map((capital, g) => {
      const factor = Math.min(most, (step.logRatios[g] ?? 0) / step.dispersion);
      return logAdd(capital, lnEntering) + factor;
    }),
    kept: past.kept - entering,
    blocks,
    isWarm: past.isWarm || step.isWarm,
  };
}

/** Σ over all blocks is at most 1: T/(t(t−1)) over t > T adds up to 1. */
function enteringAt(
  { isWarm }: RollbackEvidence,
  block: number,
  { isWarm: isWarmNow, plannedBlocks: planned }: RollbackStep,
): number {
  const first = block === 1 ? entries.first : 0;
  const warm = isWarmNow && !isWarm ? entries.warm : 0;
  const late =
    block <= planned
      ? entries.planned / planned
      : (entries.after * planned) / (block * (block - 1));
  return first + warm + late;
}

/** ln E: 0 of nothing seen; at or above ln(1/α) the tolerance is rejected. */
export function logRollbackEvidence({ logCapital, kept }: RollbackEvidence): number {
  return logAdd(logSum(logCapital) - Math.log(rollbackBets.length), Math.log(kept));
}
