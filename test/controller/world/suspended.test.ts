/** A Canary that is suspended while people route by hand, on the whole world. */
import { afterEach, expect, it } from "vitest";
import { abort } from "../../support/commanding.ts";
import { openShop, type RunningShop, untilPhase, untilRouted } from "../../support/running-shop.ts";

let running: RunningShop;
afterEach(() => running.world.close());

const stages = [
  { weight: 10, minSeconds: 2 },
  { weight: 50, minSeconds: 4 },
  { weight: 100, minSeconds: 2 },
];

async function suspend(isSuspended: boolean): Promise<void> {
  await running.shop.patch("canary", { spec: { suspend: isSuspended } });
  await running.world.settle();
}

async function routeByHand(canaryWeight: number): Promise<void> {
  const { spec } = await running.shop.virtualService();
  const [rule] = spec.http;
  const route = rule?.route?.map((one) => ({
    ...one,
    weight: one.destination.subset === "canary" ? canaryWeight : 100 - canaryWeight,
  }));
  await running.shop.patch("virtualservice", { spec: { http: [{ ...rule, route }] } });
}

it("a release stands still while it is suspended, and goes on in its stage", async () => {
  running = await openShop({ replicas: 2, spec: { stages } });
  const { shop, world } = running;
  await shop.push("2");
  await untilRouted(running, 50, 60_000);
  await suspend(true);
  for (const weight of [80, 20]) {
    await routeByHand(weight);
    await world.advance(4_000);
    expect(await shop.routedWeight()).toBe(weight);
  }
  expect(await shop.status()).toMatchObject({
    phase: "Suspended",
    suspended: { phase: "Progressing" },
    canaryWeight: 50,
  });
  await suspend(false);
  await untilPhase(running, "Succeeded", 90_000);
  expect((await shop.status()).history).toMatchObject([{ reason: "Promoted" }]);
  expect(await shop.eventReasons()).toEqual(
    expect.arrayContaining(["Suspended", "SuspensionEnded", "Succeeded"]),
  );
});

it("a release that somebody aborts while suspended is off, and the routes are the people's again", async () => {
  running = await openShop({ replicas: 2, spec: { stages } });
  const { shop, world } = running;
  await shop.push("2");
  await untilRouted(running, 50, 60_000);
  await suspend(true);
  await abort(shop, "wrong prices");
  await world.advance(5_000);
  expect(await shop.routedWeight()).toBe(0);
  expect(await shop.status()).toMatchObject({
    phase: "Suspended",
    suspended: { phase: "Failed" },
    release: { rollback: { reason: "Aborted" } },
  });
  expect((await shop.canary()).metadata.annotations).toBeUndefined();
  await routeByHand(30);
  await shop.push("3");
  await world.advance(10_000);
  expect(await shop.routedWeight()).toBe(30);
  await suspend(false);
  await untilPhase(running, "Succeeded", 120_000);
  expect((await shop.deployment("primary")).spec.template.spec.containers[0]?.image).toBe(
    "example.com/orders:3",
  );
});

it("nothing is created for a Canary that is suspended from its beginning", async () => {
  running = await openShop({
    replicas: 2,
    spec: { stages },
    beforeController: async (world) => {
      await world.sandbox.admin.request({
        method: "PATCH",
        path: "/apis/serin.dev/v1alpha1/namespaces/shop/canaries/orders",
        patch: "merge",
        body: { spec: { suspend: true } },
      });
      const controller = await world.startController({ identity: "early" });
      await world.advance(20_000);
      const path = "/apis/apps/v1/namespaces/shop/deployments";
      const deployments = JSON.stringify(
        await world.sandbox.admin.request({ method: "GET", path }),
      );
      expect(deployments).not.toContain("orders-primary");
      controller.kill();
      await world.sandbox.admin.request({
        method: "PATCH",
        path: "/apis/serin.dev/v1alpha1/namespaces/shop/canaries/orders",
        patch: "merge",
        body: { spec: { suspend: false } },
      });
    },
  });
  expect((await running.shop.status()).phase).toBe("Initialized");
});
