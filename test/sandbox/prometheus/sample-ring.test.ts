import { describe, expect, it } from "vitest";
import { SampleRing } from "../../../src/sandbox/prometheus/sample-ring.ts";

function ringOf(points: readonly (readonly [number, number])[]): SampleRing {
  const ring = new SampleRing();
  for (const [atMs, value] of points) ring.append(atMs, value);
  return ring;
}

describe("SampleRing", () => {
  it("answers the newest sample of a window that is open on the left", () => {
    const ring = ringOf([
      [10, 1],
      [20, 2],
    ]);
    expect(ring.latest(0, 19)).toStrictEqual({ atMs: 10, value: 1 });
    expect(ring.latest(0, 20)).toStrictEqual({ atMs: 20, value: 2 });
    expect(ring.latest(20, 30)).toBeUndefined();
    expect(ring.latest(19, 30)).toStrictEqual({ atMs: 20, value: 2 });
    expect(ring.latest(0, 9)).toBeUndefined();
  });

  it("leaves the left edge out of a range and takes the right one in", () => {
    const ring = ringOf([
      [10, 1],
      [20, 2],
      [30, 3],
    ]);
    expect(ring.range(10, 30)).toStrictEqual({ times: [20, 30], values: [2, 3] });
    expect(ring.range(9, 29)).toStrictEqual({ times: [10, 20], values: [1, 2] });
  });

  it("ends at a staleness marker and begins again after it", () => {
    const ring = ringOf([[10, 1]]);
    ring.markStale(20);
    expect(ring.latest(0, 19)?.value).toBe(1);
    expect(ring.latest(0, 25)).toBeUndefined();
    ring.append(30, 3);
    expect(ring.latest(0, 35)?.value).toBe(3);
    expect(ring.range(0, 35)).toStrictEqual({ times: [10, 30], values: [1, 3] });
  });

  it("keeps NaN as a value", () => {
    expect(ringOf([[10, Number.NaN]]).latest(0, 10)).toStrictEqual({ atMs: 10, value: Number.NaN });
  });

  it("drops samples that are not newer than the last", () => {
    const ring = ringOf([
      [10, 1],
      [10, 2],
      [9, 3],
    ]);
    expect(ring.range(0, 100).values).toStrictEqual([1]);
  });

  it("keeps its order while it grows and forgets", () => {
    const ring = new SampleRing();
    for (let index = 1; index <= 1_000; index += 1) {
      ring.append(index, index * 2);
      ring.forgetBefore(index - 99);
    }
    const { times, values } = ring.range(0, 1_000);
    expect(times).toHaveLength(100);
    expect([times[0], times.at(-1)]).toStrictEqual([901, 1_000]);
    expect(values).toStrictEqual(times.map((time) => time * 2));
  });
});
