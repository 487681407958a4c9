import { describe, expect, it } from "vitest";
import { type PlanInput, planRelease } from "../../../src/core/analysis/plan.ts";
import { wordPlan, wordStagePlan, wordWarning } from "../../../src/core/analysis/word-plan.ts";
import { defaultMargins } from "../../../src/core/canary/compared.ts";

const limit = { max: 5, consecutive: 2, minSamples: 20 };
const errors = {
  name: "error-rate",
  kind: "Ratio" as const,
  limit,
  margins: defaultMargins.Ratio,
  share: 0.001,
  checkSeconds: 15,
};
const latency = {
  ...errors,
  name: "p99",
  kind: "Latency" as const,
  margins: defaultMargins.Latency,
  share: 0.01,
};
const stages = [10, 25, 50, 100].map((weight) => ({ weight, minSeconds: 60, maxSeconds: 1800 }));
const plan = (requestsPerSecond: number, overrides: Partial<PlanInput> = {}) =>
  planRelease({
    stages,
    metrics: [errors, latency],
    requestsPerSecond,
    alpha: 0.01,
    beta: 0.05,
    boundSeconds: 70,
    ...overrides,
  });

describe("the plan of a release", () => {
  it("is the spec's shortest way where requests abound", () => {
    const { seconds, warnings, boundSeconds } = plan(500);
    expect(seconds).toBe(240);
    expect(warnings).toEqual([]);
    expect(boundSeconds).toBe(70);
  });

  it("asks each stage for what the next weight needs, less what was seen before", () => {
    const [first, , third, last] = plan(5, { metrics: [latency, errors] }).stages;
    expect(first).toMatchObject({ metric: "error-rate", requestsPerSecond: 0.5 });
    expect(third?.requests).toBeGreaterThan(100);
    expect(last).toMatchObject({ excess: undefined, seconds: 60 });
    const alone = plan(5, { metrics: [errors] }).stages;
    expect(alone[0]?.excess).toBeCloseTo(0.02, 12);
    expect(alone[0]?.requests).toBeGreaterThan(219);
    expect(alone[0]?.requests).toBeLessThan(320);
  });

  it("takes minutes at 5 requests a second, and says that a rollback is slower than its bound", () => {
    const { seconds, warnings } = plan(5, { metrics: [errors] });
    expect(seconds).toBeGreaterThan(600);
    expect(seconds).toBeLessThan(1500);
    expect(warnings.map(({ kind }) => kind)).toEqual(["RollbackSlow"]);
  });

  it("warns of stages that cannot exclude harm in their time, with what they can", () => {
    const { warnings } = plan(0.5, { metrics: [errors] });
    const [first] = warnings;
    expect(first?.kind).toBe("StageTooShort");
    const said = first === undefined ? "" : wordWarning(first);
    expect(said).toMatch(
      /^the stage at 10 % needs \d+ min and has maxSeconds 1800: no more than an excess above [\d.]+ points is excluded by then, and analysis.onInconclusive decides; /,
    );
  });

  it("warns where nothing is beside the canary", () => {
    const single = [{ weight: 100, minSeconds: 60, maxSeconds: 1800 }];
    expect(plan(500, { stages: single }).warnings).toEqual([{ kind: "NothingCompared" }]);
    expect(
      plan(500, { stages: single, metrics: [{ ...errors, margins: undefined }] }).warnings,
    ).toEqual([]);
  });

  it("knows how long one point more of errors lasts, and that what is tolerated lasts for ever", () => {
    const { onePointSeconds } = plan(50);
    expect(onePointSeconds).toBeGreaterThan(60);
    expect(onePointSeconds).toBeLessThan(300);
    const wide = {
      ...errors,
      margins: { ...errors.margins, tolerated: { ratio: 1.2, excess: 0.02 } },
    };
    expect(plan(50, { metrics: [wide] }).onePointSeconds).toBe(Infinity);
  });
});

describe("a plan in words", () => {
  it("tells the rate, the time, and each stage", () => {
    const made = plan(50, { metrics: [errors] });
    expect(wordPlan(made, 50)).toMatch(
      /^at 50 requests a second a good version takes about \d+ min$/,
    );
    const [first, , , last] = made.stages;
    expect(first === undefined ? "" : wordStagePlan(first)).toMatch(
      /^60 s: [23]\d\d canary requests exclude an excess above 2 points \(error-rate\)$/,
    );
    expect(last === undefined ? "" : wordStagePlan(last)).toBe("60 s, nothing to exclude");
  });
});
