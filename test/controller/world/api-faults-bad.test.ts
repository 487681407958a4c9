/**
 * A bad release while the API server fails the first writes of one kind in every phase: all traffic is off within the
 * bound and the time that the faults themselves took, and nothing else of the outcome changes.
 */
import { afterEach, describe, expect, it } from "vitest";
import {
  apiFaults,
  type FaultName,
  faultEachPhase,
  type WriteKind,
  writeKinds,
} from "../../support/api-faults.ts";
import { keysOf } from "../../support/keys-of.ts";
import {
  expectRaisesOnEvidence,
  outcomeOf,
  type Run,
  runRelease,
} from "../../support/release-run.ts";

const undisturbed = await runRelease({ version: "bad" });
const expected = await outcomeOf(undisturbed);
await undisturbed.world.close();

const faultsPerPhase = 3;
/** What a rollback writes, each for itself, and everything at once. */
const kinds: Readonly<Record<string, readonly WriteKind[]>> = {
  statuses: ["statuses"],
  routes: ["routes"],
  "every kind": keysOf(writeKinds),
};
/** What is told of a fault while it lasts. */
const toldBeside: Partial<Record<FaultName, string>> = {
  "422 for a value": "Stalled",
  silence: "RollbackUnconfirmed",
};
const cases = keysOf(kinds).flatMap((kind) =>
  keysOf(apiFaults).map((fault): readonly [string, FaultName] => [kind, fault]),
);

describe("a bad release, the API server failing the first three writes of each phase", () => {
  let run: Run | undefined;
  afterEach(() => run?.world.close());

  it.each(cases)("is rolled back though writes of %s meet %s", async (kind, fault) => {
    run = await runRelease({
      version: "bad",
      first: { intercept: faultEachPhase(kinds[kind] ?? [], apiFaults[fault], faultsPerPhase) },
      withinMs: 600_000,
    });
    const outcome = await outcomeOf(run);
    // What a human would have to mend is told, also if it goes by itself; so is traffic that stays on for long.
    const mayBeTold = toldBeside[fault];
    const events = outcome.events.filter((reason) => reason !== mayBeTold);
    expect({ ...outcome, events }).toEqual(expected);
    expectRaisesOnEvidence(run.processes);
    const boundMs = 1000 * (run.status.rollbackBoundSeconds ?? 0);
    expect(run.exposedMs).toBeLessThanOrEqual(boundMs + faultsPerPhase * apiFaults[fault].lastsMs);
  });
});
