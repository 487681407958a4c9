import { describe, expect, it } from "vitest";
import { assessMetric } from "../../../src/core/analysis/assess.ts";
import type { AssessInput } from "../../../src/core/analysis/assess-input.ts";
import type { MetricState } from "../../../src/core/analysis/metric-state.ts";
import { metricFacts } from "../../support/analysis.ts";

const now = 600_000;

/** A check of a value with limit 2, twice in a row, whose values were read every 15 s until now. */
function check(
  values: readonly number[],
  state: Partial<MetricState> = {},
  input: Partial<AssessInput> = {},
) {
  const read = values.map((value, index) => ({
    at: now - 15_000 * (values.length - 1 - index),
    value,
  }));
  const run = values.toReversed().findIndex((value) => value <= 2);
  const facts = metricFacts(
    {
      readAt: now,
      values: read,
      latestValues: { canary: values.at(-1), stable: 1 },
      breaches: run < 0 ? values.length : run,
      ...state,
    },
    { name: "restarts", kind: "Value", unit: "restarts" },
  );
  return assessMetric({
    facts,
    limit: { max: 2, consecutive: 2, minSamples: 20 },
    intervalSeconds: 15,
    evidenceFrom: now - 60_000,
    routedSince: 0,
    failsAfterSilenceMs: undefined,
    canaryMayBeSilent: false,
    now,
    ...input,
  });
}

describe("a check of a value", () => {
  it("passes on as many good values as it takes bad ones to fail", () => {
    expect(check([0, 2])).toMatchObject({
      verdict: "Pass",
      message: "2 restarts, limit 2 restarts",
      canaryValue: 2,
      stableValue: 1,
      samples: 0,
      fresh: true,
    });
    expect(check([2])).toMatchObject({
      verdict: "Inconclusive",
      message: "2 restarts, limit 2 restarts; needs 1 more check, about 15 s",
    });
  });

  it.each([
    ["not yet", [3], "Inconclusive", "3 restarts, limit 2 restarts; beyond it in 1 of 2 checks"],
    [
      "after as many as asked",
      [3, 4],
      "Fail",
      "4 restarts, limit 2 restarts, in 2 checks in a row",
    ],
    ["after more", [3, 4, 5], "Fail", "5 restarts, limit 2 restarts, in 3 checks in a row"],
  ])("fails on bad ones in a row: %s", (_, values, verdict, message) => {
    expect(check(values)).toMatchObject({ verdict, message });
  });

  it("does not pass on values from before the stage, nor across a bad one", () => {
    expect(check([0, 0], {}, { evidenceFrom: now - 14_999 }).verdict).toBe("Inconclusive");
    expect(check([0, 0], {}, { evidenceFrom: now - 15_000 }).verdict).toBe("Pass");
    expect(check([0, 3, 0]).verdict).toBe("Inconclusive");
    expect(check([0, 0], {}, { evidenceFrom: undefined })).toMatchObject({
      verdict: "Inconclusive",
      message: "0 restarts, limit 2 restarts; not counted as evidence yet",
    });
  });

  it("does not pass while the latest read, though too early to be judged, is beyond the limit", () => {
    expect(check([0, 0], { latestValues: { canary: 3, stable: 1 } })).toMatchObject({
      verdict: "Inconclusive",
      message: "3 restarts, limit 2 restarts; beyond it, but not judged yet",
    });
  });

  it("has no data where the query gives no number, but at weight 0 none is expected", () => {
    const none = { latestValues: { canary: undefined, stable: 1 } };
    expect(check([0, 0], none)).toMatchObject({
      verdict: "NoData",
      message: "the query gives no number for the new version",
      stableValue: 1,
    });
    expect(check([0, 0], none, { canaryMayBeSilent: true }).verdict).toBe("Inconclusive");
  });

  it("is in error while reads fail, or when the latest is too old, but a Fail stands", () => {
    const failure = { reason: "Timeout", message: "no answer", at: now };
    expect(check([0, 0], { failure })).toMatchObject({
      verdict: "Error",
      message: "Timeout: no answer",
    });
    expect(check([3, 3], { failure }).verdict).toBe("Fail");
    expect(check([0, 0], { readAt: now - 35_000 }).verdict).toBe("Pass");
    expect(check([0, 0], { readAt: now - 35_001 })).toMatchObject({
      verdict: "Error",
      fresh: false,
    });
  });

  it("has no data before the first read", () => {
    expect(check([], { readAt: undefined, latestValues: undefined })).toMatchObject({
      verdict: "NoData",
      message: "nothing was read yet",
    });
  });

  it("shows no infinity", () => {
    const latestValues = { canary: Number.POSITIVE_INFINITY, stable: 1 };
    expect(check([Number.POSITIVE_INFINITY], { latestValues }).canaryValue).toBeUndefined();
  });
});
