import { describe, expect, it } from "vitest";
import { createPrometheusMetrics } from "../../../src/adapters/observability/prometheus-metrics.ts";

const order = { namespace: "order-prod", name: "order-service" };
const other = { namespace: "order-prod", name: "billing" };

const create = () => createPrometheusMetrics({ withProcess: false });

/** The samples whose line begins so, without comments. */
async function samples(metrics: ReturnType<typeof create>, prefix: string): Promise<string[]> {
  const { text } = await metrics.render();
  return text.split("\n").filter((line) => line.startsWith(prefix));
}

describe("the series of a Canary", () => {
  it("show its phase, weights and values", async () => {
    const metrics = create();
    metrics.showCanary(order, {
      phase: "Progressing",
      canaryWeight: 25,
      observedWeight: 24,
      values: [{ metric: "error-rate", canaryValue: 0.4, stableValue: 0, evidence: 2.5 }],
      problems: [],
    });
    metrics.countRelease(order, "Succeeded");
    expect(await samples(metrics, "serin_canary_phase{")).toEqual([
      'serin_canary_phase{namespace="order-prod",name="order-service",phase="Progressing"} 1',
    ]);
    expect(await samples(metrics, "serin_canary_weight{")).toEqual([
      'serin_canary_weight{namespace="order-prod",name="order-service"} 25',
    ]);
    expect(await samples(metrics, "serin_canary_observed_weight{")).toEqual([
      'serin_canary_observed_weight{namespace="order-prod",name="order-service"} 24',
    ]);
    expect(await samples(metrics, "serin_analysis_value{")).toEqual([
      'serin_analysis_value{namespace="order-prod",name="order-service",metric="error-rate",version="canary"} 0.4',
      'serin_analysis_value{namespace="order-prod",name="order-service",metric="error-rate",version="stable"} 0',
    ]);
    expect(await samples(metrics, "serin_analysis_evidence{")).toEqual([
      'serin_analysis_evidence{namespace="order-prod",name="order-service",metric="error-rate"} 2.5',
    ]);
    expect(await samples(metrics, "serin_release_total{")).toEqual([
      'serin_release_total{namespace="order-prod",name="order-service",outcome="Succeeded"} 1',
    ]);
  });

  it("leave nothing of an earlier phase or of a metric that is gone", async () => {
    const metrics = create();
    const values = [{ metric: "error-rate", canaryValue: 1, stableValue: 1, evidence: 1 }];
    metrics.showCanary(order, {
      phase: "Progressing",
      canaryWeight: 25,
      observedWeight: 24,
      values,
      problems: ["TrafficSplitMismatch"],
    });
    expect(await samples(metrics, "serin_canary_problem{")).toEqual([
      'serin_canary_problem{namespace="order-prod",name="order-service",reason="TrafficSplitMismatch"} 1',
    ]);
    metrics.showCanary(order, {
      phase: "Succeeded",
      canaryWeight: 0,
      observedWeight: undefined,
      values: [],
      problems: [],
    });
    expect(await samples(metrics, "serin_canary_")).toEqual([
      'serin_canary_phase{namespace="order-prod",name="order-service",phase="Succeeded"} 1',
      'serin_canary_weight{namespace="order-prod",name="order-service"} 0',
    ]);
    expect(await samples(metrics, "serin_analysis_value{")).toEqual([]);
    expect(await samples(metrics, "serin_analysis_evidence{")).toEqual([]);
  });

  it("go with their Canary, and with no other", async () => {
    const metrics = create();
    for (const series of [order, other]) {
      const values = [{ metric: "error-rate", canaryValue: 1, stableValue: 1, evidence: 1 }];
      const problems = ["ReleaseFailed"];
      const weights = { canaryWeight: 0, observedWeight: 0 };
      metrics.showCanary(series, { phase: "Failed", ...weights, values, problems });
      metrics.countRelease(series, "Failed");
    }
    metrics.forgetCanary(order);
    metrics.forgetCanary(order);
    const left = [
      ...(await samples(metrics, "serin_canary")),
      ...(await samples(metrics, "serin_a")),
    ];
    expect(left.filter((line) => line.includes("order-service"))).toEqual([]);
    expect(left.filter((line) => line.includes("billing"))).toHaveLength(7);
    expect(await samples(metrics, "serin_release_total{")).toHaveLength(1);
  });
});

describe("the series of the controller", () => {
  it("count requests without naming objects, and time all but watches", async () => {
    const metrics = create();
    const resource = "virtualservices";
    metrics.recordApiRequest({ verb: "patch", resource, status: 422, durationMs: 20 });
    metrics.recordApiRequest({ verb: "watch", resource, status: 200, durationMs: 300_000 });
    metrics.recordProviderRequest({ provider: "slack", outcome: "Failed", durationMs: 5000 });
    expect(await samples(metrics, "serin_api_requests_total{")).toEqual([
      'serin_api_requests_total{verb="patch",resource="virtualservices",status="422"} 1',
      'serin_api_requests_total{verb="watch",resource="virtualservices",status="200"} 1',
    ]);
    expect(await samples(metrics, "serin_api_request_seconds_sum")).toEqual([
      'serin_api_request_seconds_sum{verb="patch",resource="virtualservices"} 0.02',
    ]);
    expect(await samples(metrics, "serin_provider_request_seconds_sum")).toEqual([
      'serin_provider_request_seconds_sum{provider="slack"} 5',
    ]);
  });

  it("show rollbacks in seconds, the queue and who leads", async () => {
    const metrics = create();
    metrics.recordRollback("confirmed", 12_500);
    metrics.setQueueDepth(3);
    metrics.recordQueueLag(1500);
    metrics.countInvariantViolation();
    metrics.setLeader(true);
    expect(await samples(metrics, "serin_rollback_seconds_sum")).toEqual([
      'serin_rollback_seconds_sum{step="confirmed"} 12.5',
    ]);
    expect(await samples(metrics, "serin_queue")).toContain("serin_queue_depth 3");
    expect(await samples(metrics, "serin_queue_lag_seconds_sum")).toEqual([
      "serin_queue_lag_seconds_sum 1.5",
    ]);
    expect(await samples(metrics, "serin_invariant")).toEqual([
      "serin_invariant_violations_total 1",
    ]);
    expect(await samples(metrics, "serin_leader")).toEqual(["serin_leader 1"]);
    metrics.setLeader(false);
    expect(await samples(metrics, "serin_leader")).toEqual(["serin_leader 0"]);
  });

  it("are apart from those of another registry", async () => {
    const first = create();
    const second = create();
    first.countInvariantViolation();
    expect(await samples(second, "serin_invariant")).toEqual([
      "serin_invariant_violations_total 0",
    ]);
  });
});
