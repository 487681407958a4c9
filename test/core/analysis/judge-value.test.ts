import { describe, expect, it } from "vitest";
import { emptyMetricState } from "../../../src/core/analysis/advance.ts";
import { judgeValue } from "../../../src/core/analysis/judge-value.ts";
import { maxValues } from "../../../src/core/analysis/limits.ts";
import type { MetricState } from "../../../src/core/analysis/metric-state.ts";

const rules = {
  limit: { max: 2, consecutive: 2, minSamples: 20 },
  limitAppliesFrom: 0,
  scrapeSeconds: 15,
};

/** The state after reads at these seconds gave the canary these values. */
function after(
  reads: readonly (readonly [seconds: number, value: number | undefined])[],
  limitAppliesFrom = 0,
): MetricState {
  return reads.reduce<MetricState>(
    (state, [seconds, canary]) =>
      judgeValue(
        { ...state, readAt: 1000 * seconds, latestValues: { canary, stable: 0 } },
        { ...rules, limitAppliesFrom },
      ),
    emptyMetricState,
  );
}

describe("a value", () => {
  it.each([
    ["at the limit", 2, 0],
    ["just beyond it", 2.001, 1],
    ["infinite", Number.POSITIVE_INFINITY, 1],
    ["infinitely small", Number.NEGATIVE_INFINITY, 0],
  ])("%s breaches it or not", (_, value, breaches) => {
    expect(after([[15, value]]).breaches).toBe(breaches);
  });

  it("counts runs, from their first value", () => {
    const state = after([
      [15, 3],
      [30, 1],
      [45, 3],
      [60, 4],
    ]);
    expect(state).toMatchObject({ breaches: 2, breachedAt: 45_000, judgedAt: 60_000 });
  });

  it.each([
    [14.999, 1],
    [15, 2],
  ])("read again after %d s counts, or tells nothing new", (seconds, breaches) => {
    const state = after([
      [15, 3],
      [15 + seconds, 3],
    ]);
    expect(state.breaches).toBe(breaches);
  });

  it("that is missing neither adds to a run nor ends it", () => {
    expect(
      after([
        [15, 3],
        [30, undefined],
        [45, 3],
      ]),
    ).toMatchObject({ breaches: 2, breachedAt: 15_000 });
  });

  it.each([
    [29.999, 0],
    [30, 1],
  ])(
    "read at %d s is judged only from the instant on at which the limit applies",
    (at, breaches) => {
      expect(after([[at, 3]], 30_000).breaches).toBe(breaches);
    },
  );

  it("is remembered up to a bound", () => {
    const reads = Array.from({ length: 40 }, (_, index) => [15 * index, index] as const);
    const { values } = after(reads);
    expect(values).toHaveLength(maxValues);
    expect(values.at(-1)).toEqual({ at: 39 * 15_000, value: 39 });
  });
});
