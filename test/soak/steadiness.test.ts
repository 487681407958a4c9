import { describe, expect, it } from "vitest";
import { createSeededRandom } from "../support/seeded-random.ts";
import type { Sample } from "./sample.ts";
import { type Bound, judge } from "./steadiness.ts";

const bound: Bound = {
  name: "timers",
  unit: "",
  of: ({ timers }) => timers,
  percent: 10,
  least: 5,
};

/** One sample every five seconds, of something whose value at each is given. */
function samplesOf(count: number, valueAt: (index: number) => number): readonly Sample[] {
  return Array.from({ length: count }, (_, index) => ({
    atMs: index * 5_000,
    residentBytes: 0,
    heapBytes: 0,
    externalBytes: 0,
    timers: valueAt(index),
    listeners: 0,
    signals: 0,
    handles: 0,
    sockets: 0,
    series: 0,
    isLeading: true,
  }));
}

const random = createSeededRandom(3);
const scatter = (size: number): number => (random() - 0.5) * 2 * size;

describe("growth", () => {
  it.each([
    ["is none in what stays the same", () => 100, true],
    ["is none in what only scatters", () => 100 + scatter(40), true],
    [
      "is none in one jump that is over before long",
      (index: number) => (index === 20 ? 900 : 100),
      true,
    ],
    ["up to the bound is allowed", (index: number) => 100 + (9 * index) / 39, true],
    ["beyond the bound is not", (index: number) => 100 + (13 * index) / 39, false],
    ["is seen through scatter", (index: number) => 100 + index + scatter(15), false],
    ["is seen in steps", (index: number) => 100 + 20 * Math.floor(index / 10), false],
    ["is none in what shrinks", (index: number) => 500 - 10 * index, true],
  ])("%s", (_, valueAt, isFlat) => {
    expect(judge(bound, samplesOf(40, valueAt)).isFlat).toBe(isFlat);
  });

  it("is told over the measured time and per hour", () => {
    const found = judge(
      bound,
      samplesOf(37, (index) => 100 + index),
    );
    expect(found).toMatchObject({ min: 100, max: 136, median: 118, bound: 11.8 });
    expect(found.growth).toBeCloseTo(36);
    expect(found.perHour).toBeCloseTo(720);
  });

  it("cannot be told from two samples", () => {
    expect(() =>
      judge(
        bound,
        samplesOf(2, () => 1),
      ),
    ).toThrow(RangeError);
  });
});
