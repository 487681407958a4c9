import { describe, expect, it } from "vitest";
import { harmfulExcessAt, relaxedMargin } from "../../../../src/core/analysis/sequential/margin.ts";

describe("margins", () => {
  it("are wide while the canary warms up", () => {
    const tolerated = { ratio: 1.2, excess: 0.001 };
    expect(relaxedMargin(tolerated, "Ratio")).toEqual({ ratio: 1.2, excess: 0.05 });
    expect(relaxedMargin(tolerated, "Latency")).toEqual({ ratio: 1.2, excess: 0.2 });
    expect(relaxedMargin({ ratio: 2, excess: 0.5 }, "Ratio").excess).toBe(0.5);
  });

  it("ask the whole exclusion only of the step to 100", () => {
    const harmful = { ratio: 1.5, excess: 0.005 };
    expect(harmfulExcessAt(harmful, 100)).toBe(0.005);
    expect(harmfulExcessAt(harmful, 50)).toBe(0.01);
    expect(harmfulExcessAt(harmful, 10)).toBeCloseTo(0.05, 12);
    expect(harmfulExcessAt({ ratio: 1.5, excess: 0.5 }, 1)).toBe(1);
  });
});
