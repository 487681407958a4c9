/** What the spec says of comparing canary with stable: margins, what must be excluded next, what each block is evidence of. */
import type { CanarySpec, Metric } from "../../api/canary-spec.ts";
import type { CanaryStatus } from "../../api/canary-status.ts";
import type { CompareRules } from "../analysis/compare-block.ts";
import type { MeasureKind } from "../analysis/measure.ts";
import { harmfulExcessAt, type Margin, type Margins } from "../analysis/sequential/margin.ts";
import { fromOptionalInstant } from "../instant.ts";
import type { MetricFacts, Snapshot } from "./snapshot.ts";
import { indexAfter, isMirror } from "./stages.ts";
import { latencyLimitsFrom, ratioLimitsFrom } from "./warmup.ts";

/** Margins in force where the spec names none: shares, 0 to 1. */
export const defaultMargins = {
  Ratio: {
    tolerated: { ratio: 1.2, excess: 0.001 },
    harmful: { ratio: 1.5, excess: 0.005 },
  },
  Latency: {
    tolerated: { ratio: 1.2, excess: 0.002 },
    harmful: { ratio: 1.5, excess: 0.01 },
  },
} as const satisfies Readonly<Record<Exclude<MeasureKind, "Value">, Margins>>;

/** The margins of a metric; undefined where it is judged by its limit alone. */
export function marginsOf(
  { compare }: Pick<Metric, "compare">,
  kind: MeasureKind,
): Margins | undefined {
  if (kind === "Value" || compare === null) return undefined;
  if (compare === undefined) return defaultMargins[kind];
  return { tolerated: toMargin(compare.tolerated), harmful: toMargin(compare.harmful) };
}

function toMargin({ ratio, add }: { readonly ratio: number; readonly add: number }): Margin {
  return { ratio, excess: add / 100 };
}

/**
 * The excess (a share) that must be excluded before the present stage may be left; undefined where nothing can be compared:
 * in a mirror stage, and once the canary has all traffic, for which the whole of it was asked before.
 */
export function excessToExclude(
  spec: CanarySpec,
  { release }: CanaryStatus,
  { harmful }: Margins,
): number | undefined {
  const stage = release?.stage;
  if (stage === undefined || isMirror(stage) || stage.weight >= 100) return undefined;
  const next = indexAfter(spec.stages, stage);
  const weight = next === undefined ? 100 : (spec.stages[next]?.weight ?? 100);
  return harmfulExcessAt(harmful, weight);
}

/** Fewest and most blocks over which the capital of the evidence is spread. */
const plannedBlocks = { least: 16, most: 1000 } as const;

/** How the metric's next blocks are compared; undefined where they are not: copies are counted by others than live requests. */
export function compareRules(
  snapshot: Snapshot,
  spec: CanarySpec,
  { facts, metric }: { readonly facts: MetricFacts; readonly metric: Metric },
): CompareRules | undefined {
  const { status } = snapshot;
  const margins = marginsOf(metric, facts.kind);
  if (margins === undefined || isMirror(status.release?.stage)) return undefined;
  const blockSeconds = Math.max(spec.analysis.intervalSeconds, facts.scrapeSeconds);
  const longest = spec.stages.reduce((sum, { maxSeconds }) => sum + maxSeconds, 0);
  return {
    margins,
    seconds: blockSeconds,
    plannedBlocks: Math.min(
      plannedBlocks.most,
      Math.max(plannedBlocks.least, Math.round(longest / blockSeconds)),
    ),
    // Without live traffic by decision, what callers still report is what is under way.
    evidenceFrom: (status.canaryWeight ?? 0) > 0 ? ratioLimitsFrom(status) : Infinity,
    warmFrom: warmFrom(snapshot, spec, facts),
    proofFrom: proofFrom(status, facts),
    isAlone: (status.canaryWeight ?? 0) >= 100,
  };
}

/** A block's pods may have been scraped a whole interval before it began: slow requests of the warm-up would be in it. */
function warmFrom({ status, pods }: Snapshot, spec: CanarySpec, facts: MetricFacts): number {
  const warmEnd = latencyLimitsFrom(status, pods, spec.analysis.warmupSeconds);
  return facts.kind === "Latency" ? warmEnd + 1000 * facts.scrapeSeconds : warmEnd;
}

/**
 * Once the traffic of a weight was seen to have moved, all blocks scraped since speak for the canary, until the next weight is
 * set: also while pods are brought up for that, and while somebody is waited for.
 */
function proofFrom({ release, canaryWeight = 0 }: CanaryStatus, facts: MetricFacts): number {
  const stage = release?.stage;
  if (stage === undefined) return Number.POSITIVE_INFINITY;
  if (stage.shiftedAt === undefined)
    return canaryWeight > 0 ? (fromOptionalInstant(release?.firstTrafficAt) ?? Infinity) : Infinity;
  if (stage.trafficConfirmedAt === undefined) return Number.POSITIVE_INFINITY;
  const routedAt = fromOptionalInstant(stage.routedAt) ?? Number.POSITIVE_INFINITY;
  return routedAt + 1000 * facts.scrapeSeconds;
}
