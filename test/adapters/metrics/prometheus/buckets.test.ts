import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  boundsAround,
  boundsMatcher,
  boundsOf,
  createBoundsMemory,
  joinBounds,
  parseBound,
} from "../../../../src/adapters/metrics/prometheus/buckets.ts";
import {
  BOUNDS_MAX_AGE_MS,
  MAX_BOUNDS_READ,
} from "../../../../src/adapters/metrics/prometheus/query-limits.ts";

const istio = [0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000].map(String);
const around = (limit: number, texts = istio) => [...boundsAround(boundsOf(texts), limit).keys()];

describe("a bound", () => {
  it.each([
    ["500", 500],
    ["500.0", 500],
    ["0.5", 0.5],
    ["1e+06", 1_000_000],
    ["+Inf", Number.POSITIVE_INFINITY],
    ["", Number.NaN],
    ["fast", Number.NaN],
  ])("written %s is %d", (text, le) => {
    expect(parseBound(text)).toBe(le);
  });
});

describe("the bounds that are read", () => {
  it.each([
    ["lie on both sides of the limit", 500, [25, 50, 100, 250, 500, 1000, 2500, 5000]],
    [
      "lie on both sides of a limit between two",
      501,
      [50, 100, 250, 500, 1000, 2500, 5000, 10_000],
    ],
    ["are the lowest for a limit below them", 0.1, [0.5, 1, 5, 10, 25, 50, 100, 250]],
    [
      "are the highest for a limit above them",
      1e9,
      [100, 250, 500, 1000, 2500, 5000, 10_000, 30_000],
    ],
    ["fill up from the other side", 10_000, [250, 500, 1000, 2500, 5000, 10_000, 30_000].slice(-7)],
  ])("%s", (_name, limit, bounds) => {
    expect(around(limit).slice(-bounds.length)).toEqual(bounds);
    expect(around(limit)).toHaveLength(MAX_BOUNDS_READ);
  });

  it("are all of a small histogram", () => {
    expect(around(3, ["1", "+Inf", "5"])).toEqual([1, 5]);
    expect(around(3, [])).toEqual([]);
  });

  it("always hold the limit's own bucket", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 40 }),
        fc.integer({ min: 0, max: 1100 }),
        (les, limit) => {
          const sorted = les.sort((a, b) => a - b);
          const chosen = around(limit, sorted.map(String));
          const upper = sorted.find((le) => le >= limit);
          const lower = sorted.findLast((le) => le < limit);
          expect(chosen.length).toBe(Math.min(MAX_BOUNDS_READ, les.length));
          for (const le of [upper, lower])
            expect(le === undefined || chosen.includes(le)).toBe(true);
        },
      ),
    );
  });

  it("are matched however the server writes them", () => {
    expect(boundsMatcher(boundsOf(["0.5", "500", "1e+06"]))).toBe(
      String.raw`le=~"0\\.5|500|500\\.0|1000000|1000000\\.0|1e\\+06|\\+Inf"`,
    );
    expect(boundsMatcher(new Map())).toBe(String.raw`le=~"\\+Inf"`);
  });

  it("of several workloads are taken together", () => {
    const joined = joinBounds([boundsOf(["1", "5"]), boundsOf(["5.0", "9"])]);
    expect([...joined.keys()]).toEqual([1, 5, 9]);
    expect(joined.get(5)).toEqual(new Set(["5", "5.0"]));
  });
});

describe("the memory of bounds", () => {
  it.each([
    ["keeps them for half an hour", BOUNDS_MAX_AGE_MS, true],
    ["forgets them then", BOUNDS_MAX_AGE_MS + 1, false],
    ["forgets them when the clock was set back", -BOUNDS_MAX_AGE_MS - 1, false],
  ])("%s", (_name, age, isKnown) => {
    const memory = createBoundsMemory();
    memory.remember("web", boundsOf(["1"]), 1_000_000_000);
    expect(memory.find("web", 1_000_000_000 + age) !== undefined).toBe(isKnown);
    expect(memory.find("other", 1_000_000_000)).toBeUndefined();
  });
});
