/** The port Metrics on prom-client: an own registry, and its text for scraping. */
import { collectDefaultMetrics, Registry } from "prom-client";
import type { Metrics } from "../../ports/metrics.ts";
import { createCanarySeries } from "./canary-series.ts";
import { createControllerSeries } from "./controller-series.ts";

/** Numbers that can be recorded and scraped. */
export interface PrometheusMetrics extends Metrics {
  /** Counts a line of the log that could not be written. */
  countLostLogLine(): void;
  /** Prometheus' text format, and its content type. */
  render(): Promise<{ readonly text: string; readonly contentType: string }>;
}

/** A registry of its own each time. `withProcess` adds those of the Node process, once per process. */
export function createPrometheusMetrics(options: {
  readonly withProcess: boolean;
}): PrometheusMetrics {
  const registry = new Registry();
  if (options.withProcess) collectDefaultMetrics({ register: registry });
  return {
    ...createCanarySeries(registry),
    ...createControllerSeries(registry),
    async render() {
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
  };
}
