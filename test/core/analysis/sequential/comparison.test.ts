import { describe, expect, it } from "vitest";
import { newTest } from "../../../../src/core/analysis/sequential/bound-test.ts";
import {
  addToComparison,
  type Comparison,
  dispersionAt,
  excessExcluded,
  logEvidenceAgainst,
  logEvidenceFor,
  newComparison,
  requestsCounted,
  requestsMissing,
  requestsToBegin,
} from "../../../../src/core/analysis/sequential/comparison.ts";
import type { ComparisonRules } from "../../../../src/core/analysis/sequential/comparison-rules.ts";
import { noDispersion } from "../../../../src/core/analysis/sequential/dispersion.ts";
import { latency } from "../../../support/analysis.ts";
import { errorBlock, errorRules } from "../../../support/comparing.ts";
import { createSeededRandom } from "../../../support/seeded-random.ts";

const histogram = (total: number, slow: number) =>
  latency(total, { 100: 0.97 * total, 250: total - slow, 500: total - slow / 10 });
const slowRules: ComparisonRules = {
  ...errorRules,
  kind: "Latency",
  limit: 500,
  margins: {
    tolerated: { ratio: 1.2, excess: 0.002 },
    harmful: { ratio: 1.5, excess: 0.01 },
  },
};
const slowBlock = (slow: number) => ({
  canary: histogram(100, slow),
  stable: histogram(900, 9),
  stablePods: [],
  pods: undefined,
});

function run(blocks: number, shares: { canary: number; stable: number }): Comparison {
  const random = createSeededRandom(42);
  let state = newComparison("Ratio");
  for (let index = 0; index < blocks; index += 1)
    state = addToComparison(state, errorBlock(random, shares), errorRules);
  return state;
}

describe("the comparison of errors", () => {
  it("excludes harm of a version as good as stable, and says how much is missing on the way", () => {
    const early = run(4, { canary: 0.001, stable: 0.001 });
    const missing = requestsMissing(early, 0.005, 0.05) ?? 0;
    expect(missing).toBeGreaterThan(100);
    expect(missing).toBeLessThan(3000);
    expect(excessExcluded(early, 0.05)).toBeGreaterThan(0.005);
    const late = run(40, { canary: 0.001, stable: 0.001 });
    expect(logEvidenceFor(late, 0.005)).toBeGreaterThan(Math.log(20));
    expect(excessExcluded(late, 0.05)).toBeLessThan(0.005);
    expect(requestsMissing(late, 0.005, 0.05)).toBe(0);
    expect(requestsCounted(late)).toBe(3000);
    expect(logEvidenceAgainst(late)).toBeLessThan(Math.log(5));
  });

  it("finds ten times as many errors before anything is excluded", () => {
    const bad = run(30, { canary: 0.01, stable: 0.001 });
    expect(logEvidenceAgainst(bad)).toBeGreaterThan(Math.log(100));
    expect(logEvidenceFor(bad, 0.005)).toBeLessThan(Math.log(20));
  });
});

describe("how many bad requests come together", () => {
  it("is told of errors, and of requests slower than the limit; 1 before anything is known", () => {
    const bursty = { ...noDispersion, acrossPods: { weighted: 980, weight: 80 } };
    const pods = { canary: 2, stable: 8 };
    const test = (above: number | undefined, dispersion = noDispersion) => ({
      ...newTest(above),
      dispersion,
    });
    expect(dispersionAt(undefined, 5, pods)).toBe(1);
    expect(dispersionAt(newComparison("Latency"), 500, pods)).toBe(1);
    const errors = { tests: [test(undefined, bursty)], history: undefined };
    expect(dispersionAt(errors, 5, pods)).toBeCloseTo(12, 10);
    const slow = { tests: [test(250), test(500, bursty), test(1000)], history: undefined };
    expect(dispersionAt(slow, 500, pods)).toBeCloseTo(12, 10);
    expect(dispersionAt(slow, 250, pods)).toBe(1);
    expect(dispersionAt(slow, 2000, pods)).toBe(1);
  });
});

describe("the comparison of latencies", () => {
  it("waits until its bounds can be chosen from stable's requests, and begins with the next block", () => {
    const empty = newComparison("Latency");
    expect(logEvidenceAgainst(empty)).toBe(0);
    expect(logEvidenceFor(empty, 1)).toBe(Number.NEGATIVE_INFINITY);
    expect(excessExcluded(empty, 0.05)).toBeUndefined();
    expect(requestsMissing(empty, 0.01, 0.05)).toBeUndefined();
    expect(requestsToBegin(empty)).toBe(200);
    const first = addToComparison(empty, slowBlock(1), slowRules);
    expect(first.tests).toEqual([]);
    expect(requestsToBegin(first)).toBe(0);
    const second = addToComparison(first, slowBlock(1), slowRules);
    expect(second.tests.map(({ above }) => above)).toEqual([100, 250, 500]);
    expect(second.history).toBeUndefined();
    expect(requestsCounted(second)).toBe(100);
  });

  it("finds a tail that is ten times as long, at a limit that is not near", () => {
    let state = newComparison("Latency");
    for (let index = 0; index < 3; index += 1)
      state = addToComparison(state, slowBlock(1), slowRules);
    for (let index = 0; index < 8; index += 1)
      state = addToComparison(state, slowBlock(10), slowRules);
    expect(logEvidenceAgainst(state)).toBeGreaterThan(Math.log(100));
  });

  it("asks every bound before a harm is excluded", () => {
    let state = newComparison("Latency");
    for (let index = 0; index < 60; index += 1)
      state = addToComparison(state, slowBlock(1), slowRules);
    const all = logEvidenceFor(state, 0.01);
    expect(all).toBeGreaterThan(Math.log(20));
    expect(all).toBe(
      Math.min(
        ...state.tests.map((test) => logEvidenceFor({ tests: [test], history: undefined }, 0.01)),
      ),
    );
  });

  it("leaves out blocks in which a version's histogram has other bounds", () => {
    let state = newComparison("Latency");
    for (let index = 0; index < 2; index += 1)
      state = addToComparison(state, slowBlock(1), slowRules);
    const other = { ...slowBlock(1), canary: latency(100, { 64: 90, 128: 100 }) };
    expect(requestsCounted(addToComparison(state, other, slowRules))).toBe(requestsCounted(state));
  });
});
