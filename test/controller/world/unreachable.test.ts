/** A canary whose pods are ready and ejected by every caller: nobody answers, and it is taken off. */
import { expect, it } from "vitest";
import { openShop, untilRolledBack, untilRouted } from "../../support/running-shop.ts";
import { annotatePods } from "../../support/shop-faults.ts";

it("is taken off a canary that nobody can reach, by what callers report", async () => {
  const bed = await openShop();
  await bed.shop.push("2");
  await untilRouted(bed, 10, 60_000);
  await bed.world.until(
    "confirmed",
    async () => (await bed.shop.status()).release?.stage?.trafficConfirmedAt !== undefined,
    20_000,
  );
  await annotatePods(bed.world, "2", { "sandbox.serin.dev/ejected": "true" });
  await untilRolledBack(bed, 60_000);
  const clients = bed.world.sandbox.mesh.countClients("orders.shop");
  expect((await bed.shop.status()).release?.rollback?.reason).toBe("CanaryUnreachable");
  await bed.world.advance(5_000);
  expect(clients.stats().failed).toBe(0);
  await bed.world.close();
});
