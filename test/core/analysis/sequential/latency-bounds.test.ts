import { describe, expect, it } from "vitest";
import {
  chooseBounds,
  countAbove,
} from "../../../../src/core/analysis/sequential/latency-bounds.ts";
import { latency } from "../../../support/analysis.ts";

const stable = latency(10_000, {
  25: 4000,
  50: 8000,
  100: 9700,
  250: 9930,
  500: 9995,
  1000: 10_000,
});

describe("the bounds of a latency's comparison", () => {
  it("are the limit's and those nearest to stable's P99", () => {
    expect(chooseBounds(stable, 500)).toEqual([100, 250, 500]);
    expect(chooseBounds(stable, 1000)).toEqual([100, 250, 1000]);
  });

  it("have the next bound above a limit that is none, and none above the last", () => {
    expect(chooseBounds(stable, 300)).toEqual([100, 250, 500]);
    expect(chooseBounds(stable, 3000)).toEqual([100, 250]);
  });

  it("leave out what stable hardly exceeds and what it exceeds all the time", () => {
    expect(chooseBounds(latency(10_000, { 25: 100, 50: 8999, 500: 9991 }), 1000)).toEqual([]);
    expect(chooseBounds(latency(10_000, { 25: 100, 50: 9000, 500: 9990 }), 1000)).toEqual([
      50, 500,
    ]);
  });

  it("are not chosen from too few requests", () => {
    expect(chooseBounds(latency(199, { 50: 190, 500: 199 }), 500)).toEqual([]);
    expect(chooseBounds(latency(200, { 50: 190, 500: 200 }), 500)).toEqual([50, 500]);
  });

  it("count exactly, or not at all", () => {
    expect(countAbove(stable, 250)).toBe(70);
    expect(countAbove(stable, 300)).toBeUndefined();
    expect(countAbove(latency(0, {}), 300)).toBe(0);
  });
});
