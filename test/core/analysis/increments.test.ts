import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { incrementsBetween, rememberCounters } from "../../../src/core/analysis/increments.ts";
import { anyCounters, counter, latency, ratio } from "../../support/analysis.ts";

describe("increments", () => {
  it.each([
    [
      "count the rise of every counter",
      [counter("web", "a", ratio(10, 1)), counter("web-primary", "a", ratio(90, 0))],
      [counter("web", "a", ratio(14, 2)), counter("web-primary", "a", ratio(100, 0))],
      [counter("web", "a", ratio(4, 1)), counter("web-primary", "a", ratio(10, 0))],
    ],
    [
      "take a pod that was never seen as a baseline",
      [counter("web", "a", ratio(10))],
      [counter("web", "b", ratio(7, 7))],
      [],
    ],
    [
      "count a version that is new on a known pod from 0",
      [counter("web-primary", "a", ratio(90))],
      [counter("web-primary", "a", ratio(95)), counter("web", "a", ratio(3, 1))],
      [counter("web-primary", "a", ratio(5)), counter("web", "a", ratio(3, 1))],
    ],
    [
      "count the new values of a pod whose counters all fell",
      [counter("web", "a", ratio(10, 5)), counter("web-primary", "a", ratio(90))],
      [counter("web", "a", ratio(4, 2)), counter("web-primary", "a", ratio(7))],
      [counter("web", "a", ratio(4, 2)), counter("web-primary", "a", ratio(7))],
    ],
    [
      "count the new values of a pod whose counters fell or vanished",
      [counter("web", "a", ratio(10)), counter("web-primary", "a", ratio(90))],
      [counter("web-primary", "a", ratio(7))],
      [counter("web-primary", "a", ratio(7))],
    ],
    [
      "count nothing for one counter that fell while another stood still",
      [counter("web", "a", ratio(10, 5)), counter("web-primary", "a", ratio(90))],
      [counter("web", "a", ratio(4, 2)), counter("web-primary", "a", ratio(90))],
      [counter("web", "a", ratio(0)), counter("web-primary", "a", ratio(0))],
    ],
    [
      "keep the pods apart",
      [counter("web", "a", ratio(10)), counter("web", "b", ratio(10))],
      [counter("web", "a", ratio(4)), counter("web", "b", ratio(15))],
      [counter("web", "a", ratio(4)), counter("web", "b", ratio(5))],
    ],
    [
      "see a restart in the buckets of a histogram",
      [counter("web", "a", latency(100, { 250: 90, 500: 99 }))],
      [counter("web", "a", latency(7, { 250: 5, 500: 6 }))],
      [counter("web", "a", latency(7, { 250: 5, 500: 6 }))],
    ],
  ])("%s", (_name, before, after, increments) => {
    expect(incrementsBetween(before, after)).toEqual(increments);
  });

  it("are nothing between an answer and itself", () => {
    fc.assert(
      fc.property(anyCounters("Ratio"), (counters) => {
        const sum = incrementsBetween(counters, counters).map(({ counts }) => counts.total);
        expect(sum.every((total) => total === 0)).toBe(true);
      }),
    );
  });

  it("never exceed what the counters read", () => {
    fc.assert(
      fc.property(anyCounters("Latency"), anyCounters("Latency"), (before, after) => {
        for (const { workload, pod, counts } of incrementsBetween(before, after)) {
          const read = after.find((each) => each.workload === workload && each.pod === pod);
          expect(counts.total).toBeGreaterThanOrEqual(0);
          expect(counts.total).toBeLessThanOrEqual(Math.max(0, read?.counts.total ?? 0) || 0);
        }
      }),
    );
  });
});

describe("remembered counters", () => {
  const seen = rememberCounters([], [counter("web", "a", ratio(10))], 1000);

  it("are those just read", () => {
    expect(seen).toEqual([{ ...counter("web", "a", ratio(10)), seenAt: 1000 }]);
    expect(rememberCounters(seen, [counter("web", "a", ratio(12))], 2000)).toEqual([
      { ...counter("web", "a", ratio(12)), seenAt: 2000 },
    ]);
  });

  it.each([
    ["are kept for five minutes after an answer left them out", 301_000, 1],
    ["are forgotten then", 301_001, 0],
  ])("%s", (_name, at, kept) => {
    expect(rememberCounters(seen, [], at)).toHaveLength(kept);
  });

  it("bridge a scrape that was missed", () => {
    const gap = rememberCounters(seen, [], 16_000);
    expect(incrementsBetween(gap, [counter("web", "a", ratio(15, 2))])).toEqual([
      counter("web", "a", ratio(5, 2)),
    ]);
  });
});
