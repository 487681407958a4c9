/** The port Metrics on prom-client: an own registry, and its text for scraping. */
import { Counter, collectDefaultMetrics, Registry } from "prom-client";
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
  const lostLogLines = new Counter({
    name: "serin_log_lines_lost_total",
    help: "Lines of the log that could not be written: its reader is slow or gone, or the disk is full.",
    registers: [registry],
  });
  return {
    countLostLogLine: () => lostLogLines.inc(),
    ...createCanarySeries(registry),
    ...createControllerSeries(registry),
    async render() {
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
  };
}
