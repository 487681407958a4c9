/** The API server refuses every change of a route because istiod's webhook is down: people read so, and it heals. */
import { afterEach, expect, it } from "vitest";
import { createShop } from "../../support/shop.ts";
import { viewShop } from "../../support/shop-view.ts";
import { createWorld, type World } from "../../support/world.ts";

let world: World;
afterEach(() => world.close());

const refusal = {
  kind: "Status",
  apiVersion: "v1",
  status: "Failure",
  reason: "InternalError",
  code: 500,
  message: 'failed calling webhook "validation.istio.io": connection refused',
};

it("says in status that istiod's webhook refuses the routes, and goes on once it is back", async () => {
  world = await createWorld();
  const shop = viewShop(world);
  await createShop(world);
  let isDown = false;
  await world.startController({
    intercept: ({ method, path }) =>
      isDown && method !== "GET" && path.includes("/virtualservices/")
        ? { kind: "Answer", response: Response.json(refusal, { status: 500 }) }
        : { kind: "Pass" },
  });
  const isIdle = async () => {
    const { phase, drain } = await shop.status();
    return phase === "Initialized" && drain === undefined;
  };
  await world.until("initialised", isIdle, 90_000);
  isDown = true;
  await shop.push("2");
  await world.advance(60_000);
  const { phase, message } = await shop.status();
  expect(phase).toBe("Progressing");
  expect(message).toMatch(/the routes are being written: .*webhook/);
  expect(await shop.routedWeight()).toBe(0);
  isDown = false;
  await world.until("promoted", async () => (await shop.status()).phase === "Succeeded", 200_000);
  expect((await shop.status()).message).not.toContain("webhook");
});
