/**
 * A Canary that is deleted at every point of its life: the clients of its service notice nothing, what is unproven
 * loses its traffic at once, and what is left serves without Serin.
 */
import { afterEach, describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { deleteCanary, exists, isCanaryThere, leftOf, untilGone } from "../../support/farewell.ts";
import {
  type RunningShop,
  type RunningShopOptions,
  untilIdle,
} from "../../support/running-shop.ts";
import { createShop } from "../../support/shop.ts";
import { viewShop } from "../../support/shop-view.ts";
import { createWorld } from "../../support/world.ts";

const isIdle = ({ phase, drain }: CanaryStatus): boolean =>
  phase === "Initialized" && drain === undefined;
const stages = [10, 50, 100].map((weight) => ({ weight, minSeconds: 2 }));

/** The target as its owner had it, alone, with all traffic. */
const reverted = (version: string) => ({
  routedWeight: 100,
  targetReplicas: 3,
  targetImage: `example.com/orders:${version}`,
  primaryReplicas: undefined,
});
/** The primary as it was, with all traffic, beside a target that has something else. */
const kept = { routedWeight: 0, primaryReplicas: 3, primaryImage: "example.com/orders:1" };

interface Moment {
  readonly name: string;
  /** Pushed once the Canary is initialised. */
  readonly push?: "good" | "bad";
  readonly isNow: (status: CanaryStatus) => boolean;
  /** The primary cannot be given the new template. */
  readonly isCopyRefused?: true;
  readonly left: object;
}

const step = (is: string) => (s: CanaryStatus) => s.release?.promotion?.step === is;
const inStage = (index: number, point: "shiftedAt" | "routedAt" | "trafficConfirmedAt") => ({
  push: "good" as const,
  isNow: (s: CanaryStatus) =>
    s.release?.stage?.index === index && s.release.stage[point] !== undefined,
  left: kept,
});

const idle = { isNow: isIdle };
const atHalf = inStage(1, "trafficConfirmedAt");

const moments: readonly Moment[] = [
  {
    name: "while the primary is created",
    isNow: (s) => s.initialisation?.step === "CreatePrimary",
    left: reverted("1"),
  },
  {
    name: "while the traffic moves to the primary",
    isNow: (s) => s.initialisation?.step === "Shift",
    left: reverted("1"),
  },
  {
    name: "between releases",
    isNow: isIdle,
    left: reverted("1"),
  },
  {
    name: "when a release has just begun",
    push: "good",
    isNow: (s) => s.phase === "Progressing",
    left: kept,
  },
  { name: "when the first weight is set", ...inStage(0, "shiftedAt") },
  { name: "when the first weight is routed", ...inStage(0, "routedAt") },
  { name: "in the middle of a stage", ...atHalf },
  { name: "at 100 %", ...inStage(2, "trafficConfirmedAt") },
  { name: "before the copy", push: "good", isNow: step("Copy"), isCopyRefused: true, left: kept },
  {
    name: "while the primary's pods are replaced",
    push: "good",
    isNow: step("Available"),
    left: kept,
  },
  {
    name: "while the traffic returns to the promoted primary",
    push: "good",
    isNow: (s) => s.phase === "Finalising",
    left: reverted("2"),
  },
  {
    name: "after a promotion",
    push: "good",
    isNow: (s) => s.phase === "Succeeded" && s.drain === undefined,
    left: reverted("2"),
  },
  {
    name: "during a rollback",
    push: "bad",
    isNow: (s) => s.phase === "Failed" && s.drain?.confirmedAt === undefined,
    left: kept,
  },
  {
    name: "after a rollback",
    push: "bad",
    isNow: (s) => s.phase === "Failed" && s.drain === undefined,
    left: kept,
  },
];

describe("a Canary that is deleted", () => {
  let bed: RunningShop | undefined;
  afterEach(async () => {
    await bed?.world.close();
    bed = undefined;
  });

  async function reach(
    { isNow, push, isCopyRefused }: Pick<Moment, "isNow" | "push" | "isCopyRefused">,
    options: RunningShopOptions = {},
  ): Promise<RunningShop> {
    const world = await createWorld({ podStartMs: { min: 4_000, max: 4_000 }, ...options });
    const shop = viewShop(world);
    await createShop(world, { ...options, spec: { stages, ...options.spec } });
    await world.advance(options.podStartMs === undefined ? 6_000 : options.podStartMs.max + 2_000);
    const process = await world.startController({
      intercept: ({ path, body }) => {
        const isCopy = path.includes("orders-primary") && body.includes("/spec/template");
        return { kind: isCopy && isCopyRefused ? "CloseBefore" : "Pass" };
      },
    });
    bed = { world, shop, process };
    let isPushed = push === undefined;
    await world.until(
      "the moment",
      async () => {
        const status = await shop.status();
        if (!isPushed && isIdle(status)) {
          isPushed = true;
          await shop.push("2", push === "bad" ? { "sandbox.serin.dev/error-percent": "50" } : {});
        }
        return isPushed && isNow(await shop.status());
      },
      200_000,
    );
    return bed;
  }

  it.each(moments)("$name leaves its service without a failed request", async (moment) => {
    const { world, shop } = await reach(moment);
    const clients = world.sandbox.mesh.countClients("orders.shop");
    await deleteCanary(world);
    await world.settle();
    // The primary's own pods are being replaced: the target keeps the traffic until they are what they were.
    const isLater = moment.left !== kept || moment.name.includes("pods are replaced");
    expect(isLater || (await shop.routedWeight()) === 0).toBe(true);
    await untilGone(world);
    await world.advance(10_000);
    expect(await leftOf({ world, shop })).toMatchObject(moment.left);
    const { requests, failures } = clients.stats();
    expect(requests).toBeGreaterThan(1_000);
    // What a bad version answers until its traffic is off is its own.
    const ours = Object.keys(failures).filter((seen) => moment.push !== "bad" || seen !== "500 -");
    expect(ours).toEqual([]);
    expect((await shop.eventReasons()).includes("Orphaned")).toBe(moment.left === kept);
  });

  it.each([
    ["between releases", idle, { routedWeight: 0, targetReplicas: 0, primaryReplicas: 3 }],
    ["in the middle of a stage", atHalf, { routedWeight: 50, primaryReplicas: 3 }],
  ])("with onDeletion Orphan %s leaves everything as it is", async (_, moment, left) => {
    const { world, shop } = await reach(moment, { spec: { onDeletion: "Orphan" } });
    const clients = world.sandbox.mesh.countClients("orders.shop");
    await deleteCanary(world);
    await world.settle();
    expect(await isCanaryThere(world)).toBe(false);
    await world.advance(20_000);
    expect(await leftOf({ world, shop })).toMatchObject(left);
    expect(clients.stats().failed).toBe(0);
  });

  it("goes with its namespace, and people are told nothing to do", async () => {
    const { world, process } = await reach(idle);
    const before = process.writes.length;
    const path = "/api/v1/namespaces/shop";
    await world.sandbox.admin.request({ method: "DELETE", path });
    await world.advance(2_000);
    expect(await exists(world, path)).toBe(false);
    const bodies = process.writes.slice(before).map(({ body }) => body);
    expect(bodies.filter((body) => body.includes("Orphaned"))).toEqual([]);
  });

  it("says what it waits for, and goes when told to leave everything", async () => {
    const { world, shop } = await reach(idle, {
      podStartMs: { min: 15_000, max: 15_000 },
      spec: { progressDeadlineSeconds: 10 },
    });
    const clients = world.sandbox.mesh.countClients("orders.shop");
    await deleteCanary(world);
    await world.advance(12_000);
    expect(await shop.eventReasons()).toContain("DeletionBlocked");
    expect((await shop.status()).message).toContain("0 of 3 pods are available");
    await shop.patch("canary", { spec: { onDeletion: "Orphan" } });
    await world.settle();
    expect(await isCanaryThere(world)).toBe(false);
    await world.advance(10_000);
    expect(await leftOf({ world, shop })).toMatchObject({ ...kept, targetReplicas: 3 });
    expect(clients.stats().failed).toBe(0);
  });

  it("keeps a primary to which a rule of the user's own leads", async () => {
    const beta = {
      name: "beta",
      match: [{ headers: { "x-beta": { exact: "1" } } }],
      route: [{ destination: { host: "orders", subset: "stable" } }],
    };
    const virtualServices = [{ name: "orders", routes: ["main"] }];
    const { world, shop } = await reach(idle, {
      otherRules: [beta],
      requestClasses: [{ percent: 30, headers: { "x-beta": "1" } }],
      routeName: "main",
      spec: { routing: { istio: { virtualServices, propagationSeconds: 1 } } },
    });
    const clients = world.sandbox.mesh.countClients("orders.shop");
    await deleteCanary(world);
    await untilGone(world);
    await world.advance(10_000);
    const left = { routedWeight: 100, targetReplicas: 3, primaryReplicas: 3 };
    expect(await leftOf({ world, shop })).toMatchObject(left);
    expect(await shop.eventReasons()).toContain("Orphaned");
    expect(clients.stats().failed).toBe(0);
  });

  it("that was never accepted goes at once", async () => {
    const world = await createWorld();
    const shop = viewShop(world);
    await createShop(world, { spec: { targetRef: { name: "nothing" } } });
    bed = { world, shop, process: await world.startController() };
    await world.advance(3_000);
    await deleteCanary(world);
    await world.settle();
    expect(await isCanaryThere(world)).toBe(false);
    expect(await shop.routedWeight()).toBe(100);
  });

  it("is forgotten, and another of its name begins anew", async () => {
    const { world, shop } = await reach(idle, { form: "host" });
    const clients = world.sandbox.mesh.countClients("orders.shop");
    await deleteCanary(world);
    await untilGone(world);
    expect(await leftOf({ world, shop })).toMatchObject(reverted("1"));
    await createShop(world, { form: "host", spec: { stages } });
    await untilIdle(world, shop);
    expect(await leftOf({ world, shop })).toMatchObject({ ...kept, targetReplicas: 0 });
    expect(clients.stats().failed).toBe(0);
  });
});
