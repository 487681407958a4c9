/** A release that holds its limits, on the whole world, from the creation of the Canary to its promotion. */
import { afterEach, describe, expect, it } from "vitest";
import { createShop } from "../../support/shop.ts";
import { viewShop } from "../../support/shop-view.ts";
import { createWorld, type World } from "../../support/world.ts";

describe("a good release", () => {
  let world: World;
  afterEach(() => world.close());

  it("is initialised without a failed client request, then promoted stage by stage", async () => {
    world = await createWorld();
    const shop = viewShop(world);
    await createShop(world);
    await world.advance(5_000);
    const clients = world.sandbox.mesh.countClients("orders.shop");
    await world.startController();
    await world.until(
      "initialised",
      async () => (await shop.status()).phase === "Initialized",
      60_000,
    );
    await world.advance(10_000);
    expect(await shop.routedWeight()).toBe(0);
    expect((await shop.deployment("target")).spec.replicas).toBe(0);
    expect((await shop.deployment("primary")).spec.replicas).toBe(3);
    expect(clients.stats().failed).toBe(0);

    await shop.push("2");
    const weights: number[] = [];
    await world.until(
      "promoted",
      async () => {
        const weight = await shop.routedWeight();
        if (weight !== (weights.at(-1) ?? 0)) weights.push(weight);
        return (await shop.status()).phase === "Succeeded";
      },
      150_000,
    );
    expect(weights).toEqual([10, 25, 50, 100, 0]);
    expect((await shop.deployment("primary")).spec.template.spec.containers[0]?.image).toBe(
      "example.com/orders:2",
    );
    await world.advance(10_000);
    expect((await shop.deployment("target")).spec.replicas).toBe(0);
    expect(clients.stats().failed).toBe(0);
  });
});
