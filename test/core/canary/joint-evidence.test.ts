import { describe, expect, it } from "vitest";
import type { Check } from "../../../src/core/analysis/check.ts";
import { judgeTogether, wordEvidence } from "../../../src/core/canary/joint-evidence.ts";
import { aCheck } from "../../support/snapshots.ts";

const compared = (
  metric: string,
  evidence: number,
  overrides: Partial<Check> = {},
  kind: "Ratio" | "Latency" = "Ratio",
): Check =>
  aCheck({
    metric,
    compared: {
      kind,
      log: Math.log(evidence),
      excluded: undefined,
      comparison: undefined,
      until: undefined,
    },
    ...overrides,
  });

const verdicts = (...checks: readonly Check[]) =>
  judgeTogether(checks, 0.01).map(({ metric, verdict }) => `${metric} ${verdict}`);

describe("all comparisons together", () => {
  it("fail the release at 1/α, by the metric that speaks loudest", () => {
    expect(verdicts(compared("errors", 99.9))).toEqual(["errors Inconclusive"]);
    expect(verdicts(compared("errors", 100.1))).toEqual(["errors Fail"]);
    expect(verdicts(compared("errors", 150), compared("p99", 60, {}, "Latency"))).toEqual([
      "errors Fail",
      "p99 Pass",
    ]);
    expect(verdicts(compared("errors", 150), compared("p99", 40, {}, "Latency"))).toEqual([
      "errors Inconclusive",
      "p99 Pass",
    ]);
  });

  it("say so with the evidence, as a reason of its own", () => {
    const [check] = judgeTogether([compared("errors", 312)], 0.01);
    expect(check).toMatchObject({ failure: "WorseThanStable", isShared: false });
    expect(check?.message).toBe(
      "0 % of 400 requests, limit 5 %; stable 0; evidence 310 that it is worse than is tolerated beside stable, 100 decides",
    );
  });

  it("hold a stage from 5 on, and nothing below", () => {
    expect(verdicts(compared("errors", 4.9))).toEqual(["errors Pass"]);
    expect(verdicts(compared("errors", 5.1))).toEqual(["errors Inconclusive"]);
    const [held] = judgeTogether(
      [compared("errors", 5.1, { isHeld: true, verdict: "Inconclusive" })],
      0.01,
    );
    expect(held?.isHeld).toBe(false);
    expect(held?.isSuspected).toBe(true);
    const few = compared("errors", 5.1, { verdict: "Inconclusive" });
    expect(judgeTogether([few], 0.01)).toEqual([{ ...few, isSuspected: true }]);
  });

  it("decide over an incident that stable shares, and leave a limit broken alone its reason", () => {
    const limit = { verdict: "Fail", failure: "MetricLimitExceeded" } as const;
    const [shared] = judgeTogether([compared("errors", 200, { ...limit, isShared: true })], 0.01);
    expect(shared).toMatchObject({ failure: "WorseThanStable", isShared: false });
    const [own] = judgeTogether([compared("errors", 200, limit)], 0.01);
    expect(own?.failure).toBe("MetricLimitExceeded");
  });

  it("judge metrics that pause, and dry runs, apart from those that roll back", () => {
    expect(
      verdicts(
        compared("errors", 150),
        compared("warned", 1, { onFail: "Pause" }),
        compared("tried", 300, { decides: false }),
      ),
    ).toEqual(["errors Fail", "warned Pass", "tried Fail"]);
  });

  it("say nothing of metrics that are not compared", () => {
    expect(verdicts(aCheck(), aCheck({ metric: "own", verdict: "Inconclusive" }))).toEqual([
      "error-rate Pass",
      "own Inconclusive",
    ]);
  });

  it("are told in two digits", () => {
    expect(wordEvidence(Math.log(312))).toBe("310");
    expect(wordEvidence(Math.log(0.0123))).toBe("0.012");
    expect(wordEvidence(1e6)).toBe("> 1e9");
  });
});
