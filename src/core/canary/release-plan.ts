/** The plan of a release from its spec and its templates: at the rate that was measured, or at one that somebody names. */
import type { CanarySpec } from "../../api/canary-spec.ts";
import { limitWindowMs } from "../analysis/limits.ts";
import { type PlannedMetric, planRelease, type ReleasePlan } from "../analysis/plan.ts";
import { countsRequests } from "../analysis/traffic.ts";
import { growWindow } from "../analysis/window.ts";
import { wordPlan, wordWarning } from "../analysis/word-plan.ts";
import { clip } from "./clip.ts";
import { marginsOf } from "./compared.ts";
import { rollbackBoundSeconds } from "./rollback-bound.ts";
import { decides, stagesInForce } from "./skip-analysis.ts";
import type { MetricFacts } from "./snapshot.ts";

/** Share of bad requests supposed of a stable version of which too little is known. */
const presumedShare = 0.001;
/** Stable requests from which its own share is taken. */
const knownFrom = 1000;

/** What the plan supposes of the service. */
export interface SupposedTraffic {
  /** Both versions together. */
  readonly requestsPerSecond: number;
  /** Stable's share of errors, 0 to 1; undefined: as measured, else 0.1 %. */
  readonly errorShare?: number | undefined;
}

/** The plan; undefined where nothing is analysed. */
export function planOf(
  spec: CanarySpec,
  metrics: readonly MetricFacts[],
  { requestsPerSecond, errorShare }: SupposedTraffic,
): ReleasePlan | undefined {
  if (spec.skipAnalysis || !(requestsPerSecond > 0)) return undefined;
  const { intervalSeconds, falseRollbackProbability, harmfulPromotionProbability } = spec.analysis;
  return planRelease({
    stages: stagesInForce(spec).map(({ weight = 0, minSeconds, maxSeconds }) => ({
      weight,
      minSeconds,
      maxSeconds,
    })),
    metrics: metrics.flatMap((facts, index): PlannedMetric[] => {
      const metric = spec.analysis.metrics[index];
      if (metric === undefined || !decides(spec, metric)) return [];
      return [
        {
          name: facts.name,
          kind: facts.kind,
          limit: metric.limit,
          margins: marginsOf(metric, facts.kind),
          share: errorShare !== undefined && facts.kind === "Ratio" ? errorShare : shareOf(facts),
          checkSeconds: Math.max(intervalSeconds, facts.scrapeSeconds),
        },
      ];
    }),
    requestsPerSecond,
    alpha: falseRollbackProbability,
    beta: harmfulPromotionProbability,
    boundSeconds: rollbackBoundSeconds(spec, metrics),
  });
}

function shareOf({ kind, quantile, state }: MetricFacts): number {
  if (kind !== "Ratio") return 1 - quantile;
  let [requests, bad] = [0, 0];
  for (const { stable } of state.blocks) {
    requests += stable.total;
    if (stable.kind === "Ratio") bad += stable.bad;
  }
  return requests < knownFrom ? presumedShare : bad / requests;
}

/** Requests a second to both versions over the last minute, by the metric that has most; 0 without. */
export function requestRate(metrics: readonly MetricFacts[]): number {
  const rates = metrics.filter(countsRequests).map(({ state }) => {
    const minSamples = Number.POSITIVE_INFINITY;
    const minute = growWindow(state.blocks, { minSamples, maxSpanMs: limitWindowMs });
    if (minute === undefined) return 0;
    const requests = minute.canary.total + minute.stable.total;
    return (1000 * requests) / Math.max(1000, minute.endAt - minute.startAt);
  });
  return Math.max(0, ...rates);
}

/** What people read of it when the first weight is set; undefined where the rate is not known. */
export function wordReleasePlan(
  spec: CanarySpec,
  metrics: readonly MetricFacts[],
): string | undefined {
  const requestsPerSecond = requestRate(metrics);
  const plan = planOf(spec, metrics, { requestsPerSecond });
  if (plan === undefined) return undefined;
  const warnings = plan.warnings.map((warning) => `warning: ${wordWarning(warning)}`);
  return clip([wordPlan(plan, requestsPerSecond), ...warnings].join("; "));
}
