import { describe, expect, it } from "vitest";
import {
  podSpread,
  ratioBetweenPods,
} from "../../../../src/core/analysis/sequential/pod-spread.ts";

const totals = (...bad: readonly number[]) =>
  new Map(bad.map((count, index) => [`${index}`, { requests: 10_000, bad: count }]));

describe("lasting differences between pods", () => {
  it("are none where pods differ by chance alone", () => {
    expect(podSpread(totals(98, 104, 110, 92, 101, 95, 99, 107), 1)).toBe(0);
  });

  it("are unknown where there is too little to tell", () => {
    expect(podSpread(totals(1, 0, 2), 1)).toBeUndefined();
    expect(podSpread(totals(100), 1)).toBeUndefined();
    expect(podSpread(new Map(), 1)).toBeUndefined();
  });

  it("are measured by their coefficient of variation, less what bursts explain", () => {
    // Standard deviation 50, mean 100.
    const wide = totals(150, 50, 150, 50, 150, 50, 150, 50);
    expect(Math.sqrt(podSpread(wide, 1) ?? 0)).toBeCloseTo(0.53, 1);
    // Pearson's statistic per degree of freedom is 28.6: likely more than bursts of 20, surely not more than of 21.
    expect(podSpread(wide, 20)).toBeCloseTo(0.0886, 3);
    expect(podSpread(wide, 21)).toBe(0);
  });

  it("raise the ratio that is tolerated, the more the fewer pods there are", () => {
    expect(ratioBetweenPods(1.2, 0, { canary: 2, stable: 8 })).toBe(1.2);
    expect(ratioBetweenPods(1.2, 0.25, { canary: 2, stable: 8 })).toBeCloseTo(2.19, 2);
    expect(ratioBetweenPods(1.2, 0.25, { canary: 1, stable: 8 })).toBeGreaterThan(2.2);
    expect(ratioBetweenPods(3, 0.25, { canary: 2, stable: 8 })).toBe(3);
    expect(ratioBetweenPods(1.2, 0.25, { canary: 0, stable: 8 })).toBe(1.2);
    expect(ratioBetweenPods(1.2, 1e6, { canary: 1, stable: 1 })).toBe(10);
  });
});
