import { describe, expect, it } from "vitest";
import { fixedAnswers } from "../../../src/sandbox/mesh/answers.ts";
import { decodePod } from "../../../src/sandbox/mesh/decode.ts";
import { createLivePods } from "../../../src/sandbox/mesh/live-pods.ts";

function pod(uid: string, restartCount = 0) {
  return decodePod({
    metadata: { name: "orders-1", namespace: "shop", uid },
    status: {
      podIP: "10.244.0.9",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [{ restartCount, state: { running: {} } }],
    },
  });
}

describe("a live pod's counters", () => {
  function startCounting() {
    const pods = createLivePods();
    const endpoint = pods.observe("shop/orders-1", pod("a"));
    const key = { service: "orders", peer: "load", answer: "200" };
    endpoint?.live.metrics.record(key, () => ({ response_code: "200" }), fixedAnswers(3, 2));
    return { pods, endpoint };
  }

  const totals = (pods: ReturnType<typeof createLivePods>): number[] =>
    pods
      .targets()
      .flatMap((target) => target.collect())
      .filter(({ name }) => name === "istio_requests_total")
      .map(({ value }) => value);

  it("stay while the pod changes, and go when its container starts again", () => {
    const { pods } = startCounting();
    pods.observe("shop/orders-1", pod("a"));
    expect(totals(pods)).toEqual([2]);
    pods.observe("shop/orders-1", pod("a", 1));
    expect(totals(pods)).toEqual([]);
  });

  it("go when another pod takes the name", () => {
    const { pods } = startCounting();
    pods.observe("shop/orders-1", pod("b"));
    expect(totals(pods)).toEqual([]);
    expect(pods.targets()).toHaveLength(1);
  });

  it("are no target any more when the pod is gone, though it still serves what is under way", () => {
    const { pods, endpoint } = startCounting();
    expect(pods.targets()[0]?.labels).toEqual({
      job: "istio-proxies",
      namespace: "shop",
      pod: "orders-1",
      instance: "10.244.0.9:15020",
    });
    expect(pods.observe("shop/orders-1", undefined)).toBeUndefined();
    expect(pods.targets()).toEqual([]);
    expect(endpoint?.live.serving).toBe(true);
  });
});
