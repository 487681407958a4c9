/** The series about the controller itself: queue, requests, rollbacks, leadership. None is labelled by a Canary. */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { controllerSeries } from "../../api/metric-series.ts";
import type { Metrics } from "../../ports/metrics.ts";
import { describeSeries } from "./describe-series.ts";

type ControllerMetrics = Omit<Metrics, "showCanary" | "forgetCanary" | "countRelease"> & {
  /** Counts a line of the log that could not be written. */
  countLostLogLine(): void;
};

/** Around the promise of two minutes. */
const rollbackBuckets = [1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600];
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

type Name = keyof typeof controllerSeries;

function registerSeries(registry: Registry) {
  const describe = (name: Name) => ({
    ...describeSeries(name, controllerSeries[name]),
    registers: [registry],
  });
  const gauge = (name: Name) => new Gauge(describe(name));
  const counter = (name: Name) => new Counter(describe(name));
  const histogram = (name: Name, buckets: number[]) =>
    new Histogram({ ...describe(name), buckets });
  return {
    apiTotal: counter("serin_api_requests_total"),
    apiSeconds: histogram("serin_api_request_seconds", requestBuckets),
    providerTotal: counter("serin_provider_requests_total"),
    providerSeconds: histogram("serin_provider_request_seconds", requestBuckets),
    rollback: histogram("serin_rollback_seconds", rollbackBuckets),
    queueDepth: gauge("serin_queue_depth"),
    queueLag: histogram("serin_queue_lag_seconds", requestBuckets),
    violations: counter("serin_invariant_violations_total"),
    leader: gauge("serin_leader"),
    lostLogLines: counter("serin_log_lines_lost_total"),
  };
}

/** Registers the series and gives what fills them. */
export function createControllerSeries(registry: Registry): ControllerMetrics {
  const series = registerSeries(registry);
  return {
    recordRollback(step, durationMs) {
      series.rollback.observe({ step }, durationMs / 1000);
    },
    setQueueDepth(keys) {
      series.queueDepth.set(keys);
    },
    recordQueueLag(lagMs) {
      series.queueLag.observe(lagMs / 1000);
    },
    recordApiRequest({ verb, resource, status, durationMs }) {
      series.apiTotal.inc({ verb, resource, status: String(status) });
      if (verb !== "watch") series.apiSeconds.observe({ verb, resource }, durationMs / 1000);
    },
    recordProviderRequest({ provider, outcome, durationMs }) {
      series.providerTotal.inc({ provider, outcome });
      series.providerSeconds.observe({ provider }, durationMs / 1000);
    },
    countInvariantViolation() {
      series.violations.inc();
    },
    countLostLogLine() {
      series.lostLogLines.inc();
    },
    setLeader(isLeader) {
      series.leader.set(isLeader ? 1 : 0);
    },
  };
}
