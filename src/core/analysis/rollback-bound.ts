/** The longest time from the onset of a fault beyond a limit until traffic is off, as far as the spec decides it. */
import type { MeasureKind } from "./measure.ts";

/** One metric with a limit, as far as the bound needs it. */
export interface BoundedMetric {
  readonly kind: MeasureKind;
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
 * answer and `minSamples` requests arrive per check. How far back a value's query looks is not known here, and not in it.
 */
export function rollbackBoundSeconds(input: BoundInput): number | undefined {
  const bounds = input.metrics.map((metric) => boundOf(metric, input));
  return bounds.length === 0 ? undefined : Math.max(...bounds);
}

function boundOf(metric: BoundedMetric, input: BoundInput): number {
  const { consecutive, scrapeSeconds, queryTimeoutSeconds } = metric;
  const { intervalSeconds, propagationSeconds } = input;
  const warmupSeconds = metric.kind === "Latency" ? input.warmupSeconds : 0;
  const checks = consecutive * secondsPerCheck(metric, intervalSeconds);
  const reading = scrapeSeconds + intervalSeconds + queryTimeoutSeconds;
  return reading + checks + propagationSeconds + warmupSeconds;
}

/** Counters bring new samples with each scrape; a value is judged at the first read that is a scrape after the last. */
function secondsPerCheck({ kind, scrapeSeconds }: BoundedMetric, intervalSeconds: number): number {
  const reads = kind === "Value" ? Math.ceil(scrapeSeconds / intervalSeconds) : 1;
  return Math.max(reads * intervalSeconds, scrapeSeconds);
}
