import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import {
  abortReturnsAt,
  isAbortAnswered,
  noAbortStands,
  planAbortRemoval,
} from "../../../src/core/canary/abort.ts";
import { assessSituation, type Situation } from "../../../src/core/canary/situation.ts";
import { aborting } from "../../support/command-snapshots.ts";
import { ago, aSnapshot, failed, now } from "../../support/snapshots.ts";

/** "wrong prices" stands there, and the last abort was answered some seconds ago. */
function standing(secondsAgo: number, changes: Partial<CanaryStatus> = {}): Situation {
  const lastCommand = {
    id: "abort-1",
    action: "abort",
    by: "",
    reason: "wrong prices",
    at: ago(secondsAgo),
    outcome: "Done",
    message: "done",
  } as const;
  const status = failed({ lastCommand, ...changes });
  return assessSituation(aSnapshot({ ...aborting(), status }), now);
}

describe("an abort that was answered", () => {
  it.each([0, 59, 3600])("is removed whoever leads by now, %d s later", (age) => {
    const s = standing(age, { openAbort: "wrong prices" });
    expect(isAbortAnswered(s)).toBe(true);
    expect(planAbortRemoval(s)).toEqual([{ kind: "RemoveAbort", value: "wrong prices" }]);
  });

  it("is another one in other words", () => {
    const s = standing(1, { openAbort: "wrong taxes" });
    expect(isAbortAnswered(s)).toBe(false);
    expect(planAbortRemoval(s)).toEqual([]);
  });
});

it.each([
  [0, now + 60_000],
  [59.9, now + 100],
  [60, undefined],
])("an abort that comes back after %d s is left alone until a minute is over", (age, until) => {
  expect(abortReturnsAt(standing(age))).toBe(until);
});

it("keeps releases from starting as long as it stands", () => {
  expect(noAbortStands(standing(1)).holds).toBe(false);
  expect(noAbortStands(assessSituation(aSnapshot(), now)).holds).toBe(true);
});
