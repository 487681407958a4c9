/** The primary in the hands of others: deleted, scaled, or never ready. Nobody's requests fail where pods are left to answer. */
import { afterEach, describe, expect, it } from "vitest";
import { openShop, type RunningShop, untilPhase, untilRouted } from "../../support/running-shop.ts";
import { crashPods, podsOf } from "../../support/shop-faults.ts";

let bed: RunningShop;
afterEach(() => bed.world.close());

const deployments = "/apis/apps/v1/namespaces/shop/deployments";
const patch = (path: string, body: object) =>
  bed.world.sandbox.admin.request({ method: "PATCH", path, patch: "merge", body });
const removePrimary = () =>
  bed.world.sandbox.admin.request({ method: "DELETE", path: `${deployments}/orders-primary` });
const primary = async () => {
  const { spec } = await bed.shop.deployment("primary");
  return { image: spec.template.spec.containers[0]?.image, replicas: spec.replicas };
};

/** As a node would have it that cannot run the new version: the primary's pods of it crash as soon as they are there. */
async function crashPrimaryPods(version: string): Promise<void> {
  for (const pod of await podsOf(bed.world, version)) {
    if (pod.startsWith("orders-primary"))
      await patch(`/api/v1/namespaces/shop/pods/${pod}`, {
        metadata: { annotations: { "sandbox.serin.dev/crash": "true" } },
      });
  }
}

describe("a primary that never becomes ready with the new version", () => {
  it("gets its old one back at the deadline, while the canary answers everybody", async () => {
    const stages = [{ weight: 100, minSeconds: 2 }];
    bed = await openShop({ spec: { stages, progressDeadlineSeconds: 20 } });
    const clients = bed.world.sandbox.mesh.countClients("orders.shop");
    await bed.shop.push("2");
    const isOver = async () => {
      await crashPrimaryPods("2");
      return (await bed.shop.status()).phase === "Failed";
    };
    const tookMs = await bed.world.until("failed", isOver, 150_000);
    expect(tookMs).toBeGreaterThan(20_000);
    const { history, lastFailedHash, release } = await bed.shop.status();
    expect(history).toMatchObject([{ outcome: "Failed", reason: "PromotionFailed" }]);
    expect(lastFailedHash).toBe(release?.templateHash);
    await bed.world.advance(30_000);
    expect(await primary()).toEqual({ image: "example.com/orders:1", replicas: 3 });
    expect(await bed.shop.routedWeight()).toBe(0);
    expect(clients.stats().failed).toBe(0);
  });
});

describe("a primary without a ready pod when the canary turns bad", () => {
  it("gets the traffic and its pods at once, and answers everybody once they are there", async () => {
    bed = await openShop({ podStartMs: { min: 6_000, max: 6_000 } });
    await bed.shop.push("2");
    await untilRouted(bed, 25, 90_000);
    await patch(`${deployments}/orders-primary`, { spec: { replicas: 0 } });
    await bed.world.settle();
    expect((await primary()).replicas).toBe(3);
    await crashPods(bed.world, "2");
    await untilPhase(bed, "Failed", 30_000);
    expect(await bed.shop.routedWeight()).toBe(0);
    await bed.world.advance(10_000);
    const clients = bed.world.sandbox.mesh.countClients("orders.shop");
    await bed.world.advance(5_000);
    expect(clients.stats().failed).toBe(0);
    expect(await primary()).toEqual({ image: "example.com/orders:1", replicas: 3 });
  });
});

describe("a primary that is deleted while a release runs", () => {
  it("is made anew from the promoted version; no stage is left meanwhile", async () => {
    bed = await openShop();
    await bed.shop.push("2");
    await untilRouted(bed, 25, 60_000);
    await removePrimary();
    await bed.world.settle();
    expect(await primary()).toEqual({ image: "example.com/orders:1", replicas: 3 });
    expect(await bed.shop.routedWeight()).toBe(25);
    expect(await bed.shop.eventReasons()).toContain("Stalled");
    await untilPhase(bed, "Succeeded", 200_000);
    expect(await primary()).toEqual({ image: "example.com/orders:2", replicas: 3 });
  });
});

describe("what people do between releases", () => {
  it("to the primary's replicas is kept, also by one that is made anew", async () => {
    bed = await openShop();
    await patch(`${deployments}/orders-primary`, { spec: { replicas: 5 } });
    await bed.world.advance(10_000);
    expect((await primary()).replicas).toBe(5);
    await removePrimary();
    await bed.world.advance(10_000);
    expect(await primary()).toEqual({ image: "example.com/orders:1", replicas: 5 });
    await bed.shop.push("2");
    await untilPhase(bed, "Succeeded", 150_000);
    expect(await primary()).toEqual({ image: "example.com/orders:2", replicas: 5 });
  });

  it("to the target's replicas is undone, told and caught up with, by a write each, so that a pipeline's wait ends", async () => {
    bed = await openShop();
    const generation = async () => (await bed.shop.deployment("target")).metadata.generation;
    await bed.world.advance(40_000);
    const before = bed.process.writes.length;
    await patch(`${deployments}/orders`, { spec: { replicas: 2 } });
    await bed.world.settle();
    const { observedTargetGeneration, phase } = await bed.shop.status();
    expect(observedTargetGeneration).toBe(await generation());
    expect(phase).toBe("Initialized");
    const writes = bed.process.writes.slice(before).map(({ path }) => path.replace(/\?.*/, ""));
    // One counts the correction, one speaks of the generation that it made.
    expect(writes.filter((path) => path.endsWith("/canaries/orders/status"))).toHaveLength(2);
    expect((await bed.shop.deployment("target")).spec.replicas).toBe(0);
  });
});
