/** What people get wrong is refused with the field and the fix, harms no other Canary, and is forgotten once mended. */
import { afterEach, describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
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
import { breakPods } from "../../support/shop-faults.ts";
import { type Flaw, flaws } from "../../support/shop-flaws.ts";
import { viewShop } from "../../support/shop-view.ts";
import { createWorld, type World } from "../../support/world.ts";

/** Also while a release runs at 25 %: those that leave its pods and its routes where they are. */
const alongTheWay = new Set([
  "the selector lacks the label",
  "an autoscaler acts on the target",
  "the rule that is named is not there",
  "the spec names a template that is not there",
  "the spec's times add up to too much",
]);

describe("bad input", () => {
  let world: World | undefined;
  afterEach(async () => {
    await world?.close();
    world = undefined;
  });

  async function start(): Promise<RunningShop> {
    const bed = await openShop();
    world = bed.world;
    return bed;
  }

  it.each(flaws)("is refused from the beginning, and taken up once mended: $name", async (flaw) => {
    world = await createWorld();
    const shop = viewShop(world);
    await createShop(world);
    const neighbour = await addShop(world, { name: "mails" });
    await flaw.make(world);
    await world.advance(5_000);
    await world.startController();
    await untilIdle(world, neighbour);
    const status = await shop.status();
    expectRefused(status, flaw);
    expect(status.phase).toBeUndefined();
    // Manifests arrive one after the other: what is not there yet is shown in status alone.
    const isTold = (await shop.eventReasons()).includes("SpecRefused");
    expect(isTold).toBe(!flaw.reason.endsWith("NotFound"));
    await neighbour.push("2");
    await untilPhase({ world, shop: neighbour }, "Succeeded", 150_000);
    expectRefused(await shop.status(), flaw);
    await flaw.mend(world);
    await untilIdle(world, shop);
    expect(accepted(await shop.status())?.status).toBe("True");
    await shop.push("2");
    await untilPhase({ world, shop }, "Succeeded", 150_000);
  });

  it.each(flaws.filter(({ reason }) => reason !== "TargetNotFound"))(
    "keeps a release from starting until it is mended: $name",
    async (flaw) => {
      const bed = await start();
      await flaw.make(bed.world);
      await bed.world.advance(31_000);
      expectRefused(await bed.shop.status(), flaw);
      await bed.shop.push("2");
      await bed.world.advance(60_000);
      expect((await bed.shop.status()).phase).toBe("Initialized");
      expect((await bed.shop.deployment("target")).spec.replicas).toBe(0);
      await flaw.mend(bed.world);
      await untilPhase(bed, "Succeeded", 150_000);
      expect(accepted(await bed.shop.status())?.status).toBe("True");
    },
  );

  it("goes on as before when the target was deleted and is there again", async () => {
    const bed = await start();
    const [flaw] = flaws.filter(({ reason }) => reason === "TargetNotFound");
    const clients = bed.world.sandbox.mesh.countClients("orders.shop");
    await flaw?.make(bed.world);
    await bed.world.advance(31_000);
    expect(accepted(await bed.shop.status())).toMatchObject({ reason: "TargetNotFound" });
    await flaw?.mend(bed.world);
    await bed.world.advance(60_000);
    expect((await bed.shop.deployment("target")).spec.replicas).toBe(0);
    expect(clients.stats().failed).toBe(0);
    await bed.shop.push("2");
    await untilPhase(bed, "Succeeded", 150_000);
  });

  describe.each(flaws.filter(({ name }) => alongTheWay.has(name)))(
    "during a release: $name",
    (flaw) => {
      it("raises nothing and fails nothing; mended, the release goes on", async () => {
        const bed = await start();
        await bed.shop.push("2");
        await untilRouted(bed, 25, 60_000);
        await flaw.make(bed.world);
        await bed.world.advance(90_000);
        const status = await bed.shop.status();
        expectRefused(status, flaw);
        expect(status.phase).toBe("Progressing");
        expect(await bed.shop.routedWeight()).toBe(25);
        await flaw.mend(bed.world);
        await untilPhase(bed, "Succeeded", 150_000);
      });
    },
  );

  it.each(flaws.filter(({ name }) => alongTheWay.has(name)))(
    "does not stand before a rollback: $name",
    async (flaw) => {
      const bed = await start();
      await bed.shop.push("2");
      await untilRouted(bed, 25, 60_000);
      await bed.world.advance(3_000);
      const { rollbackBoundSeconds = 0 } = await bed.shop.status();
      await flaw.make(bed.world);
      await bed.world.settle();
      await breakPods(bed.world, "2");
      const tookMs = await untilRouted(bed, 0, 120_000);
      expect(tookMs).toBeLessThanOrEqual(rollbackBoundSeconds * 1_000);
      await untilRolledBack(bed, 60_000);
      expect((await bed.shop.status()).release?.rollback?.reason).toBe("MetricLimitExceeded");
    },
  );
});

function accepted({ conditions }: CanaryStatus) {
  return conditions?.find(({ type }) => type === "Accepted");
}

function expectRefused(status: CanaryStatus, { reason, says }: Flaw): void {
  const condition = accepted(status);
  expect(condition).toMatchObject({ status: "False", reason });
  expect(condition?.message).toMatch(says);
  expect(status.conditions?.find(({ type }) => type === "Stalled")?.status).toBe("True");
  expect(status.conditions?.find(({ type }) => type === "Ready")?.status).toBe("False");
}
