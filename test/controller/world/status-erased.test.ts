/** A Canary whose status is gone, as after a restored backup: nothing unproven is promoted, and nothing goes down. */
import { afterEach, describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { openShop, type RunningShop, untilPhase } from "../../support/running-shop.ts";

const path = "/apis/serin.dev/v1alpha1/namespaces/shop/canaries/orders/status";
const stages = [20, 100].map((weight) => ({ weight, minSeconds: 2 }));

type Moment = readonly [name: string, holds: (status: CanaryStatus) => boolean];
const moments: readonly Moment[] = [
  ["at rest", ({ phase }) => phase === "Initialized"],
  ["before the first weight", ({ release }) => release?.specRevision !== undefined],
  ["at a weight", ({ release }) => release?.stage?.trafficConfirmedAt !== undefined],
  ["from the copy on", ({ release }) => release?.promotion?.step === "Available"],
  ["while the traffic returns", ({ phase }) => phase === "Finalising"],
  ["promoted", ({ phase }) => phase === "Succeeded"],
];

describe("a status that is erased", () => {
  let bed: RunningShop;
  afterEach(() => bed.world.close());

  it.each(moments)(
    "%s: nobody is without pods, and the version is promoted by a release of its own",
    async (_, holds) => {
      bed = await openShop({
        replicas: 2,
        spec: { stages },
        podStartMs: { min: 3_000, max: 3_000 },
      });
      const { world, shop } = bed;
      const clients = world.sandbox.mesh.countClients("orders.shop");
      await world.settle();
      if (!holds(await shop.status())) await shop.push("2");
      await world.until("the moment", async () => holds(await shop.status()), 120_000);
      await world.sandbox.admin.request({
        method: "PATCH",
        path,
        patch: "json",
        body: [{ op: "remove", path: "/status" }],
      });
      await world.settle();
      const image = async () =>
        (await shop.deployment("primary")).spec.template.spec.containers[0]?.image;
      if ((await image()) === "example.com/orders:1" && moments[0]?.[1] !== holds) {
        await untilPhase(bed, "Succeeded", 180_000);
      } else await untilPhase(bed, "Initialized", 180_000);
      await world.advance(20_000);
      expect(clients.stats().failed).toBe(0);
      expect(await shop.routedWeight()).toBe(0);
    },
  );
});
