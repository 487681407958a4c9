/** Many releases at once: each ends as it would alone, and the bad ones do not wait for the others. */
import { afterEach, describe, expect, it } from "vitest";
import { createShop } from "../../support/shop.ts";
import { type ShopView, viewShop } from "../../support/shop-view.ts";
import { followWeights } from "../../support/weight-history.ts";
import { createWorld, type World } from "../../support/world.ts";

describe("releases at once", () => {
  let world: World;
  afterEach(() => world.close());

  it.each([
    ["two, one of them bad", 2, [1]],
    ["twelve, three of them bad", 12, [3, 7, 11]],
  ])(
    "end each for itself: %s",
    async (_name, count, bad) => {
      world = await createWorld();
      const names = Array.from({ length: count }, (_, index) => `shop-${index}`);
      const shops = names.map((name) => viewShop(world, name));
      for (const name of names) await createShop(world, { name, replicas: 2 });
      await world.advance(3_000);
      const clients = names.map((name) => world.sandbox.mesh.countClients(`${name}.shop`));
      const process = await world.startController();
      const all = (isSo: (shop: ShopView) => Promise<boolean>) => async () =>
        (await Promise.all(shops.map(isSo))).every(Boolean);
      await world.until(
        "initialised",
        all(async (shop) => {
          const { phase, drain } = await shop.status();
          return phase === "Initialized" && drain === undefined;
        }),
        90_000,
      );
      const weights = names.map((name) => followWeights(world, name));
      const serving = names.map((name) => world.sandbox.mesh.countClients(`${name}.shop`));
      await world.settle();
      for (const [index, shop] of shops.entries())
        await shop.push(
          "2",
          bad.includes(index) ? { "sandbox.serin.dev/error-percent": "50" } : {},
        );
      await world.until(
        "ended",
        all(async (shop) => {
          const { phase, drain } = await shop.status();
          return (phase === "Succeeded" || phase === "Failed") && drain === undefined;
        }),
        150_000,
      );

      const wallOffsetMs = world.clock.now() - world.clock.monotonic();
      for (const [index, shop] of shops.entries()) {
        const status = await shop.status();
        const isBad = bad.includes(index);
        const seen = weights[index]?.seen() ?? [];
        const onset = serving[index]?.stats().byWorkload[`shop-${index}`]?.firstRequestAt ?? 0;
        const exposedMs = (seen.at(-1)?.at ?? 0) + wallOffsetMs - onset;
        expect(status.phase).toBe(isBad ? "Failed" : "Succeeded");
        expect(seen.map(({ weight }) => weight)).toEqual(
          isBad ? [0, 10, 0] : [0, 10, 25, 50, 100, 0],
        );
        expect(isBad ? exposedMs : 0).toBeLessThanOrEqual(
          1000 * (status.rollbackBoundSeconds ?? 0),
        );
        expect(isBad ? 0 : clients[index]?.stats().failed).toBe(0);
      }
      for (const history of weights) history.stop();
      expect(process.controller.problem()).toBeUndefined();
    },
    60_000,
  );
});
