/** The promised times, measured by the clients' own counts: from the onset of a fault to its last request. */
import { afterEach, describe, expect, it } from "vitest";
import {
  openShop,
  type RunningShop,
  type RunningShopOptions,
  untilRolledBack,
  untilRouted,
} from "../../support/running-shop.ts";
import { annotatePods } from "../../support/shop-faults.ts";

/** The shortest Canary: everything but target and routes is left to the defaults and the shipped templates. */
const shortest = {
  stages: undefined,
  analysis: undefined,
  rollback: undefined,
  progressDeadlineSeconds: undefined,
  routing: { istio: { virtualServices: [{ name: "orders" }] } },
};

const errors = { "sandbox.serin.dev/error-percent": "50" };
const slowness = { "sandbox.serin.dev/latency-p99-ms": "3000" };
/** Defaults: scrape 15 + interval 15 + 2 checks of 15 + query 5 + propagation 5. */
const errorBoundSeconds = 70;
/** The same and a warm-up of 30. */
const latencyBoundSeconds = 100;

interface Onset {
  /** Weight that is routed, and seconds since then. */
  readonly weight: number;
  readonly offset: number;
  readonly fault: Readonly<Record<string, string>>;
}

describe("promised times", () => {
  let open: RunningShop | undefined;
  afterEach(async () => {
    await open?.world.close();
    open = undefined;
  });

  async function start(options: RunningShopOptions): Promise<RunningShop> {
    open = await openShop({ scrapeMs: 15_000, spec: shortest, ...options });
    return open;
  }

  /** Breaks a release's running pods; seconds from then to the last request that they got, and what decided. */
  async function breakAt(bed: RunningShop, { weight, offset, fault }: Onset) {
    const clients = bed.world.sandbox.mesh.countClients("orders.shop");
    await bed.shop.push("2");
    await untilRouted(bed, weight, 600_000);
    await bed.world.advance(offset * 1_000);
    const onset = bed.world.clock.now();
    await annotatePods(bed.world, "2", fault);
    await untilRouted(bed, 0, 130_000);
    await untilRolledBack(bed, 130_000);
    const { lastRequestAt = Number.NaN } = clients.stats().byWorkload["orders"] ?? {};
    const { metric } = (await bed.shop.status()).release?.rollback ?? {};
    return { seconds: (lastRequestAt - onset) / 1_000, metric };
  }

  it("are what status says: 100 s with the defaults", async () => {
    const { shop } = await start({});
    expect((await shop.status()).rollbackBoundSeconds).toBe(latencyBoundSeconds);
  });

  describe.each([0, 1, 8])("with scrapes %i s after the readers' grid", (phase) => {
    it.each([0, 6, 12, 18, 24])("hold for errors that begin %i s into a stage", async (offset) => {
      const bed = await start({ phaseMs: phase * 1_000 });
      const { seconds, metric } = await breakAt(bed, { weight: 25, offset, fault: errors });
      expect(metric).toBe("error-rate");
      expect(seconds).toBeLessThanOrEqual(errorBoundSeconds);
    });
  });

  it.each([
    { weight: 10, offset: 60 },
    { weight: 25, offset: 50 },
    { weight: 25, offset: 75 },
    { weight: 50, offset: 65 },
    { weight: 100, offset: 5 },
  ])("hold for errors that begin $offset s after $weight % are routed", async (begin) => {
    const bed = await start({ phaseMs: 4_000 });
    const { seconds } = await breakAt(bed, { ...begin, fault: errors });
    expect(seconds).toBeLessThanOrEqual(errorBoundSeconds);
  });

  it.each([0, 7, 14, 21, 29])("hold for slowness that begins %i s into a stage", async (offset) => {
    const bed = await start({ phaseMs: 3_000 });
    const { seconds, metric } = await breakAt(bed, { weight: 25, offset, fault: slowness });
    expect(metric).toBe("latency-p99");
    expect(seconds).toBeLessThanOrEqual(latencyBoundSeconds);
  });

  it.each([
    { what: "errors", fault: errors, boundSeconds: errorBoundSeconds },
    { what: "slowness", fault: slowness, boundSeconds: latencyBoundSeconds },
  ])("hold for $what from the first request on", async ({ fault, boundSeconds }) => {
    for (const phase of [0, 5, 10]) {
      const bed = await start({ phaseMs: phase * 1_000 });
      const clients = bed.world.sandbox.mesh.countClients("orders.shop");
      await bed.shop.push("2", fault);
      await untilRouted(bed, 10, 120_000);
      await untilRolledBack(bed, 200_000);
      const { firstRequestAt = 0, lastRequestAt = Number.NaN } =
        clients.stats().byWorkload["orders"] ?? {};
      expect((lastRequestAt - firstRequestAt) / 1_000).toBeLessThanOrEqual(boundSeconds);
      await bed.world.close();
    }
  });

  it("are kept with room to spare where times are short: 20 % errors at 10 % of 50 rps", async () => {
    const took: number[] = [];
    for (let seed = 1; seed <= 11; seed += 1) {
      const bed = await start({
        seed,
        scrapeMs: 1_000,
        phaseMs: seed * 450,
        requestsPerSecond: 50,
        spec: quick,
      });
      const clients = bed.world.sandbox.mesh.countClients("orders.shop");
      await bed.shop.push("2", { "sandbox.serin.dev/error-percent": "20" });
      await untilRouted(bed, 10, 60_000);
      await untilRouted(bed, 0, 120_000);
      const onset = clients.stats().byWorkload["orders"]?.firstRequestAt ?? Number.NaN;
      took.push((bed.world.clock.now() - onset) / 1_000);
      await bed.world.close();
    }
    const sorted = took.toSorted((a, b) => a - b);
    expect(sorted[5]).toBeLessThanOrEqual(20);
    expect(sorted[10]).toBeLessThanOrEqual(60);
  });
});

const toMetric = (name: string, template: string, max: number) => ({
  name,
  templateRef: { kind: "AnalysisTemplate", name: template },
  limit: { max },
});

const quick = {
  stages: [{ weight: 10, minSeconds: 120 }, { weight: 100 }],
  analysis: {
    intervalSeconds: 5,
    warmupSeconds: 5,
    metrics: [toMetric("error-rate", "errors", 5), toMetric("latency-p99", "p99", 500)],
  },
};
