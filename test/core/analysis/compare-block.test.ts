import { describe, expect, it } from "vitest";
import {
  type ComparedMetric,
  type CompareRules,
  compareBlock,
} from "../../../src/core/analysis/compare-block.ts";
import type { PodCounter } from "../../../src/core/analysis/measure.ts";
import { counter, ratio } from "../../support/analysis.ts";
import { errorRules } from "../../support/comparing.ts";

const compare: CompareRules = {
  margins: errorRules.margins,
  plannedBlocks: 240,
  seconds: 15,
  evidenceFrom: 10_000,
  warmFrom: 40_000,
  proofFrom: 70_000,
  isAlone: false,
};
const metric: ComparedMetric = {
  kind: "Ratio",
  quantile: 0.99,
  limit: { max: 5, consecutive: 2, minSamples: 20 },
  canaryWorkload: "web",
  primaryWorkload: "web-primary",
  compare,
};
const increments = [
  counter("web", "gateway", ratio(100, 5)),
  counter("web-primary", "gateway", ratio(500, 1)),
  counter("web-primary", "batch", ratio(400, 0)),
];

/** The comparison after one block that starts at `startAt` and takes 15 s. */
function after(
  startAt: number,
  rules: Partial<CompareRules> = {},
  counters: readonly PodCounter[] = increments,
) {
  const endAt = startAt + 15_000;
  const block = { startAt, endAt, canary: ratio(100, 5), stable: ratio(900, 1) };
  const compared = { ...metric, compare: { ...compare, ...rules } };
  const [test] = compareBlock(undefined, { block, increments, counters }, compared)?.tests ?? [];
  if (test === undefined) throw new Error("nothing was compared");
  return {
    against: test.rollback.blocks,
    isWarm: test.rollback.isWarm,
    for: test.promotion.requests,
    pods: test.totals.size,
  };
}

describe("a block in the comparison", () => {
  it("is history before the release has traffic, then warm-up, then evidence, then proof", () => {
    expect(after(-5_001)).toEqual({ against: 0, isWarm: false, for: 0, pods: 2 });
    expect(after(-5_000)).toMatchObject({ against: 1, isWarm: false, for: 0 });
    expect(after(39_999)).toMatchObject({ against: 1, isWarm: false, for: 0 });
    expect(after(40_000)).toMatchObject({ against: 1, isWarm: true, for: 0 });
    expect(after(69_999)).toMatchObject({ against: 1, isWarm: true, for: 0 });
    expect(after(70_000)).toMatchObject({ against: 1, isWarm: true, for: 100 });
  });

  it("is held against the limit once the canary has all traffic, and warm", () => {
    expect(after(70_000, { isAlone: true })).toMatchObject({ against: 1, for: 0 });
    expect(after(39_999, { isAlone: true })).toMatchObject({ against: 0, for: 0 });
  });

  it("is not looked at where the metric is judged by its limit alone", () => {
    const block = { startAt: 0, endAt: 1, canary: ratio(1), stable: ratio(9) };
    const reported = { block, increments, counters: increments };
    expect(compareBlock(undefined, reported, { ...metric, compare: undefined })).toBeUndefined();
    expect(compareBlock(undefined, reported, { ...metric, kind: "Value" })).toBeUndefined();
  });
});
