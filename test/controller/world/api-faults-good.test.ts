/**
 * A good release while the API server fails the first writes of every kind in every phase: it is promoted all the
 * same, stage by stage, and no client notices.
 */
import { afterEach, describe, expect, it } from "vitest";
import { apiFaults, faultEachPhase, writeKinds } from "../../support/api-faults.ts";
import { keysOf } from "../../support/keys-of.ts";
import {
  expectRaisesOnEvidence,
  outcomeOf,
  type Run,
  runRelease,
} from "../../support/release-run.ts";

const undisturbed = await runRelease({ version: "good" });
const expected = await outcomeOf(undisturbed);
await undisturbed.world.close();

describe("a good release, the API server failing the first three writes of each kind and phase", () => {
  let run: Run | undefined;
  afterEach(() => run?.world.close());

  it.each(keysOf(apiFaults))("is promoted though writes meet %s", async (fault) => {
    run = await runRelease({
      version: "good",
      first: { intercept: faultEachPhase(keysOf(writeKinds), apiFaults[fault], 3) },
      withinMs: 600_000,
    });
    const outcome = await outcomeOf(run);
    // What a human would have to mend is told, also if it goes by itself.
    const mayStall = fault === "422 for a value";
    const events = outcome.events.filter((reason) => !mayStall || reason !== "Stalled");
    expect({ ...outcome, events }).toEqual(expected);
    expectRaisesOnEvidence(run.processes);
    expect(run.failedRequests).toBe(0);
  });
});
