import { describe, expect, it } from "vitest";
import { logAdd, logMean, logSum } from "../../../../src/core/analysis/sequential/log-sum.ts";

describe("sums of logarithms", () => {
  it("add what the numbers themselves would", () => {
    expect(logAdd(Math.log(2), Math.log(3))).toBeCloseTo(Math.log(5), 14);
    expect(logSum([0, 0, 0, 0])).toBeCloseTo(Math.log(4), 14);
    expect(logMean([Math.log(1), Math.log(3)])).toBeCloseTo(Math.log(2), 14);
  });

  it("add where the numbers themselves are too large or too small", () => {
    expect(logAdd(5000, 5000)).toBeCloseTo(5000 + Math.log(2), 10);
    expect(logAdd(-5000, -6000)).toBe(-5000);
  });

  it("take −Infinity for nothing", () => {
    expect(logAdd(Number.NEGATIVE_INFINITY, 3)).toBe(3);
    expect(logAdd(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY)).toBe(
      Number.NEGATIVE_INFINITY,
    );
    expect(logAdd(Number.POSITIVE_INFINITY, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(logSum([])).toBe(Number.NEGATIVE_INFINITY);
    expect(logMean([])).toBe(Number.NEGATIVE_INFINITY);
  });
});
