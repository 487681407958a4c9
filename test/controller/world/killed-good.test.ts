/**
 * A good release, with the controller killed at every one of its writes: whoever takes over ends it as if nothing had
 * happened. Lease renewals are left out: they happen by time alone and change nothing that a successor goes by.
 */
import { afterEach, describe, expect, it } from "vitest";
import {
  deathsOf,
  expectRaisesOnEvidence,
  killAt,
  outcomeOf,
  type Run,
  runRelease,
} from "../../support/release-run.ts";

const undisturbed = await runRelease({ version: "good" });
const expected = await outcomeOf(undisturbed);
const deaths = deathsOf(undisturbed);
await undisturbed.world.close();

describe("a good release", () => {
  let run: Run | undefined;
  afterEach(() => run?.world.close());

  it("ends as it must when nobody dies", () => {
    expect(expected).toMatchObject({
      phase: "Succeeded",
      weights: [0, 10, 50, 100, 0],
      primaryImage: "example.com/orders:2",
      targetReplicas: 0,
      history: [{ outcome: "Succeeded", peakWeight: 100 }],
    });
    expect(undisturbed.failedRequests).toBe(0);
  });

  it.each(deaths)("ends the same after $kind of write $index, $name", async (death) => {
    run = await runRelease({
      version: "good",
      first: { intercept: killAt(death) },
    });
    expect(run.processes.length).toBe(2);
    expect(await outcomeOf(run)).toEqual(expected);
    expectRaisesOnEvidence(run.processes);
    expect(run.failedRequests).toBe(0);
  });
});
