/**
 * What a release will take at a rate of requests, before it has begun: how many canary requests each stage needs, how long
 * that is, and which promises cannot be kept. Supposes a version as good as stable, and knows no cluster.
 */
import type { MetricLimit } from "../../api/canary-spec.ts";
import type { MeasureKind } from "./measure.ts";
import { harmfulExcessAt, type Margins } from "./sequential/margin.ts";
import { promotionBets } from "./sequential/promotion-evidence.ts";
import {
  type ExpectedTraffic,
  excessWithin,
  promotionGrowths,
  requestsToRollBack,
} from "./sequential/sizing.ts";

/** A stage as far as the plan needs it. Weight in percent; 0 for a mirror stage. */
export interface PlannedStage {
  readonly weight: number;
  readonly minSeconds: number;
  readonly maxSeconds: number;
}

/** A metric that decides. */
export interface PlannedMetric {
  readonly name: string;
  readonly kind: MeasureKind;
  readonly limit: MetricLimit;
  /** Undefined: by its limit alone. */
  readonly margins: Margins | undefined;
  /** Stable's share of bad requests, 0 to 1, as it is expected. */
  readonly share: number;
  /** Seconds between two checks with new samples. */
  readonly checkSeconds: number;
}

/** What is planned. */
export interface PlanInput {
  readonly stages: readonly PlannedStage[];
  readonly metrics: readonly PlannedMetric[];
  /** Requests to the service, both versions together. */
  readonly requestsPerSecond: number;
  readonly alpha: number;
  readonly beta: number;
  /** Rollback bound by the spec, seconds; undefined where nothing bounds it. */
  readonly boundSeconds: number | undefined;
}

/** One stage of the plan. */
export interface StagePlan {
  readonly weight: number;
  /** Canary requests a second. */
  readonly requestsPerSecond: number;
  /** Excess, a share, to be excluded before it is left; undefined where nothing is compared. */
  readonly excess: number | undefined;
  /** Canary requests needed in this stage, with what the stages before brought. Infinity: it is never excluded. */
  readonly requests: number;
  /** Metric that takes longest. */
  readonly metric: string | undefined;
  /** Expected stay, seconds: at least minSeconds, Infinity if it does not end by itself. */
  readonly seconds: number;
  /** What all requests of the release up to maxSeconds in this stage exclude, a share; undefined: nothing. */
  readonly excludedInTime: number | undefined;
}

/** The whole way. */
export interface ReleasePlan {
  readonly stages: readonly StagePlan[];
  /** All stages together, seconds; Infinity if one does not end by itself. */
  readonly seconds: number;
  /** Seconds from a fault beyond a limit until traffic is off at this rate; undefined where nothing bounds it. */
  readonly boundSeconds: number | undefined;
  /** Expected seconds in the first live stage until one point more of bad requests than stable's is rolled back; Infinity: never. */
  readonly onePointSeconds: number;
  readonly warnings: readonly PlanWarning[];
}

/** A promise that cannot be kept at this rate. */
export type PlanWarning =
  | { readonly kind: "StageTooShort"; readonly stage: StagePlan; readonly maxSeconds: number }
  | { readonly kind: "NothingCompared" }
  | { readonly kind: "RollbackSlow"; readonly seconds: number; readonly boundSeconds: number };

/** What was brought by the stages before, per metric and bet, by requests at each weight. */
interface Passed {
  readonly weight: number;
  readonly requests: number;
}

/** The plan of a release at a rate above 0. */
export function planRelease(input: PlanInput): ReleasePlan {
  const passed: Passed[] = [];
  const stages = input.stages.map((stage, index) => {
    const plan = planStage(stage, input.stages[index + 1]?.weight, { input, passed });
    const requests = Math.min(plan.seconds, stage.maxSeconds) * plan.requestsPerSecond;
    if (stage.weight > 0) passed.push({ weight: stage.weight, requests });
    return plan;
  });
  const boundSeconds = boundAt(input);
  return {
    stages,
    seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0),
    boundSeconds,
    onePointSeconds: onePointSeconds(input),
    warnings: warningsOf(input, stages, boundSeconds),
  };
}

function planStage(
  { weight, minSeconds, maxSeconds }: PlannedStage,
  next: number | undefined,
  { input, passed }: { readonly input: PlanInput; readonly passed: readonly Passed[] },
): StagePlan {
  const rate = (input.requestsPerSecond * weight) / 100;
  const isCompared = weight > 0 && weight < 100;
  const compared = isCompared ? input.metrics.filter(({ margins }) => margins !== undefined) : [];
  const needs = compared.map((metric) =>
    needOf(metric, { weight, next: next ?? 100 }, { input, passed }),
  );
  const slowest = needs.toSorted((a, b) => b.requests - a.requests)[0];
  const requests = Math.max(slowest?.requests ?? 0, weight > 0 ? leastSamples(input) : 0);
  const total = passed.reduce((sum, each) => sum + each.requests, 0) + rate * maxSeconds;
  return {
    weight,
    requestsPerSecond: rate,
    excess: slowest?.excess,
    requests,
    metric: slowest?.metric,
    seconds: rate > 0 ? Math.max(minSeconds, requests / rate) : minSeconds,
    excludedInTime: excludedBy(total, slowest?.metric, { weight, input }),
  };
}

function leastSamples({ metrics }: PlanInput): number {
  return Math.max(
    0,
    ...metrics.filter(({ kind }) => kind !== "Value").map(({ limit }) => limit.minSamples),
  );
}

/** ln(1/β) + ln(number of bets), less what was brought before, over what a request brings: the fewest over the bets. */
function needOf(
  { name, margins, share }: PlannedMetric,
  { weight, next }: { readonly weight: number; readonly next: number },
  { input, passed }: { readonly input: PlanInput; readonly passed: readonly Passed[] },
): { readonly metric: string; readonly excess: number; readonly requests: number } {
  if (margins === undefined) return { metric: name, excess: 1, requests: 0 };
  const excess = harmfulExcessAt(margins.harmful, next);
  const harmful = { ...margins.harmful, excess };
  const target = Math.log(promotionBets.length / input.beta);
  const growthAt = (at: number) => promotionGrowths(harmful, trafficAt(at, share));
  const earlier = passed.map((each) => ({ ...each, growths: growthAt(each.weight) }));
  const requests = growthAt(weight).map((growth, g) => {
    const brought = earlier.reduce((sum, each) => sum + each.requests * (each.growths[g] ?? 0), 0);
    if (brought >= target) return 0;
    return growth > 0 ? (target - brought) / growth : Number.POSITIVE_INFINITY;
  });
  return { metric: name, excess, requests: Math.min(...requests) };
}

function excludedBy(
  requests: number,
  name: string | undefined,
  { weight, input }: { readonly weight: number; readonly input: PlanInput },
): number | undefined {
  const metric = input.metrics.find((each) => each.name === name);
  if (metric?.margins === undefined) return undefined;
  const traffic = trafficAt(weight, metric.share);
  return excessWithin(requests, metric.margins.harmful, { beta: input.beta, traffic });
}

function trafficAt(weight: number, share: number): ExpectedTraffic {
  return { share, stablePerCanary: (100 - weight) / weight, dispersion: 1 };
}

/** The spec's bound supposes `minSamples` requests per check; fewer make each check as long as these take. */
function boundAt({
  boundSeconds,
  metrics,
  stages,
  requestsPerSecond,
}: PlanInput): number | undefined {
  const first = stages.find(({ weight }) => weight > 0);
  if (boundSeconds === undefined || first === undefined) return boundSeconds;
  const rate = (requestsPerSecond * first.weight) / 100;
  const extra = metrics.map(({ kind, limit, checkSeconds }) =>
    kind === "Value" ? 0 : limit.consecutive * Math.max(0, limit.minSamples / rate - checkSeconds),
  );
  return boundSeconds + Math.max(0, ...extra);
}

function onePointSeconds({ stages, metrics, requestsPerSecond, alpha }: PlanInput): number {
  const first = stages.find(({ weight }) => weight > 0 && weight < 100);
  if (first === undefined) return Number.POSITIVE_INFINITY;
  const rate = (requestsPerSecond * first.weight) / 100;
  const times = metrics.flatMap(({ kind, margins, share }) => {
    if (margins === undefined || kind !== "Ratio") return [];
    const traffic = { ...trafficAt(first.weight, share), canaryShare: share + 0.01 };
    return [requestsToRollBack(margins.tolerated, alpha, traffic) / rate];
  });
  return Math.min(Number.POSITIVE_INFINITY, ...times);
}

function warningsOf(
  { stages: asked, metrics, boundSeconds: bySpec }: PlanInput,
  stages: readonly StagePlan[],
  boundSeconds: number | undefined,
): readonly PlanWarning[] {
  const short = stages.flatMap((stage, index): PlanWarning[] => {
    const maxSeconds = asked[index]?.maxSeconds ?? Number.POSITIVE_INFINITY;
    return stage.seconds > maxSeconds ? [{ kind: "StageTooShort", stage, maxSeconds }] : [];
  });
  const isCompared = metrics.some(({ margins }) => margins !== undefined);
  const hasBeside = stages.some(({ weight }) => weight > 0 && weight < 100);
  const nothing: PlanWarning[] = isCompared && !hasBeside ? [{ kind: "NothingCompared" }] : [];
  const slow: PlanWarning[] =
    boundSeconds !== undefined && bySpec !== undefined && boundSeconds > bySpec
      ? [{ kind: "RollbackSlow", seconds: boundSeconds, boundSeconds: bySpec }]
      : [];
  return [...short, ...nothing, ...slow];
}
