import { describe, expect, it } from "vitest";
import {
  addToTotals,
  foldPods,
  sumOfPods,
} from "../../../../src/core/analysis/sequential/pod-counts.ts";

describe("what pods counted", () => {
  it("adds up by pod and over all", () => {
    const once = addToTotals(new Map(), [{ pod: "a", requests: 10, bad: 1 }]);
    const twice = addToTotals(once, [
      { pod: "a", requests: 5, bad: 0 },
      { pod: "b", requests: 7, bad: 2 },
    ]);
    expect(twice.get("a")).toEqual({ requests: 15, bad: 1 });
    expect(sumOfPods(twice.values())).toEqual({ requests: 22, bad: 3 });
  });

  it("is known by a short name, the same in every block", () => {
    const pod = { pod: "web-primary-7d9c8b6f5-x2x4z", requests: 10, bad: 1 };
    const [folded] = foldPods(new Map(), [pod]);
    expect(folded?.pod).toMatch(/^[0-9a-z]{1,7}$/);
    const totals = addToTotals(new Map(), folded === undefined ? [] : [folded]);
    expect(foldPods(totals, [pod])).toEqual([folded]);
  });

  it("stays bounded, whatever pods come and go, and loses no request", () => {
    const many = Array.from({ length: 500 }, (_, index) => ({
      pod: `caller-${index}`,
      requests: 2,
      bad: 1,
    }));
    const folded = foldPods(new Map(), many);
    expect(folded).toHaveLength(16);
    expect(sumOfPods(folded)).toEqual({ requests: 1000, bad: 500 });
    const totals = addToTotals(new Map(), folded);
    expect(addToTotals(totals, foldPods(totals, many)).size).toBe(16);
  });
});
