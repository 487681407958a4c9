/**
 * A bad release, with the controller killed at every one of its writes: whoever takes over takes all traffic off it,
 * and a version that was taken off does not come back. Lease renewals are left out, as for a good release.
 */
import { afterEach, describe, expect, it } from "vitest";
import {
  deathsOf,
  expectRaisesOnEvidence,
  killAt,
  outcomeOf,
  type Run,
  runRelease,
  worksOf,
} from "../../support/release-run.ts";

const undisturbed = await runRelease({ version: "bad" });
const expected = await outcomeOf(undisturbed);
const writes = worksOf(undisturbed);
/** What comes before the release is the same as for a good one. */
const started = writes.findIndex(({ body }) => body.includes('"phase":"Progressing"'));
const deaths = deathsOf(undisturbed).filter(({ index }) => index >= started);
await undisturbed.world.close();

/** Whoever takes over may judge before it has told that the traffic moved. */
const withoutShift = (outcome: typeof expected) => ({
  ...outcome,
  events: outcome.events.filter((reason) => reason !== "TrafficShifted"),
});

describe("a bad release", () => {
  let run: Run | undefined;
  afterEach(() => run?.world.close());

  it("ends as it must when nobody dies", () => {
    expect(expected).toMatchObject({
      phase: "Failed",
      weights: [0, 10, 0],
      primaryImage: "example.com/orders:1",
      targetReplicas: 0,
      history: [{ outcome: "Failed", peakWeight: 10 }],
    });
  });

  it.each(deaths)("ends the same after $kind of write $index, $name", async (death) => {
    run = await runRelease({
      version: "bad",
      first: { intercept: killAt(death) },
    });
    expect(run.processes.length).toBe(2);
    expect(withoutShift(await outcomeOf(run))).toEqual(withoutShift(expected));
    expectRaisesOnEvidence(run.processes);
  });
});
