/** Incidents that are nobody's proven fault, on the whole world: traffic goes without a verdict, and comes back. */
import { afterEach, describe, expect, it } from "vitest";
import {
  openShop,
  type RunningShop,
  type RunningShopOptions,
  untilPhase,
  untilRouted,
} from "../../support/running-shop.ts";
import { breakPods, healPods } from "../../support/shop-faults.ts";
import { followWeights } from "../../support/weight-history.ts";

/** Few and short: what happens between two of them is the same for all. */
const stages = [
  { weight: 10, minSeconds: 4 },
  { weight: 100, minSeconds: 2 },
];

describe("an incident", () => {
  let open: RunningShop | undefined;
  afterEach(async () => {
    await open?.world.close();
    open = undefined;
  });

  async function start(options: RunningShopOptions = {}): Promise<RunningShop> {
    open = await openShop(options);
    return open;
  }

  const untilRetreated = ({ world, shop }: RunningShop) =>
    world.until("retreated", async () => (await shop.status()).release?.retreats === 1, 150_000);

  it("that the canary does not cause takes it off without a verdict, and the release is promoted later", async () => {
    const bed = await start({ spec: { stages } });
    const weights = followWeights(bed.world);
    await bed.shop.push("2");
    await untilRouted(bed, 10, 60_000);
    await breakPods(bed.world, "1");
    await breakPods(bed.world, "2");
    const onset = bed.world.clock.now();
    await untilRetreated(bed);
    const status = await bed.shop.status();
    expect(status).toMatchObject({
      phase: "Progressing",
      canaryWeight: 0,
      release: { retreat: { reason: "SharedIncident", metric: "error-rate" } },
    });
    expect(await bed.shop.routedWeight()).toBe(0);
    expect(bed.world.clock.now() - onset).toBeLessThanOrEqual(
      1_000 * (status.rollbackBoundSeconds ?? 0),
    );
    await bed.world.advance(75_000);
    expect((await bed.shop.status()).message).toMatch(/once stable holds every limit for 3 s/);
    await healPods(bed.world, "1");
    await healPods(bed.world, "2");
    await untilPhase(bed, "Succeeded", 150_000);
    expect(weights.stop()).toEqual([0, 10, 0, 10, 100, 0]);
    const { history } = await bed.shop.status();
    expect(history).toMatchObject([{ outcome: "Succeeded" }]);
    const reasons = await bed.shop.eventReasons();
    expect(reasons).toEqual(expect.arrayContaining(["Retreated", "Resumed", "Succeeded"]));
  });

  it("that the canary causes fails it once stable recovers without it", async () => {
    const bed = await start();
    await bed.shop.push("2", { "sandbox.serin.dev/harm-percent": "40" });
    await untilPhase(bed, "Failed", 90_000);
    const { release, lastFailedHash, history } = await bed.shop.status();
    expect(release?.rollback).toMatchObject({ reason: "CanaryHarmsStable", metric: "error-rate" });
    expect(release?.rollback?.confirmedAt).toBeDefined();
    expect(lastFailedHash).toBe(release?.templateHash);
    expect(history).toMatchObject([
      { outcome: "Failed", reason: "CanaryHarmsStable", peakWeight: 10 },
    ]);
    expect(await bed.shop.eventReasons()).toEqual(
      expect.arrayContaining(["Retreated", "RolledBack"]),
    );
    const clients = bed.world.sandbox.mesh.countClients("orders.shop");
    await bed.world.advance(30_000);
    expect(clients.stats()).toMatchObject({ failed: 0 });
    expect((await bed.shop.deployment("target")).spec.replicas).toBe(0);
  });

  it("of a Prometheus that is down for ten minutes takes traffic off in time, fails and promotes nothing, and is over with it", async () => {
    const bed = await start({ spec: { rollback: { withinSeconds: 20 }, stages } });
    const clients = bed.world.sandbox.mesh.countClients("orders.shop");
    const weights = followWeights(bed.world);
    await bed.shop.push("2");
    await untilRouted(bed, 10, 60_000);
    bed.world.sandbox.prometheus.setFault({ kind: "Down" });
    expect(await untilRouted(bed, 0, 24_000)).toBeGreaterThan(15_000);
    expect((await bed.shop.status()).release?.retreat).toMatchObject({ reason: "NoData" });
    await bed.world.advance(576_000);
    const { phase, message, release } = await bed.shop.status();
    expect({ phase, retreats: release?.retreats }).toEqual({ phase: "Progressing", retreats: 1 });
    expect(message).toMatch(/ECONNREFUSED/);
    bed.world.sandbox.prometheus.setFault(undefined);
    await untilPhase(bed, "Succeeded", 90_000);
    expect(weights.stop()).toEqual([0, 10, 0, 10, 100, 0]);
    expect(clients.stats().failed).toBe(0);
  });

  it("of a Prometheus that finds nothing any more is one without data", async () => {
    const bed = await start({ spec: { rollback: { withinSeconds: 20 } } });
    await bed.shop.push("2");
    await untilRouted(bed, 10, 60_000);
    bed.world.sandbox.prometheus.setFault({ kind: "Empty" });
    await untilRouted(bed, 0, 24_000);
    expect((await bed.shop.status()).release?.retreat).toMatchObject({
      reason: "NoData",
      message: expect.stringMatching(/know no requests to either version any more/),
    });
  });

  it("of no data is not what a service is that nobody calls any more", async () => {
    const bed = await start({ spec: { rollback: { withinSeconds: 20 } } });
    await bed.shop.push("2");
    await untilRouted(bed, 10, 60_000);
    await bed.world.sandbox.admin.request({
      method: "PATCH",
      path: "/api/v1/namespaces/shop/services/orders",
      patch: "merge",
      body: { metadata: { annotations: { "sandbox.serin.dev/requests-per-second": "0" } } },
    });
    await bed.world.advance(60_000);
    expect(await bed.shop.routedWeight()).toBe(10);
    expect((await bed.shop.status()).release?.retreats).toBeUndefined();
  });
});
