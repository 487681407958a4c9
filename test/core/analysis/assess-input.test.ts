import { describe, expect, it } from "vitest";
import { judgeRead, staleAfterMs, wordRun } from "../../../src/core/analysis/assess-input.ts";
import { metricFacts } from "../../support/analysis.ts";

const now = 600_000;

function inputOf(readAt: number | undefined, intervalSeconds = 15) {
  return {
    facts: metricFacts({ readAt }),
    limit: { max: 5, consecutive: 2, minSamples: 20 },
    intervalSeconds,
    evidenceFrom: 0,
    routedSince: 0,
    failsAfterSilenceMs: undefined,
    canaryMayBeSilent: false,
    now,
  };
}

describe("what every check asks first", () => {
  it.each([
    [15, 35_000],
    [10, 35_000],
    [20, 45_000],
  ])(
    "calls a reading old after two intervals of %d s or scrapes, and a timeout",
    (interval, ms) => {
      expect(staleAfterMs(inputOf(now, interval))).toBe(ms);
    },
  );

  it("finds nothing wrong with a reading that is young enough", () => {
    expect(judgeRead(inputOf(now - 35_000))).toBeUndefined();
    expect(judgeRead(inputOf(now - 35_001))?.verdict).toBe("Error");
    expect(judgeRead(inputOf(undefined))?.verdict).toBe("NoData");
  });

  it("words a run of checks", () => {
    expect([wordRun(1), wordRun(2)]).toEqual(["in 1 check", "in 2 checks in a row"]);
  });
});
