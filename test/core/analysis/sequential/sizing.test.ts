import { describe, expect, it } from "vitest";
import {
  excessWithin,
  requestsToPromote,
  requestsToRollBack,
} from "../../../../src/core/analysis/sequential/sizing.ts";

const harmful = { ratio: 1.5, excess: 0.005 };
const tolerated = { ratio: 1.2, excess: 0.001 };
const clean = { share: 0, stablePerCanary: 9, dispersion: 1 };

describe("how many canary requests it takes", () => {
  it("is ln(4/β)/d for a clean service", () => {
    expect(requestsToPromote(harmful, 0.05, clean)).toBeCloseTo(Math.log(80) / 0.005 / 0.999, -1);
  });

  it("grows with errors, with bursts, and with fewer stable requests", () => {
    const some = { ...clean, share: 0.001 };
    const base = requestsToPromote(harmful, 0.05, some);
    expect(base).toBeGreaterThan(requestsToPromote(harmful, 0.05, clean));
    expect(requestsToPromote(harmful, 0.05, { ...some, dispersion: 4 })).toBeCloseTo(4 * base, 6);
    const even = requestsToPromote(harmful, 0.05, { ...some, share: 0.01, stablePerCanary: 1 });
    expect(even).toBeGreaterThan(requestsToPromote(harmful, 0.05, { ...some, share: 0.01 }));
  });

  it("finds the excess that a number of requests excludes", () => {
    const needed = requestsToPromote(harmful, 0.05, clean);
    const excess = excessWithin(needed, harmful, { beta: 0.05, traffic: clean });
    expect(excess).toBeCloseTo(0.005, 4);
    expect(excessWithin(2, harmful, { beta: 0.05, traffic: clean })).toBeUndefined();
  });

  it("predicts a rollback from 0.1 to 1 % after about 1,200 requests, and none within the margin", () => {
    const worse = { ...clean, share: 0.001, canaryShare: 0.01 };
    const needed = requestsToRollBack(tolerated, 0.01, worse);
    expect(needed).toBeGreaterThan(600);
    expect(needed).toBeLessThan(1500);
    expect(requestsToRollBack(tolerated, 0.01, { ...worse, canaryShare: 0.001 })).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});
