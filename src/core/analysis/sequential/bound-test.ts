/** One kind of bad request compared: errors, or requests slower than one bound. Evidence both ways, and its noise. */
import { betOn, isPaired, logRatio, logRatioAgainst, type PairedCounts } from "./bet.ts";
import type { ComparisonRules } from "./comparison-rules.ts";
import {
  addToDispersion,
  type Dispersion,
  dispersionOf,
  noDispersion,
  type OwnPods,
  reportersOf,
} from "./dispersion.ts";
import { relaxedMargin } from "./margin.ts";
import { addToTotals, foldPods, type PodCounts, type PodTotals } from "./pod-counts.ts";
import { podSpread, ratioBetweenPods } from "./pod-spread.ts";
import {
  addPromotionBlock,
  noPromotionEvidence,
  type PromotionEvidence,
  promotionBets,
} from "./promotion-evidence.ts";
import {
  addRollbackBlock,
  noRollbackEvidence,
  type RollbackEvidence,
  rollbackBets,
} from "./rollback-evidence.ts";

export interface BoundTest {
  /** Slower than this is bad, in the template's unit; undefined for errors. */
  readonly above: number | undefined;
  readonly rollback: RollbackEvidence;
  readonly promotion: PromotionEvidence;
  readonly dispersion: Dispersion;
  /** Squared coefficient of variation between stable's pods. */
  readonly spread: number;
  /** Of stable's blocks so far, by pod. */
  readonly totals: PodTotals;
}

/** A block as one test sees it. */
export interface TestedBlock extends PairedCounts {
  readonly stablePods: readonly PodCounts[];
  /** See ComparedBlock. */
  readonly pods: OwnPods;
}

/** Nothing seen. */
export function newTest(above: number | undefined): BoundTest {
  return {
    above,
    rollback: noRollbackEvidence,
    promotion: noPromotionEvidence,
    dispersion: noDispersion,
    spread: 0,
    totals: new Map(),
  };
}

/** The test after a block: first what the block says, by what was known before it, then what it tells of noise. */
export function addToTest(test: BoundTest, block: TestedBlock, rules: ComparisonRules): BoundTest {
  return withNoise(withEvidence(test, block, rules), block);
}

function withEvidence(test: BoundTest, block: TestedBlock, rules: ComparisonRules): BoundTest {
  const { use } = rules;
  switch (use.kind) {
    case "History":
      return test;
    case "Alone":
      return block.canary.requests > 0 ? againstLimit(test, block, rules) : test;
    case "Warmup":
    case "Evidence":
      return isPaired(block) ? againstStable(test, block, rules) : test;
    case "Proof":
      return isPaired(block) ? forPromotion(againstStable(test, block, rules), block, rules) : test;
  }
}

function againstStable(test: BoundTest, block: TestedBlock, rules: ComparisonRules): BoundTest {
  const { margins, kind, plannedBlocks, seconds, use } = rules;
  const isWarm = use.kind !== "Warmup";
  const margin = isWarm ? margins.tolerated : relaxedMargin(margins.tolerated, kind);
  const asked = { ...margin, ratio: ratioFor(test, block, margin.ratio) };
  const logRatios = rollbackBets.map((rho) => logRatio(block, asked, rho));
  const dispersion = dispersionFor(test, block);
  const step = { logRatios, dispersion, isWarm, seconds, plannedBlocks };
  return { ...test, rollback: addRollbackBlock(test.rollback, step) };
}

/** At 100 % only what the limit allows is known, and of a latency only at its limit. */
function againstLimit(test: BoundTest, block: TestedBlock, rules: ComparisonRules): BoundTest {
  const { use, limit, seconds, plannedBlocks } = rules;
  if (use.kind !== "Alone" || (test.above !== undefined && test.above < limit)) return test;
  const logRatios = rollbackBets.map((rho) => logRatioAgainst(block.canary, use.mostShare, rho));
  const dispersion = dispersionFor(test, block);
  const step = { logRatios, dispersion, isWarm: true, seconds, plannedBlocks };
  return { ...test, rollback: addRollbackBlock(test.rollback, step) };
}

function forPromotion(
  test: BoundTest,
  block: TestedBlock,
  { margins }: ComparisonRules,
): BoundTest {
  const ratio = ratioFor(test, block, margins.harmful.ratio);
  const step = {
    outcomes: promotionBets.map((rho) => betOn(block, ratio, rho)),
    dispersion: dispersionFor(test, block),
    requests: block.canary.requests,
  };
  return { ...test, promotion: addPromotionBlock(test.promotion, step) };
}

function ratioFor({ spread }: BoundTest, { pods }: TestedBlock, ratio: number): number {
  return pods === undefined ? ratio : ratioBetweenPods(ratio, spread, pods);
}

/** Noise that each pod brings grows with its requests: fewer canary pods than stable ones for the same load have more of it. */
function dispersionFor({ dispersion }: BoundTest, block: TestedBlock): number {
  const { pods, canary, stable } = block;
  const known = dispersionOf(dispersion, reportersOf(pods));
  if (pods === undefined || known <= 1 || pods.canary < 1 || pods.stable < 1) return known;
  if (stable.requests <= 0) return known;
  const load = canary.requests / pods.canary / (stable.requests / pods.stable);
  return 1 + (known - 1) * Math.max(1, load);
}

function withNoise(test: BoundTest, { stablePods, pods }: TestedBlock): BoundTest {
  if (stablePods.length === 0) return test;
  const { totals } = test;
  const folded = foldPods(totals, stablePods);
  const dispersion = addToDispersion(test.dispersion, folded, totals);
  const summed = addToTotals(totals, folded);
  const spread =
    pods === undefined
      ? 0
      : (podSpread(summed, dispersionOf(dispersion, reportersOf(pods))) ?? test.spread);
  return { ...test, dispersion, spread, totals: summed };
}
