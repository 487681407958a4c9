/** What a release runs on is deleted under it: traffic ends where somebody serves, and what comes back is set right. */
import { afterEach, describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { openShop, type RunningShop, untilPhase, untilRouted } from "../../support/running-shop.ts";
import { shopManifests } from "../../support/shop.ts";

const istio = "/apis/networking.istio.io/v1/namespaces/shop";
const paths = {
  virtualService: `${istio}/virtualservices`,
  destinationRule: `${istio}/destinationrules`,
  target: "/apis/apps/v1/namespaces/shop/deployments",
} as const;
type Lost = keyof typeof paths;

const stages = [10, 50, 100].map((weight) => ({ weight, minSeconds: 2 }));

describe("deleted during a release", () => {
  let bed: RunningShop;
  afterEach(() => bed.world.close());

  async function release(weight: number): Promise<void> {
    bed = await openShop({ replicas: 2, spec: { stages } });
    await bed.shop.push("2");
    await untilRouted(bed, weight, 60_000);
  }
  async function remove(what: Lost): Promise<void> {
    const path = `${paths[what]}/orders`;
    await bed.world.sandbox.admin.request({ method: "DELETE", path });
    await bed.world.settle();
  }
  /** As its owner applies it again from git, with what git says of the canary's weight. */
  async function restore(what: Lost, canaryWeight = 10): Promise<void> {
    for (const { path, body } of shopManifests({ replicas: 2, canaryWeight }))
      if (path === paths[what])
        await bed.world.sandbox.admin.request({ method: "POST", path, body });
    await bed.world.settle();
  }
  const replicas = async () => (await bed.shop.deployment("target")).spec.replicas;

  it.each(["virtualService", "destinationRule"] as const)(
    "the %s: the release fails and its pods go at once; back again, its weights are set right",
    async (what) => {
      await release(50);
      await remove(what);
      expect(await bed.shop.status()).toMatchObject({ phase: "Failed", canaryWeight: 0 });
      expect(stalled(await bed.shop.status())).toMatchObject({
        status: "True",
        reason: "RouteMissing",
      });
      expect(await replicas()).toBe(0);
      await bed.world.advance(10_000);
      const clients = bed.world.sandbox.mesh.countClients("orders.shop");
      await bed.world.advance(5_000);
      // Without the DestinationRule the mesh knows no subsets, and nobody can serve.
      expect(clients.stats().failed === 0).toBe(what === "virtualService");
      expect(clients.stats().byWorkload["orders"]).toBeUndefined();
      await restore(what);
      expect(await bed.shop.routedWeight()).toBe(0);
      await bed.world.advance(60_000);
      expect(await bed.shop.status()).toMatchObject({
        phase: "Failed",
        history: [{ outcome: "Failed", reason: "RouteMissing" }],
      });
      expect(stalled(await bed.shop.status())?.reason).toBe("ReleaseFailed");
      await bed.shop.push("3");
      await untilPhase(bed, "Succeeded", 120_000);
    },
  );

  it("the target: all traffic goes to the primary at once; back again, nothing starts by itself", async () => {
    await release(50);
    await remove("target");
    expect(await bed.shop.routedWeight()).toBe(0);
    const clients = bed.world.sandbox.mesh.countClients("orders.shop");
    await bed.world.advance(20_000);
    expect(clients.stats().failed).toBe(0);
    expect(stalled(await bed.shop.status())).toMatchObject({ reason: "TargetMissing" });
    await restore("target");
    await bed.world.advance(30_000);
    expect(await bed.shop.status()).toMatchObject({
      history: [{ outcome: "Failed", reason: "TargetMissing" }],
    });
    expect(await replicas()).toBe(0);
    expect(stalled(await bed.shop.status())).toMatchObject({ status: "False" });
    await bed.shop.push("3");
    await untilPhase(bed, "Succeeded", 120_000);
    expect(clients.stats().failed).toBe(0);
  });

  it("the target, while the primary is being replaced: the primary serves, and is promoted", async () => {
    bed = await openShop({ replicas: 2, spec: { stages }, podStartMs: { min: 6_000, max: 6_000 } });
    await bed.shop.push("2");
    await bed.world.until(
      "copied",
      async () => (await bed.shop.status()).release?.promotion?.step === "Available",
      120_000,
    );
    await bed.world.advance(1_000);
    const clients = bed.world.sandbox.mesh.countClients("orders.shop");
    await remove("target");
    expect(await bed.shop.routedWeight()).toBe(0);
    await untilPhase(bed, "Succeeded", 120_000);
    expect(clients.stats().failed).toBe(0);
    const { template } = (await bed.shop.deployment("primary")).spec;
    expect(template.spec.containers[0]?.image).toBe("example.com/orders:2");
  });

  it("the VirtualService at rest: back again, what git says of the weights is set right at once", async () => {
    bed = await openShop();
    await remove("virtualService");
    expect(stalled(await bed.shop.status())).toMatchObject({ reason: "RouteMissing" });
    const clients = bed.world.sandbox.mesh.countClients("orders.shop");
    await restore("virtualService", 30);
    expect(await bed.shop.routedWeight()).toBe(0);
    await bed.world.advance(10_000);
    expect(clients.stats().failed).toBe(0);
    expect((await bed.shop.status()).phase).toBe("Initialized");
    expect(stalled(await bed.shop.status())).toMatchObject({ status: "False" });
  });
});

function stalled({ conditions }: CanaryStatus) {
  return conditions?.find(({ type }) => type === "Stalled");
}
