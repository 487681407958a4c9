import { describe, expect, it } from "vitest";
import {
  type AdvanceRules,
  advanceMetric,
  emptyMetricState,
  type NewReading,
} from "../../../src/core/analysis/advance.ts";
import { limitWindowMs, maxPastMs, maxPastReads } from "../../../src/core/analysis/limits.ts";
import type { MetricState } from "../../../src/core/analysis/metric-state.ts";
import {
  goOnFrom,
  learnFrom,
  missedBefore,
  type PastCounters,
  pastToLearn,
} from "../../../src/core/analysis/past.ts";
import { comparedBounds } from "../../../src/core/analysis/sequential/comparison.ts";
import { dispersionOf } from "../../../src/core/analysis/sequential/dispersion.ts";
import {
  loadComparison,
  saveComparison,
} from "../../../src/core/analysis/sequential/saved-comparison.ts";
import { defaultMargins } from "../../../src/core/canary/compared.ts";
import { counter, latency, ratio } from "../../support/analysis.ts";
import { drawBinomial } from "../../support/chance.ts";
import { createSeededRandom } from "../../support/seeded-random.ts";

const spanMs = 15_000;

const rules: AdvanceRules = {
  kind: "Ratio",
  quantile: 0.99,
  limit: { max: 5, consecutive: 2, minSamples: 20 },
  canaryWorkload: "web",
  primaryWorkload: "web-primary",
  scrapeSeconds: 15,
  limitAppliesFrom: 0,
  compare: {
    margins: defaultMargins.Ratio,
    plannedBlocks: 240,
    seconds: 15,
    evidenceFrom: 0,
    warmFrom: 0,
    proofFrom: 0,
    isAlone: false,
  },
};

/** Counters that four callers have counted, read every 15 s; the canary fails with this share. */
function readings(count: number, canaryShare: number): readonly NewReading[] {
  const random = createSeededRandom(7);
  const totals = new Map<string, { total: number; bad: number }>();
  const grow = (key: string, requests: number, share: number) => {
    const { total, bad } = totals.get(key) ?? { total: 0, bad: 0 };
    const sum = { total: total + requests, bad: bad + drawBinomial(random, requests, share) };
    totals.set(key, sum);
    return ratio(sum.total, sum.bad);
  };
  return Array.from({ length: count }, (_, index) => ({
    kind: "Counters" as const,
    at: (index + 1) * spanMs,
    query: "errors",
    counters: ["a", "b", "c", "d"].flatMap((pod) => [
      counter("web", pod, grow(`web ${pod}`, 19, canaryShare)),
      counter("web-primary", pod, grow(`primary ${pod}`, 170, 0.002)),
    ]),
  }));
}

const advance = (from: MetricState, all: readonly NewReading[]): MetricState =>
  all.reduce((state, reading) => advanceMetric(state, reading, rules), from);

/** What another process knows: what was kept when `count` readings were in. */
function takenOver(state: MetricState): MetricState {
  const { comparison, readAt } = state;
  const kept = comparison && loadComparison(saveComparison(comparison));
  return { ...emptyMetricState, comparison: kept, comparedUntil: readAt };
}

describe("goOnFrom", () => {
  it.each([1, 2, 3, 8])(
    "leaves no difference to a process that read all, %d reads later",
    (missed) => {
      const all = readings(16, 0.02);
      const kept = advance(emptyMetricState, all.slice(0, 15 - missed));
      const over = takenOver(kept);
      const last = all.slice(-1);
      const { fromMs } = missedBefore(over, 16 * spanMs, 15);
      const past = all.slice(0, -1).filter(({ at }) => at >= fromMs);
      const state = advance(goOnFrom(over, past, rules), last);
      const whole = advance(emptyMetricState, all);
      expect(saveComparison(state.comparison ?? { tests: [], history: undefined }).tests).toEqual(
        saveComparison(whole.comparison ?? { tests: [], history: undefined }).tests,
      );
      expect(state.readAt).toBe(whole.readAt);
    },
  );

  it("knows of limits that were broken before it looked", () => {
    const all = readings(5, 0.5);
    const state = goOnFrom(emptyMetricState, all, rules);
    expect(state.breaches).toBe(4);
    expect(state.breachedAt).toBe(2 * spanMs);
  });

  it("takes nothing from reads that failed", () => {
    const failure = { kind: "Failure", at: 40_000, reason: "Timeout", message: "slow" } as const;
    expect(goOnFrom(emptyMetricState, [failure], rules)).toBe(emptyMetricState);
  });
});

describe("missedBefore", () => {
  const at = 4_000_000 - (4_000_000 % spanMs);

  it("looks back as far as a limit does, and one read before", () => {
    expect(missedBefore({ comparedUntil: undefined }, at, 15)).toEqual({
      fromMs: at - limitWindowMs - spanMs,
      untilMs: at - spanMs,
      stepMs: spanMs,
    });
    expect(missedBefore({ comparedUntil: at - spanMs }, at, 15).fromMs).toBe(
      at - limitWindowMs - spanMs,
    );
  });

  it("looks back to the last read that is known, at most half an hour or 120 reads", () => {
    expect(missedBefore({ comparedUntil: at - 600_000 }, at, 15).fromMs).toBe(at - 615_000);
    expect(missedBefore({ comparedUntil: 0 }, at, 15).fromMs).toBe(at - maxPastMs);
    expect(missedBefore({ comparedUntil: 0 }, at, 5).fromMs).toBe(at - maxPastReads * 5_000);
  });
});

describe("pastToLearn", () => {
  const at = 7_200_000;
  it.each([
    [15, 15, 1_800_000, 15_000],
    [5, 5, 600_000, 5_000],
    [5, 15, 1_800_000, 15_000],
    [60, 15, 1_800_000, 60_000],
    [10, 15, 1_800_000, 20_000],
  ])(
    "of checks every %d s and scrapes every %d s spans %d ms",
    (intervalSeconds, scrapeSeconds, spans, stepMs) => {
      const past = pastToLearn(at + 1, { intervalSeconds, scrapeSeconds });
      expect(past).toEqual({ fromMs: at - spans, untilMs: at, stepMs });
    },
  );
});

describe("learnFrom", () => {
  /** Stable's errors come twenty at a time, in one pod after the other. */
  const bursts = (count: number, pods = ["a", "b", "c", "d"]): readonly PastCounters[] =>
    Array.from({ length: count }, (_, index) => ({
      at: index * spanMs,
      counters: pods.map((pod, k) =>
        counter(
          "web-primary",
          pod,
          ratio(500 * (index + 1), 20 * Math.floor((index + pods.length - k) / pods.length)),
        ),
      ),
    }));
  const phi = ({ comparison }: MetricState): number =>
    Math.max(
      ...(comparison?.tests ?? []).map(({ dispersion }) => dispersionOf(dispersion, "OwnPods")),
    );

  it("knows how errors come together before the first of them is judged", () => {
    const state = learnFrom(emptyMetricState, bursts(121), rules);
    expect(phi(state)).toBeGreaterThan(10);
    const [test] = state.comparison?.tests ?? [];
    expect(test?.rollback.blocks).toBe(0);
    expect(test?.promotion.requests).toBe(0);
  });

  it("leaves what is judged, and what is counted from, as it was", () => {
    const read = advance(emptyMetricState, readings(3, 0));
    const { comparison: _, ...rest } = learnFrom(read, bursts(20), rules);
    const { comparison: __, ...before } = read;
    expect(rest).toEqual(before);
  });

  it("learns nothing from pods that are gone", () => {
    const past = bursts(40).map(({ at, counters }, index) => ({
      at,
      counters: index === 39 ? [counter("web-primary", "e", ratio(5))] : counters,
    }));
    expect(phi(learnFrom(emptyMetricState, past, rules))).toBe(1);
  });

  it("learns nothing where nothing is compared", () => {
    const { compare: _, ...alone } = rules;
    expect(learnFrom(emptyMetricState, bursts(40), alone)).toBe(emptyMetricState);
  });

  describe("of a latency", () => {
    const slow: AdvanceRules = { ...rules, kind: "Latency", limit: { ...rules.limit, max: 500 } };
    const fast = (count: number): readonly PastCounters[] =>
      Array.from({ length: count }, (_, index) => ({
        at: index * spanMs,
        counters: [
          counter(
            "web-primary",
            "a",
            latency(100 * index, {
              5: 90 * index,
              10: 98 * index,
              25: 100 * index,
              500: 100 * index,
            }),
          ),
        ],
      }));

    it("chooses the bounds near the P99 of a fast service, far below its limit", () => {
      const { comparison } = learnFrom(emptyMetricState, fast(20), slow);
      expect(comparedBounds(comparison)).toEqual([5, 10, 500]);
    });

    it("goes on gathering where there were too few requests to choose from", () => {
      const { comparison } = learnFrom(emptyMetricState, fast(2), slow);
      expect(comparedBounds(comparison)).toEqual([]);
      expect(comparison?.history?.total).toBe(100);
    });
  });
});
