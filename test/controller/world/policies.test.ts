/** What a spec says of its metrics, on the whole world: dry runs, values, pauses, no analysis, no traffic. */
import { afterEach, describe, expect, it } from "vitest";
import {
  openShop,
  type RunningShop,
  untilPhase,
  untilRolledBack,
} from "../../support/running-shop.ts";
import type { ShopOptions } from "../../support/shop.ts";
import { createValueTemplate, valueMetric } from "../../support/value-template.ts";
import { followWeights } from "../../support/weight-history.ts";
import type { World } from "../../support/world.ts";

const metric = (name: string, template: string, max: number, policy: object = {}) => ({
  name,
  templateRef: { kind: "AnalysisTemplate", name: template },
  limit: { max, consecutive: 2, minSamples: 20 },
  compare: null,
  ...policy,
});
const analysis = (...metrics: readonly object[]) => ({
  intervalSeconds: 2,
  warmupSeconds: 3,
  metrics,
});
const stages = [10, 100].map((weight) => ({ weight, minSeconds: 4 }));
const bad = { "sandbox.serin.dev/error-percent": "50" };

describe("a release by the policies of its metrics", () => {
  let running: RunningShop;
  afterEach(() => running.world.close());
  const open = async (options: ShopOptions, prepare?: (world: World) => Promise<void>) => {
    running = await openShop({
      replicas: 2,
      ...options,
      ...(prepare !== undefined && { prepare }),
    });
    return running;
  };

  it("is rolled back by a value, while a dry run is only shown", async () => {
    const { shop } = await open(
      { spec: { stages, analysis: analysis(...valueMetric) } },
      createValueTemplate,
    );
    await shop.push("2", bad);
    await untilRolledBack(running, 60_000);
    const { release, analysis: shown } = await shop.status();
    expect(release).toMatchObject({
      peakWeight: 10,
      rollback: { reason: "MetricLimitExceeded", metric: "own", limit: 5 },
    });
    expect(release?.rollback?.value).toBeGreaterThan(20);
    expect(release?.rollback?.message).toMatch(/^own: [\d.]+ %, limit 5 %, in 2 checks in a row$/);
    expect(shown?.[1]).toMatchObject({ name: "error-rate", dryRun: true });
    expect(await shop.routedWeight()).toBe(0);
  });

  it("waits at its weight for a metric that pauses", async () => {
    const metrics = [
      metric("error-rate", "errors", 5, { onFail: "Pause" }),
      metric("latency-p99", "p99", 500),
    ];
    const { shop, world } = await open({ spec: { stages, analysis: analysis(...metrics) } });
    await shop.push("2", bad);
    await untilPhase(running, "Waiting", 60_000);
    await world.advance(20_000);
    expect(await shop.status()).toMatchObject({
      phase: "Waiting",
      waiting: { reason: "MetricFailed" },
      message: expect.stringContaining("error-rate fails"),
    });
    expect(await shop.routedWeight()).toBe(10);
  });

  it("is promoted without analysis, and without the templates for it, where the spec says so", async () => {
    const spec = { stages, skipAnalysis: true, analysis: analysis(metric("ghost", "ghost", 5)) };
    const { shop, world } = await open({ spec });
    const clients = world.sandbox.mesh.countClients("orders.shop");
    const weights = followWeights(world);
    await shop.push("2");
    await untilPhase(running, "Succeeded", 90_000);
    expect(weights.stop()).toEqual([0, 100, 0]);
    expect(clients.stats().failed).toBe(0);
    expect(await shop.status()).toMatchObject({
      message: "example.com/orders:2 is promoted and serves all traffic, unproven",
      history: [{ outcome: "Succeeded", unproven: true }],
    });
    await shop.push("3", { "sandbox.serin.dev/crash": "true" });
    await untilPhase(running, "Failed", 90_000);
    expect((await shop.status()).release?.rollback?.reason).toBe("CanaryCrashing");
    expect(await shop.routedWeight()).toBe(0);
    expect(clients.stats().failed).toBe(0);
  });

  it("holds while nobody calls the service, and is promoted unproven where the spec says so", async () => {
    const metrics = analysis(metric("error-rate", "errors", 5));
    const last = [{ weight: 100, minSeconds: 4 }];
    const { shop, world } = await open({
      requestsPerSecond: 0,
      spec: { stages: last, analysis: metrics },
    });
    await shop.push("2");
    await world.advance(45_000);
    expect(await shop.status()).toMatchObject({
      phase: "Progressing",
      canaryWeight: 0,
      message: expect.stringContaining("nobody calls the service"),
    });
    const onNoTraffic = { action: "PromoteAfterSeconds", seconds: 60 };
    await shop.patch("canary", { spec: { analysis: { onNoTraffic } } });
    await shop.push("3");
    await untilPhase(running, "Succeeded", 240_000);
    expect((await shop.status()).history?.[0]).toMatchObject({
      outcome: "Succeeded",
      unproven: true,
    });
  });
});
