/** Whether requests come too seldom for the rollback bound to hold: it supposes a judgement at every check. */
import type { CanarySpec, Metric } from "../../api/canary-spec.ts";
import type { CanaryStatus } from "../../api/canary-status.ts";
import { limitWindowMs } from "../analysis/limits.ts";
import { countsRequests } from "../analysis/traffic.ts";
import { growWindow } from "../analysis/window.ts";
import { wordNumber } from "../analysis/wording.ts";
import { isInStage } from "./phases.ts";
import { rollsBack } from "./rollback-bound.ts";
import type { Situation } from "./situation.ts";
import type { MetricFacts } from "./snapshot.ts";

interface Slowness {
  readonly metric: Metric;
  /** Canary requests a second. */
  readonly rate: number;
  /** By how much the bound grows. */
  readonly extraSeconds: number;
}

/** What people are told of it in a stage that has its traffic; undefined while the bound holds. Nothing is refused for it. */
export function warnOfRate(
  { snapshot, spec, acceptance }: Situation,
  status: CanaryStatus,
): string | undefined {
  if (spec === undefined || snapshot.metrics.kind !== "Known") return undefined;
  if (!isInStage(status) || status.release?.stage?.trafficConfirmedAt === undefined)
    return undefined;
  if (acceptance.kind !== "Accepted" || acceptance.boundSeconds === undefined) return undefined;
  const slow = snapshot.metrics.value.flatMap((facts, index) => slownessOf(facts, index, spec));
  const [worst] = slow.toSorted((a, b) => b.extraSeconds - a.extraSeconds);
  if (worst === undefined) return undefined;
  const { metric, rate, extraSeconds } = worst;
  const takes = Math.ceil(metric.limit.minSamples / rate);
  return `at ${wordNumber(rate)} requests a second to the new version, the ${metric.limit.minSamples} that ${metric.name} is judged on take ${takes} s: a fault may last ${Math.ceil(acceptance.boundSeconds + extraSeconds)} s; lower limit.minSamples, or give the first stage more weight`;
}

function slownessOf(facts: MetricFacts, index: number, spec: CanarySpec): readonly Slowness[] {
  const metric = spec.analysis.metrics[index];
  if (metric === undefined || !rollsBack(spec, metric) || !countsRequests(facts)) return [];
  const rate = rateOf(facts);
  if (rate <= 0) return [];
  const { consecutive, minSamples } = metric.limit;
  const perCheck = Math.max(spec.analysis.intervalSeconds, facts.scrapeSeconds);
  const extraSeconds = consecutive * (minSamples / rate - perCheck);
  return extraSeconds > 0 ? [{ metric, rate, extraSeconds }] : [];
}

/** Canary requests a second over the last minute that has blocks; 0 without. */
function rateOf({ state }: MetricFacts): number {
  const minSamples = Number.POSITIVE_INFINITY;
  const minute = growWindow(state.blocks, { minSamples, maxSpanMs: limitWindowMs });
  if (minute === undefined) return 0;
  return minute.canary.total / Math.max(1, (minute.endAt - minute.startAt) / 1000);
}
