import { expect, it } from "vitest";
import {
  abortAnsweredUntil,
  noAbortStands,
  planAbortRemoval,
} from "../../../src/core/canary/abort.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import { aborting, ago, aSnapshot, failed, now } from "../../support/snapshots.ts";

function answered(secondsAgo: number, words = "wrong prices", asks = aborting()) {
  const lastCommand = {
    id: "abort-1",
    action: "abort",
    by: "",
    reason: words,
    at: ago(secondsAgo),
    outcome: "Done",
    message: "done",
  } as const;
  return assessSituation(aSnapshot({ ...asks, status: failed({ lastCommand }) }), now);
}

const removal = [{ kind: "RemoveAbort", value: "wrong prices" }];

it.each([
  [0, removal, now + 60_000],
  [9.9, removal, now + 50_100],
  [10, [], now + 50_000],
  [59.9, [], now + 100],
  [60, [], undefined],
])("is removed right after its answer, then left alone for a minute: %d s", (age, plan, until) => {
  const s = answered(age);
  expect(planAbortRemoval(s)).toEqual(plan);
  expect(abortAnsweredUntil(s)).toBe(until);
});

it("is not answered by the answer to other words", () => {
  const s = answered(1, "wrong taxes");
  expect(planAbortRemoval(s)).toEqual([]);
  expect(abortAnsweredUntil(s)).toBeUndefined();
});

it("keeps releases from starting as long as it stands", () => {
  expect(noAbortStands(answered(1)).holds).toBe(false);
  expect(noAbortStands(assessSituation(aSnapshot(), now)).holds).toBe(true);
});
