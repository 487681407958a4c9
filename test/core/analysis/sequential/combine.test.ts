import { describe, expect, it } from "vitest";
import {
  combinedEvidence,
  evidenceWeights,
} from "../../../../src/core/analysis/sequential/combine.ts";

describe("several metrics together", () => {
  it("share the weight by kind", () => {
    const ratio = { kind: "Ratio", log: 0 } as const;
    const latency = { kind: "Latency", log: 0 } as const;
    expect(evidenceWeights([ratio, latency])).toEqual([0.5, 0.5]);
    expect(evidenceWeights([ratio, ratio, latency])).toEqual([0.25, 0.25, 0.5]);
    expect(evidenceWeights([ratio])).toEqual([1]);
    expect(evidenceWeights([])).toEqual([]);
  });

  it("weigh evidence by its mean", () => {
    const together = combinedEvidence([
      { kind: "Ratio", log: Math.log(150) },
      { kind: "Latency", log: Math.log(50) },
    ]);
    expect(Math.exp(together)).toBeCloseTo(100, 8);
    expect(combinedEvidence([])).toBe(0);
    const half = combinedEvidence([
      { kind: "Ratio", log: Number.NEGATIVE_INFINITY },
      { kind: "Latency", log: 0 },
    ]);
    expect(half).toBeCloseTo(Math.log(0.5), 12);
  });
});
