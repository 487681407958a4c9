/** The rollback bound of a Canary: what its spec and its templates put into the formula. */
import type { CanarySpec } from "../../api/canary-spec.ts";
import { rollbackBoundSeconds as boundOf } from "../analysis/rollback-bound.ts";
import type { MetricFacts } from "./snapshot.ts";

/** Seconds from a fault beyond a limit until traffic is off; 0 without metrics. */
export function rollbackBoundSeconds(spec: CanarySpec, metrics: readonly MetricFacts[]): number {
  const { intervalSeconds, warmupSeconds } = spec.analysis;
  const bound = boundOf({
    intervalSeconds,
    warmupSeconds,
    propagationSeconds: propagationSeconds(spec),
    metrics: metrics.map((metric, index) => ({
      kind: metric.kind,
      consecutive: spec.analysis.metrics[index]?.limit.consecutive ?? 1,
      scrapeSeconds: metric.scrapeSeconds,
      queryTimeoutSeconds: metric.queryTimeoutSeconds,
    })),
  });
  return bound ?? 0;
}

/** Seconds the routing provider is given to bring a change everywhere. */
export function propagationSeconds(spec: CanarySpec): number {
  return spec.routing.istio?.propagationSeconds ?? 0;
}
