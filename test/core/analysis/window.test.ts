import { describe, expect, it } from "vitest";
import { growWindow } from "../../../src/core/analysis/window.ts";
import { blocksUntil, ratio } from "../../support/analysis.ts";

/** Six blocks of 15 s from 0 to 90 s with 10 canary requests each. */
const blocks = blocksUntil(
  90_000,
  Array.from({ length: 6 }, () => [ratio(10, 1), ratio(90)] as const),
);

describe("a window", () => {
  it.each([
    ["is the newest block when that has enough", { minSamples: 10 }, 75_000, 10],
    ["grows backwards until there are enough", { minSamples: 11 }, 60_000, 20],
    ["takes everything when there never are", { minSamples: 1000 }, 0, 60],
    ["ends at its longest span", { minSamples: 1000, maxSpanMs: 60_000 }, 30_000, 40],
    ["stays below its longest span", { minSamples: 1000, maxSpanMs: 59_999 }, 45_000, 30],
    ["takes blocks that start at the bound", { minSamples: 1000, startsFrom: 45_000 }, 45_000, 30],
    ["leaves those that start before", { minSamples: 1000, startsFrom: 45_001 }, 60_000, 20],
    ["takes blocks that end at the bound", { minSamples: 1000, endsFrom: 60_000 }, 45_000, 40 - 10],
    ["leaves those that end before", { minSamples: 1000, endsFrom: 60_001 }, 60_000, 20],
  ])("%s", (_name, rules, startAt, samples) => {
    const window = growWindow(blocks, rules);
    expect(window?.startAt).toBe(startAt);
    expect(window?.endAt).toBe(90_000);
    expect(window?.canary).toEqual(ratio(samples, samples / 10));
  });

  it("takes the newest block whatever it spans", () => {
    expect(growWindow(blocks, { minSamples: 1, maxSpanMs: 1 })?.startAt).toBe(75_000);
  });

  it("is nothing when no block may be taken", () => {
    expect(growWindow([], { minSamples: 1 })).toBeUndefined();
    expect(growWindow(blocks, { minSamples: 1, startsFrom: 75_001 })).toBeUndefined();
  });
});
