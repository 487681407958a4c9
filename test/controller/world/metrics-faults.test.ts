/** Prometheus down, slow, or answering nonsense: a release neither fails nor is raised meanwhile, and goes on after. */
import { afterEach, describe, expect, it } from "vitest";
import type { MetricStatus } from "../../../src/api/canary-status.ts";
import type { PrometheusFault } from "../../../src/sandbox/prometheus/faults.ts";
import {
  addShop,
  openShop,
  type RunningShop,
  untilIdle,
  untilPhase,
  untilRolledBack,
  untilRouted,
} from "../../support/running-shop.ts";
import { createShop } from "../../support/shop.ts";
import { breakPods, crashPods } from "../../support/shop-faults.ts";
import { viewShop } from "../../support/shop-view.ts";
import { createWorld, type World } from "../../support/world.ts";

interface FaultCase {
  readonly name: string;
  readonly fault: PrometheusFault;
  readonly verdict: MetricStatus["verdict"];
  /** What status says of it. */
  readonly says: RegExp;
}

const faults: readonly FaultCase[] = [
  { name: "down", fault: { kind: "Down" }, verdict: "Error", says: /Unreachable.*ECONNREFUSED/ },
  {
    name: "slow",
    fault: { kind: "Slow", delayMs: 30_000 },
    verdict: "Error",
    says: /Timeout.*no whole answer within 2000 ms/,
  },
  {
    name: "answering 500",
    fault: { kind: "Status", code: 500, body: "out of memory" },
    verdict: "Error",
    says: /ServerError.*500/,
  },
  { name: "answering garbage", fault: { kind: "Garbage" }, verdict: "Error", says: /Malformed/ },
  { name: "answering NaN", fault: { kind: "NaN" }, verdict: "Error", says: /NaN/ },
  { name: "empty", fault: { kind: "Empty" }, verdict: "NoData", says: /no requests/ },
  {
    name: "answering in part",
    fault: { kind: "Partial", warning: "store 2 did not answer" },
    verdict: "Error",
    says: /Partial.*store 2/,
  },
];

describe("Prometheus", () => {
  let open: RunningShop | undefined;
  afterEach(async () => {
    await open?.world.close();
    open = undefined;
  });

  async function start(): Promise<RunningShop> {
    open = await openShop();
    return open;
  }

  /** Steps through `ms`, collecting every weight that is routed and every phase. */
  async function watch({ world, shop }: RunningShop, ms: number) {
    const weights = new Set<number>();
    const phases = new Set<string>();
    for (let passed = 0; passed < ms; passed += 1_000) {
      await world.advance(1_000);
      weights.add(await shop.routedWeight());
      phases.add((await shop.status()).phase ?? "");
    }
    return { weights: [...weights], phases: [...phases] };
  }

  describe.each(faults)("$name", ({ fault, verdict, says }) => {
    it("holds a good release at 25 % and says why; healed, the release succeeds", async () => {
      const bed = await start();
      await bed.shop.push("2");
      await untilRouted(bed, 25, 60_000);
      bed.world.sandbox.prometheus.setFault(fault);
      expect(await watch(bed, 65_000)).toEqual({ weights: [25], phases: ["Progressing"] });
      const { analysis = [], message, conditions, canaryWeight } = await bed.shop.status();
      expect(canaryWeight).toBe(25);
      for (const metric of analysis) {
        expect(metric.verdict).toBe(verdict);
        expect(metric.message).toMatch(says);
      }
      expect(message).toMatch(says);
      expect(conditions?.find(({ type }) => type === "AnalysisPassed")).toMatchObject({
        status: "Unknown",
        reason: verdict === "Error" ? "ProviderError" : "NoData",
      });
      bed.world.sandbox.prometheus.setFault(undefined);
      await untilPhase(bed, "Succeeded", 120_000);
      expect((await bed.shop.status()).history?.[0]?.outcome).toBe("Succeeded");
    });

    it("stops a stage whose traffic has moved already, whatever its evidence was", async () => {
      const bed = await start();
      await bed.shop.push("2");
      await bed.world.until(
        "confirmed at 25 %",
        async () => {
          const { stage } = (await bed.shop.status()).release ?? {};
          return stage?.weight === 25 && stage.trafficConfirmedAt !== undefined;
        },
        60_000,
      );
      bed.world.sandbox.prometheus.setFault(fault);
      expect(await watch(bed, 40_000)).toEqual({ weights: [25], phases: ["Progressing"] });
      bed.world.sandbox.prometheus.setFault(undefined);
      await untilPhase(bed, "Succeeded", 120_000);
    });

    it("keeps a release at 0 % when it is there from the beginning; healed, it succeeds", async () => {
      const bed = await start();
      bed.world.sandbox.prometheus.setFault(fault);
      await bed.shop.push("2");
      const { weights, phases } = await watch(bed, 65_000);
      expect(weights).toEqual([0]);
      expect(phases).toEqual(["Progressing"]);
      const { analysis = [], message } = await bed.shop.status();
      for (const metric of analysis) {
        expect(metric.verdict).toBe(verdict);
        expect(metric.message).toMatch(says);
      }
      expect(message).toMatch(says);
      bed.world.sandbox.prometheus.setFault(undefined);
      await untilPhase(bed, "Succeeded", 150_000);
    });

    it("hides a bad release only for as long as it lasts: healed, it is rolled back within the bound", async () => {
      const bed = await start();
      await bed.shop.push("2");
      await untilRouted(bed, 25, 60_000);
      bed.world.sandbox.prometheus.setFault(fault);
      await breakPods(bed.world, "2");
      expect((await watch(bed, 60_000)).phases).toEqual(["Progressing"]);
      bed.world.sandbox.prometheus.setFault(undefined);
      const { rollbackBoundSeconds = 0 } = await bed.shop.status();
      const tookMs = await untilRouted(bed, 0, 60_000);
      expect(tookMs).toBeLessThanOrEqual(rollbackBoundSeconds * 1_000);
      await untilRolledBack(bed, 30_000);
      expect((await bed.shop.status()).release?.rollback?.reason).toBe("MetricLimitExceeded");
    });
  });

  it("is down while a release crashes: traffic goes at once, and is seen to be gone once it is up", async () => {
    const bed = await start();
    await bed.shop.push("2");
    await untilRouted(bed, 25, 60_000);
    bed.world.sandbox.prometheus.setFault({ kind: "Down" });
    await crashPods(bed.world, "2");
    await untilRouted(bed, 0, 30_000);
    await bed.world.advance(60_000);
    const { phase, drain, message, release } = await bed.shop.status();
    expect(phase).toBe("Failed");
    expect(drain?.unconfirmed).toBe(true);
    expect(release?.rollback?.confirmedAt).toBeUndefined();
    expect(message).toMatch(/Unreachable.*ECONNREFUSED/);
    expect(await bed.shop.eventReasons()).toContain("RollbackUnconfirmed");
    bed.world.sandbox.prometheus.setFault(undefined);
    await untilRolledBack(bed, 30_000);
    expect(await bed.shop.eventReasons()).toContain("RolledBack");
  });

  it("is down while a Canary is initialised: nobody's request fails, life goes on, and its old pods stay until it is up", async () => {
    const world = await createWorld();
    const shop = viewShop(world);
    await createShop(world);
    await world.advance(5_000);
    const clients = world.sandbox.mesh.countClients("orders.shop");
    world.sandbox.prometheus.setFault({ kind: "Down" });
    const process = await world.startController();
    open = { world, shop, process };
    await world.until(
      "initialised",
      async () => (await shop.status()).phase === "Initialized",
      120_000,
    );
    expect((await shop.status()).message).toMatch(/no metrics have confirmed.*ECONNREFUSED/);
    expect(await shop.eventReasons()).toContain("DrainUnconfirmed");
    await world.advance(60_000);
    expect(await shop.routedWeight()).toBe(0);
    expect((await shop.deployment("target")).spec.replicas).toBe(3);
    world.sandbox.prometheus.setFault(undefined);
    await untilIdle(world, shop, 60_000);
    expect(clients.stats().failed).toBe(0);
  });

  it("is down while a version is promoted: nobody's request fails, and only the old pods wait until it is up", async () => {
    const bed = await start();
    const clients = bed.world.sandbox.mesh.countClients("orders.shop");
    await bed.shop.push("2");
    await untilPhase(bed, "Promoting", 150_000);
    bed.world.sandbox.prometheus.setFault({ kind: "Down" });
    await untilPhase(bed, "Finalising", 60_000);
    await bed.world.advance(40_000);
    const { phase, message } = await bed.shop.status();
    expect(phase).toBe("Finalising");
    expect(message).toMatch(/Unreachable.*ECONNREFUSED/);
    await untilPhase(bed, "Succeeded", 60_000);
    expect(await bed.shop.eventReasons()).toContain("DrainUnconfirmed");
    await bed.world.advance(60_000);
    expect((await bed.shop.deployment("target")).spec.replicas).toBeGreaterThan(0);
    bed.world.sandbox.prometheus.setFault(undefined);
    await bed.world.until(
      "idle",
      async () => (await bed.shop.deployment("target")).spec.replicas === 0,
      60_000,
    );
    expect(clients.stats().failed).toBe(0);
  });

  it("that is slow for one Canary delays the rollback of no other", async () => {
    const slowMetrics = Array.from({ length: 16 }, (_, index) => `slow-${index}`);
    const worlds: { world?: World } = {};
    open = await openShop({
      controller: {
        fetch: (input, init) => {
          const { world } = worlds;
          return world === undefined
            ? Promise.reject(new Error("early"))
            : slowly(world, input, init);
        },
      },
      prepare: async (world) => {
        worlds.world = world;
        await Promise.resolve();
      },
    });
    const { world, shop } = open;
    for (const name of slowMetrics) await createSlowTemplate(world, name);
    const other = await addShop(world, {
      name: "slow",
      spec: {
        analysis: {
          intervalSeconds: 2,
          warmupSeconds: 3,
          metrics: slowMetrics.map((name) => ({
            name,
            templateRef: { kind: "AnalysisTemplate", name },
            limit: { max: 5 },
          })),
        },
      },
    });
    await world.until(
      "slow one initialises",
      async () => (await other.status()).drain !== undefined,
      60_000,
    );
    await world.advance(30_000);
    await shop.push("2");
    await untilRouted(open, 25, 60_000);
    await breakPods(world, "2");
    const { rollbackBoundSeconds = 0 } = await shop.status();
    const tookMs = await untilRouted(open, 0, 60_000);
    expect(tookMs).toBeLessThanOrEqual(rollbackBoundSeconds * 1_000);
  });
});

/** A Prometheus that answers after a minute, if anybody still listens. */
async function slowly(
  world: World,
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  const { signal } = new Request(input, init);
  await new Promise<void>((resolve, reject) => {
    const cancel = world.clock.setTimer(60_000, resolve);
    signal.addEventListener("abort", () => {
      cancel();
      reject(new Error("aborted"));
    });
  });
  return Response.error();
}

async function createSlowTemplate(world: World, name: string): Promise<void> {
  const from = `destination_workload="{{ workload }}",destination_workload_namespace="{{ namespace }}",slow="${name}"`;
  await world.sandbox.admin.request({
    method: "POST",
    path: "/apis/serin.dev/v1alpha1/namespaces/shop/analysistemplates",
    body: {
      apiVersion: "serin.dev/v1alpha1",
      kind: "AnalysisTemplate",
      metadata: { name },
      spec: {
        provider: {
          prometheus: { address: "https://slow.invalid", scrapeSeconds: 1, timeoutSeconds: 30 },
        },
        ratio: {
          total: `istio_requests_total{${from}}`,
          bad: `istio_requests_total{${from},response_code=~"5.."}`,
        },
      },
    },
  });
}
