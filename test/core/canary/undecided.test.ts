import { describe, expect, it } from "vitest";
import type { CanaryStatus, StageStatus } from "../../../src/api/canary-status.ts";
import type { Check } from "../../../src/core/analysis/check.ts";
import { isExcludedEnough, isUndecided } from "../../../src/core/canary/undecided.ts";
import { aCheck, ago, aSpec, now, progressing } from "../../support/snapshots.ts";

const open = aCheck({ verdict: "Inconclusive", message: "needs 5 more canary requests" });

/** In a stage that was confirmed so many seconds ago, of at most 1800. */
function undecided(
  seconds: number,
  checks: readonly Check[] = [open],
  more: Partial<StageStatus> = {},
) {
  const stage = {
    index: 1,
    weight: 25,
    enteredAt: ago(9_000),
    trafficConfirmedAt: ago(seconds),
    ...more,
  };
  return isUndecided(aSpec(), progressing(1, "confirmed", { release: { stage } }), checks, now);
}

describe("a stage without a verdict", () => {
  it("is undecided when its time is over, and looked at again then", () => {
    expect(undecided(1799)).toEqual({ holds: false, because: "", dueAt: now + 1000 });
    expect(undecided(1800)).toEqual({
      holds: true,
      message: "no verdict within 1800 s: error-rate: needs 5 more canary requests",
    });
  });

  it("counts anew from when somebody let it go on", () => {
    expect(undecided(9_000, [open], { resumedAt: ago(1799) })).toMatchObject({ dueAt: now + 1000 });
    expect(undecided(9_000, [open], { resumedAt: ago(1800) }).holds).toBe(true);
    expect(undecided(1799, [open], { resumedAt: ago(8_000) }).holds).toBe(false);
  });

  it.each<[string, readonly Check[]]>([
    ["every metric passes", [aCheck()]],
    ["nothing was measured", []],
    ["the canary has no numbers", [{ ...open, canaryValue: undefined }]],
    ["another metric has no data", [open, aCheck({ verdict: "NoData" })]],
    ["another metric cannot be read", [open, aCheck({ verdict: "Error" })]],
  ])("has no end by itself while %s", (_, checks) => {
    expect(undecided(9_000, checks)).toEqual({ holds: false, because: "" });
  });

  it("has no end while it waits, nor before it has its traffic", () => {
    const waiting: CanaryStatus = { ...progressing(1, "confirmed"), phase: "Waiting" };
    expect(isUndecided(aSpec(), waiting, [open], now + 1e9).holds).toBe(false);
    expect(isUndecided(aSpec(), progressing(1, "routed"), [open], now + 1e9).holds).toBe(false);
  });
});

describe("what the spec is content with", () => {
  const { analysis, ...rest } = aSpec();
  const onInconclusive = { action: "PromoteIfExcluded" as const, excessBelow: 1 };
  const content = { ...rest, analysis: { ...analysis, onInconclusive } };
  const held = (excluded: number | undefined, more: Partial<Check> = {}) =>
    aCheck({
      verdict: "Inconclusive",
      isHeld: true,
      compared: { kind: "Ratio", log: 0, excluded, comparison: undefined, until: undefined },
      ...more,
    });

  it.each<[string, boolean, readonly Check[]]>([
    ["what is excluded is as much", true, [held(0.01)]],
    ["a little more is possible", false, [held(0.0101)]],
    ["nothing is excluded", false, [held(undefined)]],
    ["another metric leaves more", false, [held(0.005), held(0.02, { metric: "p99" })]],
    ["a metric is not compared and passes", true, [held(0.01), aCheck({ metric: "own" })]],
    ["something else is missing too", false, [held(0.001, { isHeld: false })]],
  ])("%s: %s", (_, holds, checks) => {
    expect(isExcludedEnough(content, checks).holds).toBe(holds);
  });

  it("is nothing where the spec does not say so", () => {
    expect(isExcludedEnough(aSpec(), [held(0.001)]).holds).toBe(false);
  });
});
