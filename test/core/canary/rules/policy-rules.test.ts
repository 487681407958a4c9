import { describe, expect, it } from "vitest";
import type { MetricFacts } from "../../../../src/core/canary/snapshot.ts";
import { known } from "../../../../src/core/fact.ts";
import {
  aPod,
  aReleasing,
  aSpecWith,
  broken,
  decideNow,
  healthy,
  progressing,
  statusAfter,
} from "../../../support/snapshots.ts";

const second = (facts: MetricFacts): MetricFacts => ({ ...facts, name: "second" });

describe("a metric that pauses", () => {
  const spec = known(aSpecWith({ onFail: "Pause" }, { name: "second" }));
  const failing = { spec, metrics: known([broken, second(healthy)]) };

  it.each([
    ["the stage that a command entered has its weight", { byCommand: "c-1" }, "entered", false],
    ["the metric was asked again at that weight", { byCommand: "c-1" }, "confirmed", true],
    ["a command let the last stage pass", { passedBy: "c-1" }, "confirmed", false],
  ] as const)("steps aside for a person's word until %s", (_, mark, point, isHeld) => {
    const status = progressing(2, point);
    const stage = status.release?.stage && { ...status.release.stage, ...mark };
    const release = status.release && stage && { ...status.release, stage };
    const world = aReleasing({ ...status, ...(release && { release }) }, failing);
    expect(decideNow(world).rule === "waitForMetric").toBe(isHeld);
  });

  it("holds a stage, and says which metric and why", () => {
    const world = aReleasing(progressing(1, "confirmed"), {
      spec,
      metrics: known([broken, second(healthy)]),
    });
    const decision = decideNow(world);
    expect(decision.rule).toBe("waitForMetric");
    expect(statusAfter(world, decision)).toMatchObject({
      canaryWeight: 25,
      message:
        'stage 2/4 (25 %): waiting, error-rate fails: 20 % of 100 requests, limit 5 %, in 3 checks in a row; measure again with: serin resume web -n shop, go on all the same with: serin promote web -n shop, or take the release off with: serin abort web -n shop --reason "<why>"',
      analysis: [{ verdict: "Fail" }, { verdict: "Pass" }],
    });
  });

  it("does not stand before another's rollback, nor before crashing pods", () => {
    const both = aReleasing(progressing(1, "confirmed"), {
      spec,
      metrics: known([broken, second(broken)]),
    });
    const rolledBack = { phase: "Failed", release: { rollback: { metric: "second" } } };
    expect(statusAfter(both)).toMatchObject(rolledBack);
    const crash = { container: "web", because: "CrashLoopBackOff" };
    const crashing = aReleasing(progressing(1, "confirmed"), {
      spec,
      metrics: known([broken, second(healthy)]),
      pods: known({ canary: [aPod({ crash })], primary: [aPod()] }),
    });
    expect(decideNow(crashing).rule).toBe("rollBack");
  });

  it("waits before the stage's weight is set, too", () => {
    const world = aReleasing(progressing(1, "entered"), {
      spec,
      metrics: known([broken, second(healthy)]),
    });
    expect(statusAfter(world)).toMatchObject({ phase: "Waiting", canaryWeight: 10 });
  });
});

describe("a dry run", () => {
  const spec = known(aSpecWith({}, { name: "second", dryRun: true }));

  it("is shown and decides nothing, however bad it is", () => {
    const world = aReleasing(progressing(1, "confirmed"), {
      spec,
      metrics: known([healthy, second(broken)]),
    });
    const decision = decideNow(world);
    expect(decision.rule).toBe("advance");
    const { analysis: shown } = statusAfter(world, decision);
    expect(shown).toMatchObject([
      { name: "error-rate", verdict: "Pass" },
      { name: "second", verdict: "Fail", dryRun: true },
    ]);
    expect(shown?.[0]).not.toHaveProperty("dryRun");
  });

  it("is not asked before a weight goes up", () => {
    const unread = { ...healthy, state: { ...healthy.state, readAt: undefined } };
    const world = aReleasing(progressing(1, "entered"), {
      spec,
      metrics: known([healthy, second(unread)]),
    });
    expect(decideNow(world).rule).toBe("shiftTraffic");
  });
});
