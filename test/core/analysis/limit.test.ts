import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeLimit, type LimitRules, placeOf } from "../../../src/core/analysis/limit.ts";
import type { Counts } from "../../../src/core/analysis/measure.ts";
import { blocksUntil, latency, possibleCounts, ratio } from "../../support/analysis.ts";

const errors: LimitRules = {
  limit: { max: 5, consecutive: 2, minSamples: 20 },
  quantile: 0.99,
  limitAppliesFrom: 0,
};
const p99: LimitRules = { ...errors, limit: { max: 500, consecutive: 2, minSamples: 20 } };

const judge = (canary: readonly Counts[], rules = errors, judgedAt?: number) =>
  judgeLimit(
    blocksUntil(
      600_000,
      canary.map((counts) => [counts, ratio(90)]),
    ),
    rules,
    judgedAt,
  ).outcome;

describe("the limit of an error rate", () => {
  it.each([
    // P(X ≥ 5 | 20, 5 %) = 0.0026, P(X ≥ 4 | 20, 5 %) = 0.016
    ["is broken when chance cannot explain the errors", [ratio(20, 5)], "Breach"],
    ["holds when chance can", [ratio(20, 4)], "Holds"],
    ["holds at the limit, however many requests", [ratio(100_000, 5000)], "Holds"],
    ["is not judged on fewer than minSamples", [ratio(19, 19)], "Open"],
    ["is judged on the blocks of the last minute", [ratio(10, 3), ratio(10, 3)], "Breach"],
    [
      "is judged on older blocks where the last minute holds too few",
      [ratio(5, 5), ratio(4, 4), ratio(4, 4), ratio(4, 4), ratio(4, 4)],
      "Breach",
    ],
    // P(X ≥ 8 | 40, 5 %) = 0.0007
    ["is broken by checks that prove it together", [ratio(20, 4), ratio(20, 4)], "Breach"],
    [
      "holds when older requests make it likelier to be chance",
      [ratio(20, 0), ratio(20, 4)],
      "Holds",
    ],
    ["looks no further back than it needs", [ratio(1000, 1000), ratio(20, 0)], "Holds"],
    ["is not broken again by older errors alone", [ratio(19, 10), ratio(5, 0)], "Open"],
    // P(X ≥ 2 | 5, 5 %) = 0.02, P(X ≥ 1 | 5, 5 %) = 0.23: one may be chance.
    ["is broken by older errors and new ones", [ratio(19, 10), ratio(5, 2)], "Breach"],
    ["is not broken again by older errors and a chance one", [ratio(19, 10), ratio(5, 1)], "Open"],
    ["is not judged without canary requests", [ratio(100, 100), ratio(0)], "Open"],
    ["is not judged without blocks", [], "Open"],
  ] as const)("%s", (_name, canary, outcome) => {
    expect(judge(canary)).toBe(outcome);
  });

  it("takes errors that come together for one, as many as stable's do", () => {
    const burst = ratio(100, 25);
    expect(judge([burst], { ...errors, dispersion: 1 })).toBe("Breach");
    expect(judge([burst], { ...errors, dispersion: 10 })).toBe("Holds");
    expect(judge([burst, burst, burst], { ...errors, dispersion: 10 })).toBe("Breach");
  });

  it.each([
    ["of 0 is broken by one error", 0, ratio(20, 1), "Breach"],
    ["of 0 holds without", 0, ratio(20, 0), "Holds"],
    ["of 100 is never broken", 100, ratio(20, 20), "Holds"],
  ])("%s", (_name, max, counts, outcome) => {
    expect(judge([counts], { ...errors, limit: { ...errors.limit, max } })).toBe(outcome);
  });

  it.each([
    ["holds again after enough good requests, however slowly they come", 1, "Holds"],
    ["does not while there are errors among them", 2, "Open"],
  ])("%s", (_name, bad, outcome) => {
    const quiet = [ratio(20, 20), ...Array.from({ length: 7 }, () => ratio(3, 0))];
    const [, ...later] = quiet;
    const judgedAt = 600_000 - later.length * 15_000;
    expect(judge([...quiet.slice(0, -1), ratio(3, bad)], errors, judgedAt)).toBe(outcome);
  });

  it("is broken by blocks that took long to come, by other requests each time", () => {
    const slow = Array.from({ length: 7 }, () => ratio(3, 3));
    expect(judge(slow)).toBe("Breach");
    expect(judge(slow, errors, 600_000 - 7 * 15_000)).toBe("Breach");
    expect(judge(slow, errors, 600_000 - 6 * 15_000)).toBe("Open");
  });
});

describe("the limit of a latency", () => {
  it.each([
    ["holds at one slow request in a hundred", latency(1000, { 250: 900, 500: 990 }), "Holds"],
    ["is broken when chance cannot explain more", latency(1000, { 250: 900, 500: 980 }), "Breach"],
    ["holds when chance can", latency(1000, { 250: 900, 500: 985, 1000: 1000 }), "Holds"],
    ["is broken beyond the highest bound", latency(1000, { 250: 900, 500: 0 }), "Breach"],
    ["is not judged when the histogram ends below it", latency(1000, { 250: 900 }), "Open"],
    ["is not judged without bounds", latency(1000, {}), "Open"],
  ])("%s", (_name, counts, outcome) => {
    expect(judge([counts], p99)).toBe(outcome);
  });

  it("between two bounds counts only requests that were surely slower", () => {
    const rules = { ...p99, limit: { ...p99.limit, max: 300 } };
    // P99 is interpolated to more than 300, but which of the 30 requests in (250, 500] took over 300 is not known.
    expect(judge([latency(1000, { 250: 970, 500: 1000 })], rules)).toBe("Holds");
    expect(judge([latency(1000, { 250: 960, 500: 970, 1000: 1000 })], rules)).toBe("Breach");
  });

  it.each([
    ["is judged on a block that ends with the warm-up", 600_000, "Breach"],
    ["is not judged before", 600_001, "Open"],
  ])("%s", (_name, limitAppliesFrom, outcome) => {
    const slow = latency(1000, { 500: 100 });
    expect(judge([slow, slow], { ...p99, limitAppliesFrom })).toBe(outcome);
  });

  it("does not look back into the warm-up", () => {
    const slow = latency(19, { 500: 0 });
    expect(judge([slow, slow], { ...p99, limitAppliesFrom: 585_001 })).toBe("Open");
    expect(judge([slow, slow], { ...p99, limitAppliesFrom: 585_000 })).toBe("Breach");
  });
});

describe("the place of a value", () => {
  it.each([
    ["at the limit", ratio(100, 5), "Within"],
    ["just above it", ratio(10_000, 501), "Beyond"],
    ["without requests", ratio(0), "Unknown"],
  ])("%s", (_name, counts, place) => {
    expect(placeOf(counts, errors)).toBe(place);
  });
});

describe("any limit", () => {
  it("is broken only with enough requests, a value beyond it and bad requests of the newest block", () => {
    const counts = fc
      .constantFrom("Ratio" as const, "Latency" as const)
      .chain((kind) => fc.array(possibleCounts(kind, 60), { minLength: 1, maxLength: 6 }));
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 100 }), (canary, minSamples) => {
        const [first] = canary;
        const max = first?.kind === "Ratio" ? 5 : 250;
        const rules = { ...errors, limit: { max, consecutive: 1, minSamples } };
        fc.pre(judge(canary, rules) === "Breach");
        const newest = canary.at(-1);
        expect(canary.reduce((sum, { total }) => sum + total, 0)).toBeGreaterThanOrEqual(
          minSamples,
        );
        expect(newest?.total).toBeGreaterThan(0);
        expect(newest?.kind === "Ratio" && newest.bad === 0).toBe(false);
      }),
    );
  });

  it("that is broken stays so with one more bad request in the newest block", () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), fc.nat(99), (total, part, max) => {
        const bad = Math.min(total, part);
        const rules = { ...errors, limit: { ...errors.limit, max } };
        fc.pre(judge([ratio(total, bad)], rules) === "Breach" && bad < total);
        expect(judge([ratio(total, bad + 1)], rules)).toBe("Breach");
      }),
    );
  });
});
