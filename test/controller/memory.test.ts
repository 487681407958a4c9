import { describe, expect, it } from "vitest";
import {
  Memories,
  measureFor,
  metricState,
  recallComparisons,
} from "../../src/controller/memory.ts";
import { emptyMetricState } from "../../src/core/analysis/advance.ts";
import type { MetricState } from "../../src/core/analysis/metric-state.ts";
import { addToComparison, newComparison } from "../../src/core/analysis/sequential/comparison.ts";
import { saveComparison } from "../../src/core/analysis/sequential/saved-comparison.ts";
import { counter, ratio } from "../support/analysis.ts";
import { errorBlock, errorRules } from "../support/comparing.ts";
import { createSeededRandom } from "../support/seeded-random.ts";
import { progressing } from "../support/snapshots.ts";

const judged: MetricState = {
  ...emptyMetricState,
  counters: [{ ...counter("web", "caller", ratio(100, 40)), seenAt: 5_000 }],
  readAt: 5_000,
  blocks: [{ startAt: 0, endAt: 5_000, canary: ratio(100, 40), stable: ratio(900) }],
  breaches: 2,
  breachedAt: 2_500,
  judgedAt: 5_000,
  failure: { reason: "Timeout", message: "slow", at: 5_000 },
  query: "errors",
};

function memoryOf(subject: string) {
  const memory = new Memories().of("shop/web");
  memory.measuredFor = subject;
  memory.metrics.set("errors", judged);
  return memory;
}

describe("Memories", () => {
  it("remember each key by itself until it is forgotten", () => {
    const memories = new Memories();
    memories.of("shop/a").failures = 3;
    expect(memories.of("shop/b").failures).toBe(0);
    expect(memories.of("shop/a").failures).toBe(3);
    expect(memories.keys()).toEqual(["shop/a", "shop/b"]);
    memories.forget("shop/a");
    expect(memories.keys()).toEqual(["shop/b"]);
    expect(memories.of("shop/a").failures).toBe(0);
  });
});

describe("metricState", () => {
  it("is empty before anything was measured", () => {
    expect(metricState(new Memories().of("shop/web"), "errors")).toEqual(emptyMetricState);
  });

  it("is what was measured for that release", () => {
    expect(metricState(memoryOf("v2-1"), "errors", "v2-1")).toEqual(judged);
    expect(metricState(memoryOf("v2-1"), "errors")).toEqual(judged);
  });

  it("keeps for another release nothing but the counters to count from", () => {
    const { counters, readAt } = judged;
    const rest = { ...emptyMetricState, counters, readAt };
    expect(metricState(memoryOf("v2-1"), "errors", "v3-2")).toEqual(rest);
  });

  it.each([
    ["v2-1/mirror", "v2-1"],
    ["v2-1", "v3-2/mirror"],
  ])("keeps nothing where others report: %s, then %s", (before, after) => {
    const memory = memoryOf(before);
    expect(metricState(memory, "errors", after)).toEqual(emptyMetricState);
    measureFor(memory, after);
    expect(memory.metrics.get("errors")).toEqual(emptyMetricState);
  });
});

describe("measureFor", () => {
  it("puts aside what was judged of another release, once", () => {
    const memory = memoryOf("v2-1");
    measureFor(memory, "v2-1");
    expect(memory.metrics.get("errors")).toBe(judged);
    measureFor(memory, "v3-2");
    const fresh = memory.metrics.get("errors");
    expect(fresh).toMatchObject({ breaches: 0, blocks: [], failure: undefined, readAt: 5_000 });
    expect(fresh?.counters).toBe(judged.counters);
    measureFor(memory, "v3-2");
    expect(memory.metrics.get("errors")).toBe(fresh);
  });
});

describe("measureFor after a rest", () => {
  it.each([
    [5_000, 5_000],
    [5_001, undefined],
  ])("counts from what was read at 5 s if that is fresh from %d ms on", (freshFrom, readAt) => {
    const memory = memoryOf("v2-1");
    measureFor(memory, "v3-2", freshFrom);
    const fresh = memory.metrics.get("errors");
    expect(fresh?.readAt).toBe(readAt);
    expect(fresh?.counters).toHaveLength(readAt === undefined ? 0 : 1);
  });
});

describe("recallComparisons", () => {
  const random = createSeededRandom(1);
  const block = errorBlock(random, { canary: 0.02, stable: 0.002 });
  const comparison = addToComparison(newComparison("Ratio"), block, errorRules);
  const statusOf = (of: string, text: Partial<ReturnType<typeof saveComparison>> = {}) => {
    const { tests } = { ...saveComparison(comparison), ...text };
    const readAt = "2026-11-21T11:59:30Z";
    const state = { of, readAt, tests: tests.map((test) => ({ ...test })) };
    const check = { name: "errors", verdict: "Pass" as const, message: "", limit: 5, samples: 9 };
    const at = "2026-11-21T12:00:00Z";
    return progressing(1, "confirmed", { status: { analysis: [{ ...check, at, state }] } });
  };

  it("goes on with what status has of the same attempt", () => {
    const memory = new Memories().of("shop/web");
    recallComparisons(memory, statusOf("next-1"));
    expect(metricState(memory, "errors", "next-1").comparison).toEqual(comparison);
    expect(metricState(memory, "errors", "next-1")).toMatchObject({
      blocks: [],
      readAt: undefined,
      comparedUntil: Date.UTC(2026, 10, 21, 11, 59, 30),
      lookedBack: Number.POSITIVE_INFINITY,
    });
  });

  it("leaves what speaks of another attempt, or cannot be read", () => {
    for (const status of [
      statusOf("next-1/1"),
      statusOf("next-1", { tests: [{ rollback: "x", promotion: "", noise: "", pods: "" }] }),
    ]) {
      const memory = new Memories().of("shop/web");
      recallComparisons(memory, status);
      expect(metricState(memory, "errors", "next-1").comparison).toBeUndefined();
    }
  });

  it("never replaces what this process has measured itself", () => {
    const memory = memoryOf("next-1");
    recallComparisons(memory, statusOf("next-1"));
    expect(metricState(memory, "errors", "next-1")).toEqual(judged);
  });
});
