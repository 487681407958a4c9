import { describe, expect, it } from "vitest";
import { applyRangeFunction } from "../../../../src/sandbox/prometheus/promql/rate.ts";

const SECOND = 1000;

/** Samples each 10 s, the first at `firstAt` seconds. */
function samples(values: readonly number[], firstAt = 0) {
  return { times: values.map((_, index) => (firstAt + 10 * index) * SECOND), values };
}

function increaseOf(values: readonly number[], firstAt: number, windowEndSeconds: number) {
  const window = { startMs: 0, endMs: windowEndSeconds * SECOND };
  return applyRangeFunction("increase", samples(values, firstAt), window);
}

describe("applyRangeFunction", () => {
  it("needs two samples", () => {
    expect(increaseOf([5], 10, 60)).toBeUndefined();
    expect(applyRangeFunction("irate", samples([5]), { startMs: 0, endMs: 1 })).toBeUndefined();
    expect(increaseOf([5, 6], 10, 30)).toBeDefined();
  });

  it("extrapolates to the edges of the window when the samples reach close to them", () => {
    expect(increaseOf([1000, 1010, 1020, 1030], 5, 40)).toBeCloseTo(40);
  });

  it("extrapolates by half a spacing where the series begins or ends inside the window", () => {
    expect(increaseOf([1000, 1010, 1020], 30, 90)).toBeCloseTo(30);
  });

  it("treats an edge at 1.1 spacings as far and one just inside as near", () => {
    expect(increaseOf([1000, 1010], 11, 21)).toBeCloseTo(15);
    expect(increaseOf([1000, 1010], 10.9, 20.9)).toBeCloseTo(20.9);
  });

  it("does not extrapolate a newborn counter below zero", () => {
    // From 2 at 10 per spacing the counter was zero 0.2 spacings before its first sample.
    expect(increaseOf([2, 12, 22], 30, 50)).toBeCloseTo(22);
    expect(increaseOf([0, 10, 20], 30, 50)).toBeCloseTo(20);
  });

  it("misses a series' first value: a counter that is born at 1 and stays has not increased", () => {
    expect(increaseOf([1, 1, 1], 30, 60)).toBe(0);
  });

  it("adds what was counted before a reset", () => {
    expect(increaseOf([100, 120, 5, 15], 0, 30)).toBeCloseTo(35);
  });

  it("divides by the whole window for rate", () => {
    const window = { startMs: 0, endMs: 60 * SECOND };
    const values = [1000, 1010, 1020, 1030, 1040, 1050];
    expect(applyRangeFunction("rate", samples(values, 5), window)).toBeCloseTo(1);
  });

  it("looks at the last two samples only for irate", () => {
    const window = { startMs: 0, endMs: 60 * SECOND };
    expect(applyRangeFunction("irate", samples([0, 500, 530]), window)).toBeCloseTo(3);
    expect(applyRangeFunction("irate", samples([0, 500, 40]), window)).toBeCloseTo(4);
  });
});
