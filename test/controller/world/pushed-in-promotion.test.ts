/**
 * Another version pushed in each sub-step of a promotion: no client is without a pod, the primary gets nothing that was
 * not proven, and the newest version is released after it from its first stage.
 */
import { afterEach, describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { openShop, type RunningShop } from "../../support/running-shop.ts";
import { breakPods } from "../../support/shop-faults.ts";
import { followWeights } from "../../support/weight-history.ts";

interface Step {
  readonly name: string;
  readonly isNow: (status: CanaryStatus) => boolean;
  /** The primary cannot be given the new template until the push. */
  readonly isCopyRefused?: true;
  /** The version before turns bad while the primary is being replaced. */
  readonly turnsBad?: true;
  /** How the releases ended, the newest first. */
  readonly outcomes: readonly string[];
}

const at = (step: string) => (s: CanaryStatus) => s.release?.promotion?.step === step;
const steps: readonly Step[] = [
  {
    name: "before the copy",
    isNow: at("Copy"),
    isCopyRefused: true,
    outcomes: ["Succeeded", "Superseded"],
  },
  {
    name: "while the primary's pods are replaced",
    isNow: at("Available"),
    outcomes: ["Succeeded", "Superseded"],
  },
  {
    name: "while the primary gets its old template back",
    isNow: at("Restore"),
    turnsBad: true,
    outcomes: ["Succeeded", "Failed"],
  },
  {
    name: "while the traffic returns",
    isNow: (s) => s.phase === "Finalising",
    outcomes: ["Succeeded", "Succeeded"],
  },
];

describe("a version pushed", () => {
  let bed: RunningShop;
  afterEach(() => bed.world.close());

  it.each(steps)("$name is released after it", async (step) => {
    let isRefused = step.isCopyRefused === true;
    bed = await openShop({
      replicas: 2,
      requestsPerSecond: 100,
      podStartMs: { min: 4_000, max: 4_000 },
      spec: { stages: [10, 100].map((weight) => ({ weight, minSeconds: 2 })) },
      controller: {
        intercept: ({ path, body }) => {
          const isCopy = path.includes("orders-primary") && body.includes("/spec/template");
          return { kind: isCopy && isRefused ? "CloseBefore" : "Pass" };
        },
      },
    });
    const { world, shop } = bed;
    const clients = world.sandbox.mesh.countClients("orders.shop");
    await shop.push("2");
    const until = (what: string, isNow: Step["isNow"]) =>
      world.until(what, async () => isNow(await shop.status()), 90_000);
    if (step.turnsBad === true) {
      await until("copied", at("Available"));
      await breakPods(world, "2");
    }
    await until("the sub-step", step.isNow);
    const weights = followWeights(world);
    await world.settle();
    await shop.push("3");
    isRefused = false;
    const image = async () =>
      (await shop.deployment("primary")).spec.template.spec.containers[0]?.image;
    const images = new Set<string | undefined>();
    await world.until(
      "the newest promoted",
      async () => {
        images.add(await image());
        return (
          (await shop.status()).phase === "Succeeded" && (await image())?.endsWith(":3") === true
        );
      },
      150_000,
    );
    expect((await shop.status()).history?.map(({ outcome }) => outcome)).toEqual(step.outcomes);
    // From the first stage on, whatever weight the version before had.
    const seen = weights.stop();
    expect(seen.slice(-4)).toEqual([0, 10, 100, 0]);
    // What a bad version answers until its traffic is off is its own.
    expect(Object.keys(clients.stats().failures)).toEqual(step.turnsBad === true ? ["500 -"] : []);
    expect(await shop.eventReasons()).toContain(
      step.outcomes[1] === "Failed" ? "RollbackStarted" : step.outcomes[1],
    );
  });
});
