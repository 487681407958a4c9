import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { measureCounts, requestsAbove } from "../../../src/core/analysis/value.ts";
import { latency, possibleCounts, ratio } from "../../support/analysis.ts";

describe("the value of counts", () => {
  it.each([
    ["percent of bad requests", ratio(340, 7), { value: 700 / 340, isOpen: false }],
    ["0 without bad requests", ratio(340, 0), { value: 0, isOpen: false }],
    ["nothing without requests", ratio(0), undefined],
    [
      "a bound when the rank falls on it",
      latency(100, { 250: 50, 500: 99, 1000: 100 }),
      { value: 500, isOpen: false },
    ],
    [
      "interpolated inside the bucket that holds the rank",
      latency(100, { 250: 98, 500: 100 }),
      { value: 375, isOpen: false },
    ],
    [
      "interpolated from 0 in the first bucket",
      latency(100, { 250: 100 }),
      { value: 247.5, isOpen: false },
    ],
    [
      "the highest bound, said to be open, when the rank lies beyond it",
      latency(100, { 250: 50, 500: 98 }),
      { value: 500, isOpen: true },
    ],
    ["unknown without any bound", latency(100, {}), undefined],
    [
      "the first bound that holds anything",
      latency(10, { 1: 0, 2: 0, 5: 10 }),
      { value: 4.97, isOpen: false },
    ],
  ])("is %s", (_name, counts, measured) => {
    const result = measureCounts(counts, 0.99);
    expect(result?.isOpen).toBe(measured?.isOpen);
    expect(result?.value ?? -1).toBeCloseTo(measured?.value ?? -1, 9);
  });

  it("lies within the bounds and rises with the quantile", () => {
    const quantile = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(possibleCounts("Latency"), quantile, quantile, (counts, a, b) => {
        const low = measureCounts(counts, Math.min(a, b));
        const high = measureCounts(counts, Math.max(a, b));
        fc.pre(counts.total > 0);
        expect(low?.value).toBeGreaterThanOrEqual(0);
        expect(low?.value).toBeLessThanOrEqual(1000 * (1 + 1e-12));
        expect(high?.value).toBeGreaterThanOrEqual((low?.value ?? Number.NaN) * (1 - 1e-12));
      }),
    );
  });
});

describe("requests surely slower than a limit", () => {
  const counts = latency(100, { 250: 80, 500: 95, 1000: 98 });

  it.each([
    ["exact at a bound", 500, 5],
    ["those above the next bound between two", 501, 2],
    ["those above the highest bound at it", 1000, 2],
    ["none beyond the highest bound", 1001, 0],
    ["those above the lowest bound below it", 1, 20],
  ])("are %s", (_name, limit, above) => {
    expect(requestsAbove(counts, limit)).toBe(above);
  });
});
