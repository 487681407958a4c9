import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addCounts,
  countersOf,
  emptyCounts,
  orderly,
  riseOf,
} from "../../../src/core/analysis/counts.ts";
import { anyCounts, latency, possibleCounts, ratio } from "../../support/analysis.ts";

const kind = fc.constantFrom("Ratio" as const, "Latency" as const);

describe("the sum of counts", () => {
  it("adds requests and bad requests", () => {
    expect(addCounts(ratio(10, 1), ratio(5, 2))).toEqual(ratio(15, 3));
  });

  it("keeps only bounds that both histograms have", () => {
    const sum = addCounts(latency(10, { 100: 5, 250: 9 }), latency(4, { 250: 3, 500: 4 }));
    expect(sum).toEqual(latency(14, { 250: 12 }));
  });

  it("is what it was when nothing is added", () => {
    fc.assert(
      fc.property(
        kind.chain((each) => fc.tuple(fc.constant(each), possibleCounts(each))),
        ([each, counts]) => {
          expect(addCounts(counts, emptyCounts(each))).toEqual(counts);
          expect(addCounts(emptyCounts(each), counts).total).toBe(counts.total);
        },
      ),
    );
  });

  it("takes no histogram for a ratio", () => {
    expect(addCounts(ratio(10, 1), latency(4, { 250: 3 }))).toEqual(ratio(10, 1));
  });
});

describe("the rise of a counter", () => {
  it.each([
    ["what came since", ratio(10, 1), ratio(15, 2), ratio(5, 1)],
    ["nothing when it stands still", ratio(10, 1), ratio(10, 1), ratio(0, 0)],
    ["nothing for a single counter that drops", ratio(10, 5), ratio(15, 0), ratio(5, 0)],
    ["everything of one born since", undefined, ratio(15, 2), ratio(15, 2)],
    ["no more bad requests than requests", ratio(10, 0), ratio(11, 4), ratio(1, 1)],
    ["nothing when the kind changes", latency(1, { 5: 1 }), ratio(11, 4), ratio(0, 0)],
    [
      "the rise of each bucket, never falling over le",
      latency(10, { 100: 5, 250: 9 }),
      latency(20, { 100: 10, 250: 11 }),
      latency(10, { 100: 5, 250: 5 }),
    ],
    [
      "only bounds that were there before",
      latency(10, { 250: 9 }),
      latency(20, { 100: 10, 250: 19 }),
      latency(10, { 250: 10 }),
    ],
  ])("is %s", (_name, before, after, rise) => {
    expect(riseOf(before, after)).toEqual(rise);
  });

  it("is always possible, whatever a server sent", () => {
    fc.assert(
      fc.property(
        kind.chain((each) =>
          fc.tuple(fc.option(anyCounts(each), { nil: undefined }), anyCounts(each)),
        ),
        ([before, after]) => {
          const rise = riseOf(before, after);
          expect(orderly(rise)).toEqual(rise);
          for (const [, value] of countersOf(rise)) expect(Number.isFinite(value)).toBe(true);
        },
      ),
    );
  });
});

describe("orderly counts", () => {
  it.each([
    ["bad requests within the total", ratio(5, 9), ratio(5, 5)],
    ["no negative numbers", ratio(-5, -9), ratio(0, 0)],
    ["no NaN", ratio(Number.NaN, Number.NaN), ratio(0, 0)],
    [
      "buckets that never fall",
      latency(9, { 1: 5, 2: 3, 3: 99 }),
      latency(9, { 1: 5, 2: 5, 3: 9 }),
    ],
  ])("have %s", (_name, counts, result) => {
    expect(orderly(counts)).toEqual(result);
  });

  it("leave possible counts alone", () => {
    fc.assert(
      fc.property(
        kind.chain((each) => possibleCounts(each)),
        (counts) => {
          expect(orderly(counts)).toEqual(counts);
        },
      ),
    );
  });
});

describe("the counters within counts", () => {
  it("are named by what they count", () => {
    expect(countersOf(ratio(10, 1))).toEqual([
      ["total", 10],
      ["bad", 1],
    ]);
    expect(countersOf(latency(10, { 0.5: 3, 250: 9 }))).toEqual([
      ["total", 10],
      ["0.5", 3],
      ["250", 9],
    ]);
  });
});
