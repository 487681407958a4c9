/**
 * A Canary that is deleted, with the controller killed at every write of the farewell: whoever takes over ends it the
 * same, and no client notices.
 */
import { afterEach, describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import type { ControllerOptions } from "../../support/controller-process.ts";
import { areSubsetsThere, deleteCanary, isCanaryThere, leftOf } from "../../support/farewell.ts";
import { isLeaseRequest } from "../../support/release-run.ts";
import { openShop, type RunningShop } from "../../support/running-shop.ts";

const lives = [
  { name: "between releases", isNow: () => true, hasPush: false, form: "subset" },
  { name: "with generated routes", isNow: () => true, hasPush: false, form: "generate" },
  {
    name: "in a stage",
    isNow: ({ release }: CanaryStatus) => release?.stage?.trafficConfirmedAt !== undefined,
    hasPush: true,
    form: "subset",
  },
] as const;
type Life = (typeof lives)[number];

interface End {
  readonly left: unknown;
  readonly failed: number;
  readonly writes: number;
  readonly hasDied: boolean;
}

let bed: RunningShop | undefined;
afterEach(async () => {
  await bed?.world.close();
  bed = undefined;
});

/** The first controller dies at its n-th write after the deletion. */
async function live(life: Life, index: number): Promise<End> {
  let writes = Number.NEGATIVE_INFINITY;
  const intercept: ControllerOptions["intercept"] = (request) => {
    if (request.write === 0 || isLeaseRequest(request)) return { kind: "Pass" };
    writes += 1;
    return { kind: writes - 1 === index ? "KillAfter" : "Pass" };
  };
  const { form } = life;
  // Proxies hear of routes last: what these name must be there until then.
  const mesh = { requestsPerSecond: 100, routesLateMs: 600 };
  bed = await openShop({ form, replicas: 2, ...mesh, controller: { intercept } });
  const { world, shop, process } = bed;
  if (life.hasPush) await shop.push("2");
  await world.until("the moment", async () => life.isNow(await shop.status()), 60_000);
  const clients = world.sandbox.mesh.countClients("orders.shop");
  writes = 0;
  await deleteCanary(world);
  await world.settle();
  let hasSuccessor = false;
  await world.until(
    "gone",
    async () => {
      if (process.isDead() && !hasSuccessor) {
        hasSuccessor = true;
        await world.startController({ identity: "next" });
      }
      return !(await isCanaryThere(world));
    },
    120_000,
  );
  await world.advance(5_000);
  const { failed } = clients.stats();
  const left = { ...(await leftOf(bed)), hasSubsets: await areSubsetsThere(world) };
  return { left, failed, writes, hasDied: process.isDead() };
}

const undisturbed = new Map<Life, End>();
for (const life of lives) {
  undisturbed.set(life, await live(life, Number.POSITIVE_INFINITY));
  await bed?.world.close();
}

describe.each(lives)("a Canary deleted $name", (life) => {
  const expected = undisturbed.get(life);
  const deaths = Array.from({ length: expected?.writes ?? 0 }, (_, index) => index);

  it("ends without a failed request when nobody dies", () => {
    const hasSubsets = life.form !== "generate";
    expect(expected?.left).toMatchObject({ hasSubsets });
    expect(expected).toMatchObject({ failed: 0, hasDied: false });
    expect(deaths.length).toBeGreaterThan(3);
  });

  it.each(deaths)("ends the same after a death at write %i", async (index) => {
    const { left, failed, hasDied } = await live(life, index);
    expect({ left, failed, hasDied }).toEqual({ left: expected?.left, failed: 0, hasDied: true });
  });
});
