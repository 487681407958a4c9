/**
 * The wall clock, and Prometheus' with it, is set back twice in the middle of a release: no stage is lost or repeated.
 * What is measured waits until the clock has caught up, since answers for a time that was before would be of the past.
 */
import { afterEach, expect, it } from "vitest";
import {
  openShop,
  type RunningShop,
  untilPhase,
  untilRolledBack,
  untilRouted,
} from "../../support/running-shop.ts";
import { breakPods, crashPods } from "../../support/shop-faults.ts";
import { followWeights } from "../../support/weight-history.ts";

let bed: RunningShop;
afterEach(() => bed.world.close());

const stages = [10, 50, 100].map((weight) => ({ weight, minSeconds: 4 }));

async function releaseSetBack(backMs: number): Promise<void> {
  bed = await openShop({ replicas: 2, spec: { stages } });
  await bed.shop.push("2");
  await untilRouted(bed, 10, 60_000);
  await bed.world.advance(2_000);
  bed.world.clock.jumpWall(-backMs);
}

it.each([3_000, 20_000])("by %i ms, and a good version passes every stage once", async (backMs) => {
  await releaseSetBack(backMs);
  const clients = bed.world.sandbox.mesh.countClients("orders.shop");
  const routed = followWeights(bed.world);
  await untilRouted(bed, 50, 60_000);
  await bed.world.advance(2_000);
  bed.world.clock.jumpWall(-backMs);
  await untilPhase(bed, "Succeeded", 120_000);
  expect(routed.stop()).toEqual([10, 50, 100, 0]);
  expect((await bed.shop.status()).history).toMatchObject([
    { outcome: "Succeeded", reason: "Promoted", peakWeight: 100 },
  ]);
  const told = await bed.shop.eventReasons();
  expect(told.filter((reason) => reason === "TrafficShifted")).toHaveLength(3);
  expect(told).not.toContain("Retreated");
  expect(clients.stats().failed).toBe(0);
});

it("and a bad version is off within its bound and the time set back", async () => {
  await releaseSetBack(20_000);
  await breakPods(bed.world, "2");
  const { rollbackBoundSeconds = 0 } = await bed.shop.status();
  const tookMs = await untilRouted(bed, 0, 60_000);
  expect(tookMs).toBeLessThanOrEqual(rollbackBoundSeconds * 1_000 + 20_000);
  await untilRolledBack(bed, 60_000);
});

it("by an hour, and a version whose pods crash is off at once", async () => {
  await releaseSetBack(3_600_000);
  await crashPods(bed.world, "2");
  await untilRouted(bed, 0, 30_000);
  expect((await bed.shop.status()).phase).toBe("Failed");
});
