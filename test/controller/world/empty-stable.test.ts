/** A rollback while no pod of the primary is ready: nobody is sent to where nobody answers, and not for ever. */
import { afterEach, describe, expect, it } from "vitest";
import {
  openShop,
  type RunningShop,
  untilRolledBack,
  untilRouted,
} from "../../support/running-shop.ts";
import { crashPods, deletePods, scalePrimary } from "../../support/shop-faults.ts";

describe("a version that is taken off while the primary has no ready pod", () => {
  let open: RunningShop | undefined;
  afterEach(async () => {
    await open?.world.close();
    open = undefined;
  });

  async function atTen(): Promise<RunningShop> {
    open = await openShop({ replicas: 2, spec: { rollback: { withinSeconds: 30 } } });
    await open.shop.push("2");
    await untilRouted(open, 10, 60_000);
    return open;
  }

  const abort = ({ shop }: RunningShop) =>
    shop.patch("canary", { metadata: { annotations: { "serin.dev/abort": "it is wrong" } } });

  it("keeps its share until the primary, scaled away meanwhile, has one", async () => {
    const bed = await atTen();
    const { world, shop } = bed;
    await deletePods(world, "1");
    await world.settle();
    await abort(bed);
    await scalePrimary(world, 0);
    await world.settle();
    expect(await shop.routedWeight()).toBe(10);
    expect(await shop.status()).toMatchObject({
      phase: "Failed",
      canaryWeight: 0,
      message: expect.stringMatching(/^the primary has no ready pod: the target keeps its 10 %/),
    });
    expect((await shop.deployment("primary")).spec.replicas).toBe(2);
    expect(await untilRouted(bed, 0, 20_000)).toBeGreaterThan(0);
    // Proxies know of new pods a moment later.
    await world.advance(3_000);
    const clients = world.sandbox.mesh.countClients("orders.shop");
    await untilRolledBack(bed, 60_000);
    expect(clients.stats().failed).toBe(0);
    expect((await shop.status()).heldForStable).toBeUndefined();
    const reasons = await shop.eventReasons();
    expect(reasons.filter((reason) => reason === "StableHasNoPods")).toHaveLength(1);
  });

  it("loses it in any case once the time of a rollback is over", async () => {
    const bed = await atTen();
    const { world, shop } = bed;
    // By a person: where both versions fail, the metrics tell of an incident, and nothing against the new one.
    await crashPods(world, "1");
    await world.settle();
    await abort(bed);
    await world.until("decided", async () => (await shop.status()).phase === "Failed", 60_000);
    expect(await shop.routedWeight()).toBe(10);
    const until = (await shop.status()).heldForStable?.until ?? "";
    await world.advance(Date.parse(until) - world.clock.now() - 1);
    expect(await shop.routedWeight()).toBe(10);
    await world.advance(1);
    expect(await shop.routedWeight()).toBe(0);
    expect((await shop.status()).drain?.releasedAt).toBe(until);
  });

  it("loses it at once where one pod is left", async () => {
    const bed = await atTen();
    await scalePrimary(bed.world, 1);
    await abort(bed);
    await bed.world.settle();
    expect(await bed.shop.routedWeight()).toBe(0);
  });
});
