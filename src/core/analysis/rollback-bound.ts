/** The longest time from the onset of a fault beyond a limit until traffic is off, as far as the spec decides it. */

/** One metric with a limit, as far as the bound needs it. */
export interface BoundedMetric {
  readonly kind: "Ratio" | "Latency";
  /** Checks in a row that must be beyond the limit. */
  readonly consecutive: number;
  readonly scrapeSeconds: number;
  readonly queryTimeoutSeconds: number;
}

/** The times of a spec that add up to the bound. */
export interface BoundInput {
  readonly metrics: readonly BoundedMetric[];
  readonly intervalSeconds: number;
  readonly warmupSeconds: number;
  readonly propagationSeconds: number;
}

/**
 * The rollback bound in seconds, the largest over the metrics; undefined without metrics. Per metric: one scrape until
 * the fault is in Prometheus, one interval until it is read, `consecutive` checks (no faster than scrapes bring new
 * samples), the query's timeout, the mesh's propagation; latency limits also wait for the warm-up. It holds while metrics
 * answer and `minSamples` requests arrive per check.
 */
export function rollbackBoundSeconds(input: BoundInput): number | undefined {
  const bounds = input.metrics.map((metric) => boundOf(metric, input));
  return bounds.length === 0 ? undefined : Math.max(...bounds);
}

function boundOf(metric: BoundedMetric, input: BoundInput): number {
  const { consecutive, scrapeSeconds, queryTimeoutSeconds } = metric;
  const { intervalSeconds, propagationSeconds } = input;
  const warmupSeconds = metric.kind === "Latency" ? input.warmupSeconds : 0;
  const checks = consecutive * Math.max(intervalSeconds, scrapeSeconds);
  const reading = scrapeSeconds + intervalSeconds + queryTimeoutSeconds;
  return reading + checks + propagationSeconds + warmupSeconds;
}
