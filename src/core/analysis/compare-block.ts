/** Takes a block into the comparison of its metric, and says what the block is evidence of. Knows no stages. */
import type { MetricLimit } from "../../api/canary-spec.ts";
import type { Block, MeasureKind, PodCounter } from "./measure.ts";
import { addToComparison, type Comparison, newComparison } from "./sequential/comparison.ts";
import type { BlockUse } from "./sequential/comparison-rules.ts";
import type { OwnPods } from "./sequential/dispersion.ts";
import type { Margins } from "./sequential/margin.ts";

/** How a metric's blocks are compared. Instants in ms of wall time. */
export interface CompareRules {
  readonly margins: Margins;
  /** Blocks that the release may take by its spec, at least 1. */
  readonly plannedBlocks: number;
  /** How often blocks come by the spec, s, above 0. */
  readonly seconds: number;
  /** Blocks that end before were answered by other pods: they tell of stable alone. */
  readonly evidenceFrom: number;
  /** Blocks that start before belong to the warm-up. */
  readonly warmFrom: number;
  /** Blocks that start at or after may speak for the canary: its traffic is proven. */
  readonly proofFrom: number;
  /** True while the canary has all traffic: there is no stable to compare with. */
  readonly isAlone: boolean;
}

/** Whose block it is, and who reported it. */
export interface ReportedBlock {
  readonly block: Block;
  /** What came since the last read, by pod. */
  readonly increments: readonly PodCounter[];
  /** All counters of the read. */
  readonly counters: readonly PodCounter[];
}

/** How the metric is measured, as far as a comparison needs it. */
export interface ComparedMetric {
  readonly kind: MeasureKind;
  readonly quantile: number;
  readonly limit: MetricLimit;
  readonly canaryWorkload: string;
  readonly primaryWorkload: string;
  readonly compare: CompareRules | undefined;
}

/** The comparison after the block; as it was where nothing is compared. */
export function compareBlock(
  past: Comparison | undefined,
  { block, increments, counters }: ReportedBlock,
  metric: ComparedMetric,
): Comparison | undefined {
  const { kind, compare, limit, primaryWorkload } = metric;
  if (compare === undefined || kind === "Value") return past;
  const { canary, stable } = block;
  const stablePods = increments.filter(({ workload }) => workload === primaryWorkload);
  const compared = { canary, stable, stablePods, pods: ownPods(counters, metric) };
  return addToComparison(past ?? newComparison(kind), compared, {
    kind,
    margins: compare.margins,
    limit: limit.max,
    plannedBlocks: compare.plannedBlocks,
    seconds: compare.seconds,
    use: useOf(block, metric, compare),
  });
}

function useOf(
  { startAt, endAt }: Block,
  { kind, limit, quantile }: ComparedMetric,
  { evidenceFrom, warmFrom, proofFrom, isAlone }: CompareRules,
): BlockUse {
  if (endAt < evidenceFrom) return { kind: "History" };
  if (startAt < warmFrom) return { kind: isAlone ? "History" : "Warmup" };
  if (isAlone)
    return { kind: "Alone", mostShare: kind === "Ratio" ? limit.max / 100 : 1 - quantile };
  return { kind: startAt >= proofFrom ? "Proof" : "Evidence" };
}

/** How many pods report on their own requests, told by no pod reporting on both versions. */
export function ownPods(
  counters: readonly PodCounter[],
  { canaryWorkload, primaryWorkload }: Pick<ComparedMetric, "canaryWorkload" | "primaryWorkload">,
): OwnPods {
  const of = (workload: string): ReadonlySet<string> =>
    new Set(counters.filter((each) => each.workload === workload).map(({ pod }) => pod));
  const [canary, stable] = [of(canaryWorkload), of(primaryWorkload)];
  if (canary.size === 0 || stable.size === 0 || !canary.isDisjointFrom(stable)) return undefined;
  return { canary: canary.size, stable: stable.size };
}
