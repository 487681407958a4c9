import { describe, expect, it } from "vitest";
import { logBeta, logGamma } from "../../../../src/core/analysis/sequential/log-gamma.ts";

describe("ln Γ and ln B", () => {
  it.each([
    [0.5, Math.log(Math.sqrt(Math.PI))],
    [1, 0],
    [2, 0],
    [5, Math.log(24)],
    [171, 706.5730622457874],
    [0.001, 6.907178885383854],
  ])("ln Γ(%d) is %d", (x, value) => {
    expect(logGamma(x)).toBeCloseTo(value, 9);
  });

  it("B(½, ½) is π, B(2, 3) is 1/12", () => {
    expect(logBeta(0.5, 0.5)).toBeCloseTo(Math.log(Math.PI), 10);
    expect(logBeta(2, 3)).toBeCloseTo(Math.log(1 / 12), 10);
  });
});
