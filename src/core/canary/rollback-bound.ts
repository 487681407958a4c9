/** The rollback bound of a Canary: what its spec and its templates put into the formula. */
import type { CanarySpec, Metric } from "../../api/canary-spec.ts";
import { rollbackBoundSeconds as boundOf } from "../analysis/rollback-bound.ts";
import { decides } from "./skip-analysis.ts";
import type { MetricFacts } from "./snapshot.ts";

/** Seconds from a fault beyond a limit until traffic is off; undefined where no metric rolls back. */
export function rollbackBoundSeconds(
  spec: CanarySpec,
  metrics: readonly MetricFacts[],
): number | undefined {
  const { intervalSeconds, warmupSeconds } = spec.analysis;
  return boundOf({
    intervalSeconds,
    warmupSeconds,
    propagationSeconds: propagationSeconds(spec),
    metrics: metrics.flatMap((metric, index) => {
      const asked = spec.analysis.metrics[index];
      if (asked === undefined || !rollsBack(spec, asked)) return [];
      const { kind, scrapeSeconds, queryTimeoutSeconds } = metric;
      const { consecutive } = asked.limit;
      return [{ kind, consecutive, scrapeSeconds, queryTimeoutSeconds }];
    }),
  });
}

/** Whether the metric takes traffic off: a dry run decides nothing, and a pause leaves it where it is. */
export function rollsBack(spec: CanarySpec, metric: Metric): boolean {
  return decides(spec, metric) && metric.onFail === "Rollback";
}

/** Seconds the routing provider is given to bring a change everywhere. */
export function propagationSeconds(spec: CanarySpec): number {
  return spec.routing.istio?.propagationSeconds ?? 0;
}
