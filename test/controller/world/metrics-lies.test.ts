/** A Prometheus whose clock is not Serin's, and one that has too many series: what it says proves and fails nothing wrongly. */
import { afterEach, describe, expect, it } from "vitest";
import {
  openShop,
  type RunningShop,
  untilPhase,
  untilRolledBack,
  untilRouted,
} from "../../support/running-shop.ts";

const stages = [10, 100].map((weight) => ({ weight, minSeconds: 2 }));

let bed: RunningShop;
afterEach(() => bed.world.close());

async function release(spec: object = {}): Promise<void> {
  bed = await openShop({ replicas: 2, spec: { stages, ...spec } });
  await bed.shop.push("2");
  await untilRouted(bed, 10, 60_000);
}

describe.each([10_000, -10_000, 120_000])(
  "a clock that is %i ms ahead of the one of Prometheus",
  (skewMs) => {
    const late = Math.max(0, -skewMs);
    const options = { replicas: 2, spec: { stages }, controller: { skewMs } };

    it("fails no good version", async () => {
      bed = await openShop(options);
      const clients = bed.world.sandbox.mesh.countClients("orders.shop");
      await bed.shop.push("2");
      await untilPhase(bed, "Succeeded", 150_000);
      expect(clients.stats().failed).toBe(0);
    });

    it("lets a bad one serve for no longer than what it is behind", async () => {
      bed = await openShop(options);
      await bed.shop.push("2", { "sandbox.serin.dev/error-percent": "50" });
      await untilRouted(bed, 10, 90_000);
      const tookMs = await untilRouted(bed, 0, 120_000);
      const { rollbackBoundSeconds = 0 } = await bed.shop.status();
      expect(tookMs).toBeLessThanOrEqual(rollbackBoundSeconds * 1_000 + late);
      await untilRolledBack(bed, 60_000);
    });
  },
);

describe("a Prometheus with too many series", () => {
  it("is not believed: the release holds, says so, and goes on once they are gone", async () => {
    const limit = { max: 5, consecutive: 2, minSamples: 20 };
    const metrics = [
      {
        name: "error-rate",
        templateRef: { kind: "AnalysisTemplate", name: "errors" },
        limit,
        compare: null,
      },
    ];
    await release({ analysis: { intervalSeconds: 10, warmupSeconds: 3, metrics } });
    bed.world.sandbox.prometheus.setFault({
      kind: "Explosion",
      series: 50_001,
    });
    await bed.world.advance(31_000);
    const { analysis, phase } = await bed.shop.status();
    expect(phase).toBe("Progressing");
    expect(analysis?.[0]).toMatchObject({
      verdict: "Error",
      message: expect.stringMatching(/50001 series, more than 50000: narrow the query/),
    });
    expect(await bed.shop.routedWeight()).toBe(10);
    bed.world.sandbox.prometheus.setFault(undefined);
    await untilPhase(bed, "Succeeded", 90_000);
  });
});
