/** The series about the controller itself: queue, requests, rollbacks, leadership. None is labelled by a Canary. */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Metrics } from "../../ports/metrics.ts";

type ControllerMetrics = Omit<Metrics, "showCanary" | "forgetCanary" | "countRelease">;

/** Around the promise of two minutes. */
const rollbackBuckets = [1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600];
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

function requestSeries(registry: Registry) {
  const registers = [registry];
  return {
    apiTotal: new Counter({
      name: "serin_api_requests_total",
      help: "Requests to the API server, by HTTP status; 0 is no answer.",
      labelNames: ["verb", "resource", "status"],
      registers,
    }),
    apiSeconds: new Histogram({
      name: "serin_api_request_seconds",
      help: "Duration of requests to the API server, watches left out.",
      labelNames: ["verb", "resource"],
      buckets: requestBuckets,
      registers,
    }),
    providerTotal: new Counter({
      name: "serin_provider_requests_total",
      help: "Requests to providers of metrics and messages, by outcome.",
      labelNames: ["provider", "outcome"],
      registers,
    }),
    providerSeconds: new Histogram({
      name: "serin_provider_request_seconds",
      help: "Duration of requests to providers of metrics and messages.",
      labelNames: ["provider"],
      buckets: requestBuckets,
      registers,
    }),
  };
}

function stateSeries(registry: Registry) {
  const registers = [registry];
  return {
    rollback: new Histogram({
      name: "serin_rollback_seconds",
      help: "From the detection of a bad version until routes were without it (applied), or requests to it had stopped (confirmed).",
      labelNames: ["step"],
      buckets: rollbackBuckets,
      registers,
    }),
    queueDepth: new Gauge({
      name: "serin_queue_depth",
      help: "Canaries that wait for their turn.",
      registers,
    }),
    queueLag: new Histogram({
      name: "serin_queue_lag_seconds",
      help: "How long a Canary waited for its turn after it was due.",
      buckets: requestBuckets,
      registers,
    }),
    violations: new Counter({
      name: "serin_invariant_violations_total",
      help: "Bugs that stopped the work on one Canary. Any is worth a report.",
      registers,
    }),
    leader: new Gauge({
      name: "serin_leader",
      help: "1 for the replica that acts, 0 for those that stand by.",
      registers,
    }),
  };
}

/** Registers the series and gives what fills them. */
export function createControllerSeries(registry: Registry): ControllerMetrics {
  const requests = requestSeries(registry);
  const state = stateSeries(registry);
  return {
    recordRollback(step, durationMs) {
      state.rollback.observe({ step }, durationMs / 1000);
    },
    setQueueDepth(keys) {
      state.queueDepth.set(keys);
    },
    recordQueueLag(lagMs) {
      state.queueLag.observe(lagMs / 1000);
    },
    recordApiRequest({ verb, resource, status, durationMs }) {
      requests.apiTotal.inc({ verb, resource, status: String(status) });
      if (verb !== "watch") requests.apiSeconds.observe({ verb, resource }, durationMs / 1000);
    },
    recordProviderRequest({ provider, outcome, durationMs }) {
      requests.providerTotal.inc({ provider, outcome });
      requests.providerSeconds.observe({ provider }, durationMs / 1000);
    },
    countInvariantViolation() {
      state.violations.inc();
    },
    setLeader(isLeader) {
      state.leader.set(isLeader ? 1 : 0);
    },
  };
}
