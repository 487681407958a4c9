import { describe, expect, it } from "vitest";
import { createGenerator } from "./generator.ts";
import {
  bounds,
  bucketCount,
  bucketSampler,
  bucketShares,
  normalBelow,
  slowShare,
  usual,
} from "./latency.ts";
import { p99 } from "./tally.ts";

describe("times", () => {
  it("have a P99 of 350 ms and few above 500 ms when all is well", () => {
    const upTo500 = 1 - slowShare(usual);
    expect(slowShare(usual)).toBeCloseTo(0.00258, 4);
    expect(upTo500).toBeGreaterThan(0.99);
    const buckets = bucketShares(usual).map((share) => share * 1e6);
    const value = p99({ requests: 1e6, errors: 0, buckets });
    // Linear between 250 and 500 ms, as Prometheus reads it.
    expect(value).toBeGreaterThan(350);
    expect(value).toBeLessThan(500);
  });

  it("add up to all requests, also with a slow tail, which lies between 1 and 2.5 s", () => {
    for (const tailShare of [0, 0.03]) {
      const shares = bucketShares({ scale: 1.4, tailShare });
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
      expect(shares[bounds.indexOf(2500)]).toBeGreaterThanOrEqual(tailShare);
    }
  });

  it.each([20, 400])("fall into their buckets, %d at a time", (requests) => {
    const generator = createGenerator();
    generator.seed(5);
    const latency = { scale: 2, tailShare: 0.01 };
    const times = Math.round(200_000 / requests);
    const counts = new Uint16Array(bucketCount + 1);
    const seen = Array.from({ length: bucketCount }, () => 0);
    for (let time = 0; time < times; time += 1) {
      counts.fill(0);
      bucketSampler(latency)(generator.next, requests, counts, 1);
      for (const [bucket] of seen.entries())
        seen[bucket] = (seen[bucket] ?? 0) + (counts[bucket + 1] ?? 0);
    }
    const total = times * requests;
    expect(seen.reduce((sum, count) => sum + count, 0)).toBe(total);
    for (const [bucket, share] of bucketShares(latency).entries()) {
      const error = 5 * Math.sqrt((share * (1 - share)) / total) + 1e-6;
      expect(Math.abs((seen[bucket] ?? 0) / total - share)).toBeLessThan(error);
    }
  });

  it("are normal on both sides of where the series ends", () => {
    expect(normalBelow(0)).toBeCloseTo(0.5, 14);
    expect(normalBelow(1.959963984540054)).toBeCloseTo(0.975, 12);
    expect(normalBelow(-2.999)).toBeCloseTo(0.0013543, 6);
    expect(normalBelow(-3.001)).toBeCloseTo(0.0013455, 6);
    expect(normalBelow(-6) / 9.865876450376946e-10).toBeCloseTo(1, 6);
    expect(normalBelow(5)).toBeCloseTo(1 - 2.866515718791933e-7, 14);
  });
});
