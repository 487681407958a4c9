import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AdvanceRules,
  advanceMetric,
  emptyMetricState,
  type NewReading,
} from "../../../src/core/analysis/advance.ts";
import { maxBlocks } from "../../../src/core/analysis/limits.ts";
import type { Counts, PodCounter } from "../../../src/core/analysis/measure.ts";
import type { MetricState } from "../../../src/core/analysis/metric-state.ts";
import { anyCounters, counter, latency, ratio } from "../../support/analysis.ts";

const rules: AdvanceRules = {
  kind: "Ratio",
  quantile: 0.99,
  limit: { max: 5, consecutive: 2, minSamples: 20 },
  canaryWorkload: "web",
  primaryWorkload: "web-primary",
  scrapeSeconds: 15,
  limitAppliesFrom: 0,
};

const counters = (at: number, canary: Counts, stable: Counts): NewReading => ({
  kind: "Counters",
  at,
  counters: [counter("web", "a", canary), counter("web-primary", "a", stable)],
  query: `at ${at}`,
});
const failure: NewReading = { kind: "Failure", at: 40_000, reason: "Timeout", message: "5 s" };

const advance = (readings: readonly NewReading[], with_ = rules): MetricState =>
  readings.reduce((state, reading) => advanceMetric(state, reading, with_), emptyMetricState);

describe("a reading", () => {
  it("is a baseline when it is the first", () => {
    const state = advance([counters(15_000, ratio(10, 9), ratio(90))]);
    expect(state).toMatchObject({ readAt: 15_000, blocks: [], breaches: 0, query: "at 15000" });
  });

  it("becomes a block of what came since the last", () => {
    const state = advance([
      counters(15_000, ratio(10, 9), ratio(90)),
      counters(30_000, ratio(15, 9), ratio(140, 1)),
    ]);
    expect(state.blocks).toEqual([
      { startAt: 15_000, endAt: 30_000, canary: ratio(5), stable: ratio(50, 1) },
    ]);
  });

  it("sums the pods and leaves other workloads out", () => {
    const reading = (at: number, factor: number): NewReading => ({
      kind: "Counters",
      at,
      counters: [
        counter("web", "a", ratio(10 * factor)),
        counter("web", "b", ratio(3 * factor)),
        counter("other", "b", ratio(1000 * factor)),
      ],
      query: "",
    });
    expect(advance([reading(0, 1), reading(15_000, 2)]).blocks).toEqual([
      { startAt: 0, endAt: 15_000, canary: ratio(13), stable: ratio(0) },
    ]);
  });

  it.each([
    ["of the last read that saw a pod whose scrape was missed since", ratio(30), 0],
    ["of the last read, if that pod brings nothing", ratio(10), 15_000],
  ])("begins its block at the instant %s", (_, later, startAt) => {
    const reading = (at: number, pods: Readonly<Record<string, Counts>>): NewReading => ({
      kind: "Counters",
      at,
      counters: Object.entries(pods).map(([pod, counts]) => counter("web", pod, counts)),
      query: "",
    });
    const { blocks } = advance([
      reading(0, { a: ratio(10), b: ratio(10) }),
      reading(15_000, { a: ratio(12) }),
      reading(30_000, { a: ratio(15), b: later }),
    ]);
    expect(blocks.at(-1)).toMatchObject({ startAt, endAt: 30_000 });
  });

  it("adds no block without new requests in either version", () => {
    const state = advance([
      counters(15_000, ratio(10), ratio(90)),
      counters(30_000, ratio(10), ratio(90)),
    ]);
    expect(state).toMatchObject({ readAt: 30_000, blocks: [] });
  });

  it("that failed leaves what is known and says so until one succeeds", () => {
    const first = [counters(15_000, ratio(0), ratio(0)), counters(30_000, ratio(20, 9), ratio(90))];
    const failed = advance([...first, failure]);
    expect(failed).toEqual({
      ...advance(first),
      failure: { reason: "Timeout", message: "5 s", at: 40_000 },
    });
    const good = advance([...first, failure, counters(45_000, ratio(30, 9), ratio(190))]);
    expect(good.failure).toBeUndefined();
    expect(good.blocks.at(-1)).toMatchObject({ startAt: 30_000, endAt: 45_000 });
  });

  it("of the same instant adds nothing", () => {
    const once = advance([
      counters(15_000, ratio(10), ratio(90)),
      counters(30_000, ratio(20), ratio(190)),
    ]);
    expect(advanceMetric(once, counters(30_000, ratio(25), ratio(200)), rules)).toEqual(once);
  });

  it("from before the last starts over", () => {
    const state = advance([
      counters(15_000, ratio(0), ratio(90)),
      counters(30_000, ratio(40, 40), ratio(190)),
      counters(20_000, ratio(50, 50), ratio(200)),
    ]);
    expect(state).toMatchObject({ readAt: 20_000, blocks: [], breaches: 0 });
  });
});

describe("breaches", () => {
  /** Cumulative counters every 15 s from the increments of the canary. */
  const run = (increments: readonly (readonly [total: number, bad: number])[]): MetricState => {
    let [total, bad] = [0, 0];
    const readings = [[0, 0] as const, ...increments].map(([more, moreBad], index) => {
      total += more;
      bad += moreBad;
      return counters(index * 15_000, ratio(total, bad), ratio(index * 100));
    });
    return advance(readings);
  };

  it.each([
    [
      "are counted in a row",
      [
        [100, 20],
        [100, 20],
      ],
      2,
      15_000,
    ],
    [
      "begin at the first of the run",
      [
        [100, 0],
        [100, 20],
        [100, 20],
      ],
      2,
      30_000,
    ],
    [
      "end with a block that holds the limit",
      [
        [100, 20],
        [100, 0],
      ],
      0,
      undefined,
    ],
    [
      "begin anew after it",
      [
        [100, 20],
        [100, 0],
        [100, 20],
      ],
      1,
      45_000,
    ],
    [
      "are neither extended nor ended by a silent canary",
      [
        [100, 20],
        [0, 0],
        [100, 20],
      ],
      2,
      15_000,
    ],
    ["are not extended by too few requests", [[19, 19]], 0, undefined],
  ] as const)("%s", (_name, increments, breaches, breachedAt) => {
    expect(run(increments)).toMatchObject({ breaches, breachedAt });
  });

  it("see the first errors of a version that was never called before", () => {
    const state = advance([
      { kind: "Counters", at: 0, counters: [counter("web-primary", "a", ratio(90))], query: "" },
      counters(15_000, ratio(20, 5), ratio(100)),
    ]);
    expect(state.breaches).toBe(1);
  });

  it("of a latency wait for the end of the warm-up", () => {
    const slow = { ...rules, kind: "Latency" as const, limit: { ...rules.limit, max: 500 } };
    const readings = [0, 1, 2].map((index) =>
      counters(
        index * 15_000,
        latency(index * 100, { 500: index * 50 }),
        latency(index * 100, { 500: index * 100 }),
      ),
    );
    expect(advance(readings, { ...slow, limitAppliesFrom: 15_001 }).breaches).toBe(1);
    expect(advance(readings, { ...slow, limitAppliesFrom: 15_000 }).breaches).toBe(2);
  });
});

describe("any sequence of readings", () => {
  const reading: fc.Arbitrary<NewReading> = fc.oneof(
    fc
      .record({ at: fc.nat(200_000), counters: anyCounters("Ratio") })
      .map(({ at, counters }): NewReading => ({ kind: "Counters", at, counters, query: "q" })),
    fc.nat(200_000).map((at): NewReading => ({ ...failure, at })),
  );

  it("leaves bounded state with finite numbers, and no breach without bad requests", () => {
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 80 }), (readings) => {
        const state = advance(readings);
        expect(state.blocks.length).toBeLessThanOrEqual(maxBlocks);
        expect(state.breaches === 0).toBe(state.breachedAt === undefined);
        let bad = 0;
        for (const { startAt, endAt, canary, stable } of state.blocks) {
          expect(endAt).toBeGreaterThan(startAt);
          expect(canary.total + stable.total).toBeGreaterThan(0);
          if (canary.kind === "Ratio") bad += canary.bad;
          for (const { total } of [canary, stable]) expect(Number.isFinite(total)).toBe(true);
        }
        expect(state.breaches > 0 && bad === 0).toBe(false);
      }),
    );
  });

  it("never loses or invents requests of a pod that does not restart", () => {
    const steps = fc.array(fc.tuple(fc.nat(50), fc.boolean()), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(steps, (each) => {
        let total = 7;
        const readings: NewReading[] = [counters(0, ratio(total), ratio(0))];
        for (const [index, [more, isMissed]] of each.entries()) {
          total += more;
          const at = (index + 1) * 15_000;
          const seen: readonly PodCounter[] = [counter("web", "a", ratio(total))];
          const gap = isMissed && index < each.length - 1 && index % 5 !== 0;
          readings.push({ kind: "Counters", at, counters: gap ? [] : seen, query: "" });
        }
        const sum = advance(readings).blocks.reduce((all, block) => all + block.canary.total, 0);
        expect(sum).toBe(total - 7);
      }),
    );
  });
});

describe("a breach", () => {
  it("keeps the requests that proved it until the limit holds", () => {
    const bad = advance([
      counters(0, ratio(0), ratio(0)),
      counters(70_000, ratio(8, 4), ratio(80)),
      counters(140_000, ratio(16, 8), ratio(160)),
      counters(210_000, ratio(24, 12), ratio(240)),
    ]);
    expect(bad).toMatchObject({
      breaches: 1,
      provenBy: { startAt: 0, endAt: 210_000, canary: ratio(24, 12) },
    });
    const good = advanceMetric(bad, counters(225_000, ratio(124, 12), ratio(340)), rules);
    expect(good).toMatchObject({ breaches: 0, provenBy: undefined });
  });
});

describe("the silence of a canary", () => {
  const heard = (at: number) => counters(at, ratio(at / 1000), ratio(at / 100));
  const unheard = (at: number, total = 15) => counters(at, ratio(total), ratio(at / 100));

  it("begins with the read before the first that shows nothing of it", () => {
    expect(advance([heard(15_000)]).silentSince).toBe(15_000);
    const states = advance([heard(15_000), heard(30_000)]);
    expect(states.silentSince).toBeUndefined();
    expect(advance([heard(15_000), heard(30_000), unheard(45_000, 30)]).silentSince).toBe(30_000);
    expect(
      advance([heard(15_000), unheard(30_000), unheard(45_000), unheard(60_000)]).silentSince,
    ).toBe(15_000);
  });

  it("is the service's own while stable is not heard either", () => {
    const still = (at: number) => counters(at, ratio(15), ratio(150));
    expect(advance([still(15_000), still(30_000)])).toMatchObject({
      silentSince: 15_000,
      quietSince: 15_000,
    });
    const called = advance([still(15_000), still(30_000), unheard(45_000)]);
    expect(called).toMatchObject({ silentSince: 15_000, quietSince: undefined });
    expect(advance([still(15_000), still(30_000), failure]).quietSince).toBeUndefined();
    const gone: NewReading = { kind: "Counters", at: 45_000, counters: [], query: "" };
    expect(advance([still(15_000), still(30_000), gone]).quietSince).toBeUndefined();
    expect(
      advance([
        { ...gone, at: 15_000 },
        { ...gone, at: 30_000 },
      ]).quietSince,
    ).toBe(15_000);
  });

  it("ends with a request, and with a read that failed", () => {
    expect(advance([heard(15_000), unheard(30_000), heard(45_000)]).silentSince).toBeUndefined();
    const failed = advance([heard(15_000), unheard(30_000), failure]);
    expect(failed.silentSince).toBeUndefined();
    expect(advanceMetric(failed, unheard(45_000), rules).silentSince).toBe(45_000);
  });
});

describe("a reading of a value", () => {
  const value = (at: number, canary: number | undefined): NewReading => ({
    kind: "Value",
    at,
    canary,
    stable: 1,
    query: "lag",
  });
  const valueRules: AdvanceRules = { ...rules, kind: "Value" };

  it("is judged as it is, and kept", () => {
    const state = advance([value(15_000, 6), value(30_000, 7)], valueRules);
    expect(state).toMatchObject({
      readAt: 30_000,
      latestValues: { canary: 7, stable: 1 },
      breaches: 2,
      breachedAt: 15_000,
      blocks: [],
      query: "lag",
    });
  });

  it("leaves what was judged as it is when it fails or comes twice", () => {
    const failed: NewReading = { ...failure, at: 30_000 };
    const state = advance(
      [value(15_000, 6), failed, value(45_000, 6), value(45_000, 6)],
      valueRules,
    );
    expect(state).toMatchObject({ breaches: 2, failure: undefined });
  });

  it("starts over when the clock was set back", () => {
    const state = advance([value(60_000, 6), value(45_000, 6)], valueRules);
    expect(state).toMatchObject({ breaches: 1, breachedAt: 45_000 });
  });

  it("is silence where there is none", () => {
    const silent = advance([value(15_000, 6), value(30_000, undefined)], valueRules);
    expect(silent.silentSince).toBe(15_000);
    expect(advanceMetric(silent, value(45_000, 6), valueRules).silentSince).toBeUndefined();
  });
});
