import { describe, expect, it } from "vitest";
import type { CanaryStatus, DriftStatus } from "../../../src/api/canary-status.ts";
import {
  assessLowered,
  assessRepair,
  contestOf,
  handsWeight,
  isReplicasContested,
} from "../../../src/core/canary/drift.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import type { Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known, unknown } from "../../../src/core/fact.ts";
import { routedBy } from "../../support/hands-cases.ts";
import {
  ago,
  aReleasing,
  aSnapshot,
  deleted,
  failed,
  initialized,
  initializing,
  now,
  progressing,
  settled,
  someRoutes,
} from "../../support/snapshots.ts";

const seenBy = (status: CanaryStatus, overrides: Partial<Snapshot> = {}) =>
  assessSituation(aReleasing(status, overrides), now);

describe("a weight that a person lowered", () => {
  it.each([
    ["below what was routed", progressing(1, "confirmed"), 24, 24],
    ["not below what was routed", progressing(1, "confirmed"), 25, undefined],
    ["in part of a percent", progressing(1, "confirmed"), 24.9, 24],
    ["before the stage's weight was decided", progressing(1, "entered"), 9, 9],
    ["not while Serin has yet to raise it", progressing(1, "shifted"), 10, undefined],
    ["below what the stage before had", progressing(1, "shifted"), 9, 9],
    ["from nothing it cannot be", progressing(0, "shifted"), 0, undefined],
  ])("is seen %s", (_, status, weight, expected) => {
    expect(handsWeight(seenBy(status, { routes: routedBy("Hand", weight) }))).toBe(expected);
  });

  it("is no tool's, no unread one, and none outside a stage", () => {
    const status = progressing(1, "confirmed");
    expect(handsWeight(seenBy(status, { routes: routedBy("GitOps", 5) }))).toBeUndefined();
    expect(handsWeight(seenBy(status, { routes: unknown("not read yet") }))).toBeUndefined();
    expect(handsWeight(seenBy(failed(), { routes: routedBy("Hand", 0) }))).toBeUndefined();
  });
});

describe("a repair", () => {
  const raised = { routes: routedBy("GitOps", 60) };

  it("is counted once for each version of the routes", () => {
    const status = progressing(1, "confirmed");
    const drift = assessRepair(seenBy(status, raised));
    expect(drift).toEqual({ repairedAt: [ago(0)], manager: "somebody", seen: "17" });
    expect(assessRepair(seenBy({ ...status, ...(drift && { drift }) }, raised))).toBeUndefined();
  });

  it.each([
    ["by Serin itself", progressing(1, "confirmed"), { routes: known(someRoutes()) }],
    ["of a drain that is being written", failed({ drain: { startedAt: ago(2) } }), raised],
    ["during the initialisation", initializing("CreatePrimary"), raised],
    ["of a Canary that is deleted", progressing(1, "confirmed"), { ...raised, ...deleted }],
  ])("is none %s", (_, status, overrides) => {
    expect(assessRepair(seenBy(status, overrides))).toBeUndefined();
  });

  const after = (seconds: readonly number[], more: Partial<DriftStatus> = {}) => {
    const drift = { repairedAt: seconds.map(ago), manager: "somebody", seen: "16", ...more };
    return assessRepair(seenBy(progressing(1, "confirmed", { status: { drift } }), raised));
  };

  it("is one too many where it is the sixth within ten minutes", () => {
    expect(after([500, 400, 300, 200])).not.toHaveProperty("isContested");
    expect(after([600, 400, 300, 200, 100])).toHaveProperty("isContested", true);
    expect(after([601, 400, 300, 200, 100])).not.toHaveProperty("isContested");
    expect(after([900, 500, 400, 300, 200, 100])?.repairedAt).toHaveLength(6);
  });

  it("is written down once a minute while weights are contested", () => {
    const isContested = true;
    expect(after([59], { isContested })).toBeUndefined();
    expect(after([60], { isContested })).toMatchObject({ isContested });
  });

  it("of a lowered weight is a tool's alone", () => {
    const status = progressing(1, "confirmed");
    expect(assessLowered(seenBy(status, { routes: routedBy("GitOps", 5) }))).toBeDefined();
    expect(assessLowered(seenBy(status, { routes: routedBy("Hand", 5) }))).toBeUndefined();
    expect(assessLowered(seenBy(status, raised))).toBeUndefined();
  });
});

describe("a contest", () => {
  const drift = {
    repairedAt: [ago(1)],
    manager: "argocd-controller",
    seen: "1",
    isContested: true,
  };
  const waiting = { reason: "RoutesContested", since: ago(1), message: "" } as const;

  it.each([
    ["an idle Canary", initialized({ drift }), true],
    ["a release that it stopped", { ...initialized({ drift, waiting }), phase: "Waiting" }, true],
    ["a release that was resumed", { ...initialized({ drift }), phase: "Progressing" }, false],
    ["nobody", initialized({ drift: { ...drift, isContested: false } }), false],
  ] as const)("is told of %s", (_, status, isTold) => {
    expect(contestOf(status) !== undefined).toBe(isTold);
  });

  it("names the tool and what it must leave alone", () => {
    const advice = "spec.ignoreDifferences: […]";
    expect(contestOf(initialized({ drift: { ...drift, advice } }))).toBe(
      "argocd-controller has changed the weights 6 times in 10 min; let it leave them alone: spec.ignoreDifferences: […]",
    );
  });
});

describe("contested replicas", () => {
  it.each([
    ["", true],
    ["an-earlier-release", false],
  ])("are those of this time at rest: %s", (release, expected) => {
    const idleReplicas = { correctedAt: [], release, isContested: true };
    const snapshot = aSnapshot({ status: settled(initialized({ idleReplicas })) });
    expect(isReplicasContested(assessSituation(snapshot, now))).toBe(expected);
  });
});
