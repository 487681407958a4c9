import { describe, expect, it } from "vitest";
import { planOf, requestRate, wordReleasePlan } from "../../../src/core/canary/release-plan.ts";
import { metricFacts } from "../../support/analysis.ts";
import { aSpec, aSpecWith, errorRate } from "../../support/snapshots.ts";

const { compare: _, ...metric } = aSpec().analysis.metrics[0] ?? { compare: null };
const compared = aSpecWith({ ...metric, compare: undefined });
const busy = errorRate({ total: 75, bad: 0 }, { total: 675, bad: 1 });

describe("the plan of a release", () => {
  it("is made of the spec's stages and margins, at the rate that was measured", () => {
    expect(requestRate([busy])).toBe(50);
    expect(requestRate([metricFacts()])).toBe(0);
    const plan = planOf(compared, [busy], { requestsPerSecond: 50 });
    expect(plan?.stages.map(({ weight }) => weight)).toEqual([10, 25, 50, 100]);
    expect(plan?.stages[0]?.excess).toBeCloseTo(0.02, 12);
  });

  it("supposes as many errors as are named, else as stable has", () => {
    const at = (errorShare?: number) =>
      planOf(compared, [busy], { requestsPerSecond: 50, errorShare })?.stages[0]?.requests ?? 0;
    expect(at(0.03)).toBeGreaterThan(at());
  });

  it("compares nothing where the spec wants none, and is none without analysis or requests", () => {
    const alone = planOf(aSpec(), [busy], { requestsPerSecond: 50 });
    expect(alone?.stages[0]?.excess).toBeUndefined();
    expect(planOf(aSpec({ skipAnalysis: true }), [busy], { requestsPerSecond: 5 })).toBeUndefined();
    expect(planOf(compared, [busy], { requestsPerSecond: 0 })).toBeUndefined();
  });

  it("is told in a sentence, with its warnings, once a rate is known", () => {
    expect(wordReleasePlan(compared, [busy])).toMatch(
      /^at 50 requests a second a good version takes about \d+ (s|min)$/,
    );
    expect(wordReleasePlan(compared, [errorRate({ total: 0 }, { total: 6 })])).toMatch(
      /^at 0.4 requests a second .*; warning: the stage at 10 % needs /,
    );
    expect(wordReleasePlan(compared, [metricFacts()])).toBeUndefined();
  });
});
