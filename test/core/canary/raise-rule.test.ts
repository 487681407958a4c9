import { expect, it } from "vitest";
import { mayRaise } from "../../../src/core/canary/raise-rule.ts";
import { aCheck } from "../../support/snapshots.ts";

it.each([
  ["Pass", true],
  ["Inconclusive", true],
  ["Fail", false],
  ["NoData", false],
  ["Error", false],
] as const)("on a fresh check that says %s: %s", (verdict, holds) => {
  expect(mayRaise([aCheck({ verdict })]).holds).toBe(holds);
});

it("never holds on old numbers, nor on none", () => {
  expect(mayRaise([aCheck({ fresh: false })]).holds).toBe(false);
  expect(mayRaise([])).toEqual({ holds: false, because: "no metric has been read yet" });
});

it("asks every metric, and names the one that is in the way", () => {
  const slow = aCheck({ metric: "latency", verdict: "Error", message: "Timeout" });
  expect(mayRaise([aCheck(), slow])).toEqual({ holds: false, because: "latency: Timeout" });
});
