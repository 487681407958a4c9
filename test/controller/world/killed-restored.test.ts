/**
 * A version that turns bad while the primary is being replaced, with the controller killed at every write of the way
 * back: the primary gets its old template, and the traffic only when it can carry it.
 */
import { afterEach, describe, expect, it } from "vitest";
import {
  deathsOf,
  expectRaisesOnEvidence,
  killAt,
  outcomeOf,
  type Run,
  type RunOptions,
  runRelease,
  worksOf,
} from "../../support/release-run.ts";
import { breakPods } from "../../support/shop-faults.ts";
import { viewShop } from "../../support/shop-view.ts";

function turningBad(): RunOptions {
  let isBroken = false;
  return {
    version: "good",
    world: { podStartMs: { min: 6_000, max: 6_000 } },
    withinMs: 300_000,
    during: async (world) => {
      if (isBroken) return;
      const { release } = await viewShop(world).status();
      isBroken = release?.promotion?.step === "Available";
      if (isBroken) await breakPods(world, "2");
    },
  };
}

const undisturbed = await runRelease(turningBad());
const expected = await outcomeOf(undisturbed);
const writes = worksOf(undisturbed);
const turning = writes.findIndex(({ body }) =>
  body.includes("giving the primary its old template"),
);
const deaths = deathsOf(undisturbed).filter(({ index }) => index > turning);
await undisturbed.world.close();

describe("a release that turns bad during its promotion", () => {
  let run: Run | undefined;
  afterEach(() => run?.world.close());

  it("ends as it must when nobody dies", () => {
    expect(expected).toMatchObject({
      phase: "Failed",
      weights: [0, 10, 50, 100, 0],
      primaryImage: "example.com/orders:1",
      targetReplicas: 0,
      history: [{ outcome: "Failed", peakWeight: 100 }],
    });
  });

  it.each(deaths)("ends the same after $kind of write $index, $name", async (death) => {
    run = await runRelease({ ...turningBad(), first: { intercept: killAt(death) } });
    expect(run.processes.length).toBe(2);
    expect(await outcomeOf(run)).toEqual(expected);
    expectRaisesOnEvidence(run.processes);
  });
});
