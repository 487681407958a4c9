import { describe, expect, it } from "vitest";
import { emptyMetricState } from "../../../src/core/analysis/advance.ts";
import type { Counts } from "../../../src/core/analysis/measure.ts";
import type { MetricState, StableRun } from "../../../src/core/analysis/metric-state.ts";
import {
  advanceStable,
  emptyStableRun,
  isBreachShared,
  stableHealth,
} from "../../../src/core/analysis/stable.ts";
import { blocksUntil, metricFacts, ratio } from "../../support/analysis.ts";

const limit = { max: 5, consecutive: 2, minSamples: 20 };
const rules = { limit, quantile: 0.99 };
const end = 600_000;

/** Stable's counts by block of 15 s, the newest last, beside a canary without fault. */
const blocks = (...stable: readonly Counts[]) =>
  blocksUntil(
    end,
    stable.map((counts) => [ratio(100), counts]),
  );

/** What is known of stable after these blocks came one by one. */
function after(...stable: readonly Counts[]): StableRun {
  const all = blocks(...stable);
  return all.reduce(
    (run, _, index) => advanceStable(run, all.slice(0, index + 1), rules),
    emptyStableRun,
  );
}

describe("stable's own limit", () => {
  it("counts the checks in a row beyond it, and remembers the last when it holds again", () => {
    expect(after(ratio(900, 180), ratio(900, 180))).toEqual({
      breaches: 2,
      breachEndAt: end,
      judgedAt: end,
    });
    expect(after(ratio(900, 180), ratio(900, 180), ratio(900, 0))).toEqual({
      breaches: 0,
      breachEndAt: end - 15_000,
      judgedAt: end,
    });
  });

  it("asks for the same certainty as the canary's", () => {
    expect(after(ratio(40, 3)).breaches).toBe(0);
    expect(after(ratio(400, 40)).breaches).toBe(1);
  });

  it("is not judged on nothing", () => {
    expect(advanceStable(emptyStableRun, [], rules)).toEqual(emptyStableRun);
    expect(after(ratio(0))).toEqual(emptyStableRun);
    expect(after(ratio(19, 19))).toEqual(emptyStableRun);
  });
});

describe("a breach of both", () => {
  const both = (canary: number, stable: Partial<StableRun>): MetricState => ({
    ...emptyMetricState,
    blocks: blocks(ratio(900, 180)),
    breaches: canary,
    stable: { breaches: 2, breachEndAt: end, judgedAt: end, ...stable },
  });

  it("takes two checks of the canary, the latest of stable, and one of each where one fails a release", () => {
    const isShared = (canary: number, stable: number, consecutive = 2): boolean =>
      isBreachShared(both(canary, { breaches: stable }), { ...limit, consecutive }, 35_000);
    expect(isShared(2, 2)).toBe(true);
    expect(isShared(1, 2)).toBe(false);
    expect(isShared(2, 1)).toBe(true);
    expect(isShared(2, 0)).toBe(false);
    expect(isShared(2, 2, 5)).toBe(true);
    expect(isShared(1, 1, 1)).toBe(true);
  });

  it("is none while stable has not been judged of late", () => {
    const at = (judgedAt: number | undefined): boolean =>
      isBreachShared(both(2, { judgedAt }), limit, 35_000);
    expect(at(end - 35_000)).toBe(true);
    expect(at(end - 35_001)).toBe(false);
    expect(at(undefined)).toBe(false);
  });
});

describe("stable's health", () => {
  const health = (stable: readonly Counts[], fromMs = 0) =>
    stableHealth(metricFacts({ blocks: blocks(...stable) }), limit, fromMs);

  it("is the latest unbroken time within the limit", () => {
    const good = ratio(900, 9);
    expect(health([good, ratio(900, 90), good, good])).toEqual({
      since: end - 30_000,
      until: end,
      checks: 2,
    });
    expect(health([good, good, ratio(900, 90)])).toBeUndefined();
  });

  it("counts only blocks that begin after the instant given", () => {
    const good = ratio(900);
    expect(health([good, good, good], end - 30_000)?.checks).toBe(2);
    expect(health([good, good, good], end - 29_999)?.checks).toBe(1);
    expect(health([good], end)).toBeUndefined();
  });

  it("takes as many blocks as have enough requests", () => {
    expect(health([ratio(19)])).toBeUndefined();
    expect(health([ratio(19), ratio(1)])).toEqual({
      since: end - 30_000,
      until: end,
      checks: 1,
    });
  });
});
