/** The primary is deleted by somebody while it serves: it is made anew from the promoted template, and people are told. */
import { afterEach, expect, it } from "vitest";
import { createShop } from "../../support/shop.ts";
import { viewShop } from "../../support/shop-view.ts";
import { createWorld, type World } from "../../support/world.ts";

let world: World;
afterEach(() => world.close());

it("makes a deleted primary anew, and serves again", async () => {
  world = await createWorld();
  const shop = viewShop(world);
  await createShop(world);
  await world.startController();
  const isIdle = async () => {
    const { phase, drain } = await shop.status();
    return phase === "Initialized" && drain === undefined;
  };
  await world.until("initialised", isIdle, 90_000);
  const path = "/apis/apps/v1/namespaces/shop/deployments/orders-primary";
  await world.sandbox.admin.request({ method: "DELETE", path });
  await world.advance(20_000);
  const clients = world.sandbox.mesh.countClients("orders.shop");
  await world.advance(10_000);
  const { requests, failed, byWorkload } = clients.stats();
  expect(requests).toBeGreaterThan(1_000);
  expect(failed).toBe(0);
  expect(byWorkload["orders-primary"]?.requests).toBe(requests);
  expect(await shop.eventReasons()).toContain("Stalled");
  const stalled = (await shop.status()).conditions?.find(({ type }) => type === "Stalled");
  expect(stalled?.status).toBe("False");
});
