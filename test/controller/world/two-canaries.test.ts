/** Two Canaries on one workload or one route: the older works as if the other were not there, which takes over once it is gone. */
import { afterEach, expect, it } from "vitest";
import { addShop, openShop, type RunningShop, untilPhase } from "../../support/running-shop.ts";
import { shopManifests } from "../../support/shop.ts";
import { viewShop } from "../../support/shop-view.ts";

let bed: RunningShop;
afterEach(() => bed.world.close());

const path = "/apis/serin.dev/v1alpha1/namespaces/shop/canaries";

it("keeps the older's releases whole, names it to the younger, and hands over when it is deleted", async () => {
  const stages = [20, 100].map((weight) => ({ weight, minSeconds: 2 }));
  bed = await openShop({ replicas: 2, spec: { stages } });
  const { admin } = bed.world.sandbox;
  await bed.world.advance(2_000);
  const [spec] = shopManifests({ spec: { stages } })
    .filter((manifest) => manifest.path === path)
    .map(({ body }) => ({ ...body, metadata: { name: "another" } }));
  await admin.request({ method: "POST", path, body: spec ?? {} });
  const another = viewShop(bed.world, "another");
  await bed.world.settle();
  const accepted = (await another.status()).conditions?.find(({ type }) => type === "Accepted");
  expect(accepted).toMatchObject({
    status: "False",
    reason: "Conflict",
    message: expect.stringContaining("Canary shop/orders has Deployment/orders already"),
  });
  await bed.shop.push("2");
  await untilPhase(bed, "Succeeded", 120_000);
  expect(await another.status()).not.toHaveProperty("phase");
  const clients = bed.world.sandbox.mesh.countClients("orders.shop");
  await bed.shop.patch("canary", { metadata: { finalizers: [] } });
  await admin.request({ method: "DELETE", path: `${path}/orders` });
  await bed.world.advance(60_000);
  const now = (await another.status()).conditions?.find(({ type }) => type === "Accepted");
  expect(now?.reason).not.toBe("Conflict");
  expect(clients.stats().failed).toBe(0);
});

it("on one route: the older keeps it, the younger says whose it is and touches nothing", async () => {
  const stages = [20, 100].map((weight) => ({ weight, minSeconds: 2 }));
  bed = await openShop({ replicas: 2, spec: { stages } });
  const { admin } = bed.world.sandbox;
  await bed.world.advance(2_000);
  const routing = { istio: { virtualServices: [{ name: "orders" }] } };
  await addShop(bed.world, { name: "mails", replicas: 2, requestsPerSecond: 0, spec: { routing } });
  await bed.world.advance(3_000);
  const mails = viewShop(bed.world, "mails");
  const accepted = async () =>
    (await mails.status()).conditions?.find(({ type }) => type === "Accepted");
  expect(await accepted()).toMatchObject({
    status: "False",
    reason: "Conflict",
    message: expect.stringMatching(
      /Canary shop\/orders has .*orders.* already; delete one of the two/,
    ),
  });
  const clients = bed.world.sandbox.mesh.countClients("orders.shop");
  await bed.shop.push("2");
  await mails.push("2");
  await untilPhase(bed, "Succeeded", 120_000);
  expect(await mails.status()).not.toHaveProperty("phase");
  expect((await mails.deployment("target")).spec.replicas).toBe(2);
  expect(clients.stats().failed).toBe(0);
  const deployments = "/apis/apps/v1/namespaces/shop/deployments";
  const names = JSON.stringify(await admin.request({ method: "GET", path: deployments }));
  expect(names).not.toContain("mails-primary");
});
