import { describe, expect, it } from "vitest";
import {
  bucketBoundsMs,
  latencyBuckets,
  shareSlowerThan,
} from "../../../src/sandbox/mesh/latency.ts";

const everything = { addedMs: 0, beforeMs: Number.POSITIVE_INFINITY };
const upTo = (bound: number): number => bucketBoundsMs.indexOf(bound);

describe("the latency of a version", () => {
  it.each([5, 50, 250, 1_000])("has its P99 at %i ms", (p99Ms) => {
    const { cumulative } = latencyBuckets({ p99Ms, ...everything });
    expect(cumulative[upTo(p99Ms)]).toBeCloseTo(0.99, 5);
    expect(shareSlowerThan(p99Ms, p99Ms)).toBeCloseTo(0.01, 5);
    expect(cumulative.at(-1)).toBe(1);
  });

  it("moves by what is added, and ends before the timeout", () => {
    const late = latencyBuckets({ p99Ms: 50, addedMs: 2_000, beforeMs: Infinity });
    expect(late.cumulative[upTo(1_000)]).toBe(0);
    expect(late.cumulative[upTo(2_500)]).toBeCloseTo(1, 6);
    const cut = latencyBuckets({ p99Ms: 1_000, addedMs: 0, beforeMs: 100 });
    expect(cut.cumulative[upTo(100)]).toBe(1);
  });

  it("has each bucket's mean within the bucket", () => {
    const { cumulative, meanMs } = latencyBuckets({ p99Ms: 300, ...everything });
    for (const [place, bound] of bucketBoundsMs.entries()) {
      expect(meanMs[place]).toBeLessThanOrEqual(bound);
      expect(meanMs[place]).toBeGreaterThanOrEqual(bucketBoundsMs[place - 1] ?? 0);
    }
    const mean = meanMs.reduce((sum, value, place) => {
      const share = (cumulative[place] ?? 1) - (cumulative[place - 1] ?? 0);
      return sum + value * share;
    }, 0);
    const median = 300 / Math.exp(2.3263478740408408 * 0.6);
    expect(mean).toBeCloseTo(median * Math.exp(0.18), 1);
  });
});
