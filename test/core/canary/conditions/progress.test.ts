import { describe, expect, it } from "vitest";
import {
  accepted,
  analysisPassed,
  canaryAvailable,
  trafficShifted,
} from "../../../../src/core/canary/conditions/progress.ts";
import { assessSituation } from "../../../../src/core/canary/situation.ts";
import type { Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../../src/core/fact.ts";
import {
  ago,
  aReleasing,
  broken,
  errorRate,
  failed,
  nextTarget,
  now,
  progressing,
  settled,
  statuses,
  unreadable,
  unused,
} from "../../../support/snapshots.ts";

function situationOf(name: string, world: Partial<Snapshot> = {}) {
  const status = settled(statuses[name] ?? {});
  return { status, situation: assessSituation(aReleasing(status, world), now) };
}

describe("Accepted", () => {
  it.each([
    ["True Accepted", {}],
    ["False TargetNotFound", { target: missing("TargetNotFound", "no target") }],
    ["Unknown Pending", { routes: unknown("not read yet") }],
  ])("is %s", (claim, world) => {
    const { status, reason } = accepted(situationOf("initialized", world).situation);
    expect(`${status} ${reason}`).toBe(claim);
  });
});

describe("CanaryAvailable", () => {
  const pods = (availableReplicas: number, isRolledOut = true) => ({
    target: known({ ...nextTarget, availableReplicas, isRolledOut }),
  });
  it.each([
    ["True Available", "full", pods(4)],
    ["False ScalingUp", "full", pods(3)],
    ["False ScalingUp", "full", pods(4, false)],
    ["True Available", "confirmed", pods(2)],
    ["False ScalingUp", "confirmed", pods(1)],
    ["False Idle", "initialized", pods(0)],
    ["Unknown Pending", "full", { target: unknown("not read yet") }],
  ])("is %s: %s", (claim, name, world) => {
    const { status, situation } = situationOf(name, world);
    const said = canaryAvailable(status, situation);
    expect(`${said.status} ${said.reason}`).toBe(claim);
  });

  it("keeps why the pods of a failed release were not", () => {
    const { situation } = situationOf("failed");
    const { release } = failed();
    const rollback = {
      reason: "CanaryCrashing",
      message: "",
      detectedAt: ago(9),
      decidedAt: ago(9),
    };
    const status = failed({ ...(release !== undefined && { release: { ...release, rollback } }) });
    expect(canaryAvailable(status, situation)).toMatchObject({
      status: "False",
      reason: "CanaryCrashing",
    });
  });
});

describe("TrafficShifted", () => {
  it.each([
    ["True Stable", "initialized"],
    ["False RoutePending", "new"],
    ["False RoutePending", "shifted"],
    ["False TrafficPending", "routed"],
    ["True Confirmed", "confirmed"],
    ["False DrainPending", "failing"],
    ["True Stable", "failed"],
  ])("is %s: %s", (claim, name) => {
    const { status, situation } = situationOf(name);
    const said = trafficShifted(status, situation);
    expect(`${said.status} ${said.reason}`).toBe(claim);
  });

  it("says that a drain was not confirmed in time", () => {
    const { situation } = situationOf("failing");
    const status = failed({ drain: { startedAt: ago(90), routedAt: ago(89), unconfirmed: true } });
    expect(trafficShifted(status, situation)).toMatchObject({ reason: "DrainUnconfirmed" });
  });

  it("is unknown while the routes are", () => {
    const { status, situation } = situationOf("confirmed", { routes: unknown("not read yet") });
    expect(trafficShifted(status, situation)).toMatchObject({ status: "Unknown" });
  });
});

describe("AnalysisPassed", () => {
  it.each([
    ["Unknown NoRelease", "initialized", {}],
    ["True LimitsHeld", "confirmed", {}],
    ["Unknown Measuring", "confirmed", { metrics: known([errorRate({ total: 4 })]) }],
    ["Unknown NoData", "confirmed", { metrics: known([unused]) }],
    ["Unknown ProviderError", "confirmed", { metrics: known([unreadable]) }],
    ["Unknown Measuring", "confirmed", { metrics: known([broken]) }],
    ["True ReleasePassed", "copied", {}],
    ["True ReleasePassed", "succeeded", {}],
    ["False MetricLimitExceeded", "failed", {}],
    ["False MetricLimitExceeded", "restoring", {}],
  ])("is %s: %s", (claim, name, world) => {
    const { status, situation } = situationOf(name, world);
    const said = analysisPassed(status, situation);
    expect(`${said.status} ${said.reason}`).toBe(claim);
  });

  it("claims nothing of a release that ended without a verdict", () => {
    const { situation } = situationOf("initialized");
    const reverted = progressing(1, "confirmed", { status: { phase: "Initialized" } });
    expect(analysisPassed(reverted, situation)).toMatchObject({ reason: "NoRelease" });
  });
});
