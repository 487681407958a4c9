/** What is deleted in which part of a release's life, and what then becomes of it. */
import { describe, expect, it } from "vitest";
import { assessLoss, isExposedByLoss } from "../../../src/core/canary/loss.ts";
import type { Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../src/core/fact.ts";
import {
  aHeldFreeze,
  aReleasing,
  aSnapshot,
  aWorkload,
  copiedPrimary,
  decideNow,
  failed,
  finalising,
  initialized,
  initializing,
  nextTarget,
  progressing,
  promoting,
  statusAfter,
  statuses,
} from "../../support/snapshots.ts";

const gone = {
  target: { target: missing("TargetNotFound", "Deployment shop/web does not exist") },
  virtualService: { routes: missing("VirtualServiceNotFound", "VirtualService shop/web is gone") },
  rule: { routes: missing("RouteNotFound", "VirtualService shop/web has no rule") },
  destinationRule: { routes: missing("DestinationRuleNotFound", "there is no DestinationRule") },
} as const;
type Gone = keyof typeof gone;
const routes: readonly Gone[] = ["virtualService", "rule", "destinationRule"];

/** Every part of a release before its primary is replaced. */
const early: Readonly<Record<string, Snapshot>> = {
  entered: aReleasing(progressing(0, "entered")),
  shifted: aReleasing(progressing(1, "shifted")),
  routed: aReleasing(progressing(1, "routed")),
  confirmed: aReleasing(progressing(2, "confirmed")),
  full: aReleasing(progressing(3, "confirmed")),
  paused: aReleasing(statuses["paused"] ?? {}),
  unapproved: aReleasing(statuses["unapproved"] ?? {}),
  copying: aReleasing(promoting("Copy")),
};
const primary = known(copiedPrimary);
const late: Readonly<Record<string, Snapshot>> = {
  "copied, and not yet written down": aReleasing(promoting("Copy"), { primary }),
  copied: aReleasing(promoting("Available"), { primary }),
};
const restoring = aReleasing(promoting("Restore"), { primary });
const held = { freeze: aHeldFreeze() };

describe.each(Object.entries(early))("before the copy: %s", (_, world) => {
  it("the target: all traffic goes to the primary, and the release fails", () => {
    const decision = decideNow({ ...world, ...held, ...gone.target });
    expect(decision).toMatchObject({
      kind: "Rollback",
      rule: "loseTarget",
      status: {
        phase: "Failed",
        canaryWeight: 0,
        release: { rollback: { reason: "TargetMissing" } },
      },
    });
  });

  it.each(routes)("the routes (%s): the release fails, and the pods go", (what) => {
    const lost = { ...world, ...held, ...gone[what] };
    const status = statusAfter(lost);
    expect(status).toMatchObject({
      phase: "Failed",
      canaryWeight: 0,
      release: { rollback: { reason: "RouteMissing" } },
    });
    expect(status.release?.rollback?.message).toMatch(/^lost during the release: /);
    expect(stalled(status)).toMatchObject({ status: "True", reason: "RouteMissing" });
    expect(decideNow({ ...lost, status, freeze: { kind: "None" } })).toMatchObject({
      kind: "Converge",
      actions: [{ kind: "Scale", role: "Target", replicas: 0 }],
    });
  });
});

describe.each(Object.entries(late))("from the copy on: %s", (_, world) => {
  it("the target: all traffic goes to the primary, and the promotion goes on", () => {
    const lost = { ...world, ...held, ...gone.target };
    const decision = decideNow(lost);
    expect(decision).toMatchObject({
      kind: "Rollback",
      rule: "loseTarget",
      status: { phase: "Promoting", canaryWeight: 0 },
    });
    const status = statusAfter(lost, decision);
    expect(status.release?.rollback).toBeUndefined();
    expect(stalled(status)).toMatchObject({ status: "True", reason: "TargetMissing" });
    const next = decideNow({ ...lost, status });
    expect(next).not.toMatchObject({ rule: "loseTarget" });
  });

  it.each(routes)("the routes (%s): the old template is written back, the pods stay", (what) => {
    const lost = { ...world, ...held, ...gone[what] };
    const status = statusAfter(lost);
    expect(status).toMatchObject({
      phase: "Promoting",
      canaryWeight: 100,
      release: { promotion: { step: "Restore" }, rollback: { reason: "RouteMissing" } },
    });
    expect(decideNow({ ...lost, status })).toMatchObject({
      kind: "Converge",
      actions: [{ kind: "RestoreTemplate" }],
    });
  });
});

describe("while the old template is written back", () => {
  it("the target: all traffic goes to the primary", () => {
    expect(decideNow({ ...restoring, ...held, ...gone.target })).toMatchObject({
      kind: "Rollback",
      status: { phase: "Promoting", canaryWeight: 0, release: { promotion: { step: "Restore" } } },
    });
  });

  it.each(routes)("the routes (%s): it goes on", (what) => {
    expect(decideNow({ ...restoring, ...held, ...gone[what] })).not.toMatchObject({
      rule: "loseRoutes",
    });
  });
});

describe("in Finalising", () => {
  const world = aReleasing(finalising(), { primary, target: known(nextTarget), ...held });

  it("the target: the promoted version serves, and nothing is undone", () => {
    const { status } = { status: statusAfter({ ...world, ...gone.target }) };
    expect(status).toMatchObject({ phase: "Finalising", lastPromotedHash: "next" });
  });

  it.each(routes)("the routes (%s): the target's pods go at once", (what) => {
    const lost = { ...world, ...gone[what] };
    const told = { ...lost, status: statusAfter(lost) };
    expect(told.status.phase).toBe("Finalising");
    expect(isExposedByLoss(told)).toBe(true);
    expect(decideNow(told)).toMatchObject({
      kind: "Converge",
      actions: [{ kind: "Scale", role: "Target", replicas: 0 }],
    });
  });
});

describe("no pods are taken away", () => {
  const lost = aReleasing(failed({ drain: undefined }), gone.virtualService);

  it("while the primary has none that are available", () => {
    const world = { ...lost, primary: known(aWorkload({ availableReplicas: 0 })) };
    const told = { ...world, status: statusAfter(world) };
    expect(decideNow(told)).not.toMatchObject({ kind: "Converge", actions: [{ kind: "Scale" }] });
  });

  it("of a release that failed for another reason, whose routes may carry traffic", () => {
    expect(isExposedByLoss(lost)).toBe(false);
  });

  it("while the routes are not read", () => {
    const world = aReleasing(progressing(1, "confirmed"), { ...held, routes: unknown("not read") });
    expect(decideNow(world)).toMatchObject({ kind: "Converge", actions: [] });
  });
});

describe("a loss", () => {
  it("is none before the Canary was initialised: it is only not there yet", () => {
    for (const status of [{}, initializing("CreatePrimary"), initializing("Shift")])
      expect(assessLoss(aSnapshot({ status, ...gone.target }))).toBeUndefined();
  });

  it("is told at rest, and fails nothing", () => {
    for (const what of [...routes, "target"] as const) {
      const world = aSnapshot({ status: initialized(), ...gone[what] });
      const status = statusAfter(world);
      expect(status.phase).toBe("Initialized");
      const reason = what === "target" ? "TargetMissing" : "RouteMissing";
      expect(stalled(status)).toMatchObject({ status: "True", reason });
    }
  });

  it("fails no release that is not held to the spec that names the routes", () => {
    const world = aReleasing(progressing(1, "confirmed"), gone.virtualService);
    expect(statusAfter(world).phase).toBe("Progressing");
  });

  it("of the target during the initialisation gives the primary all traffic once it can serve", () => {
    const world = aSnapshot({ status: initializing("CreatePrimary"), ...gone.target });
    expect(statusAfter({ ...world, status: statusAfter(world) })).toMatchObject({
      initialisation: { step: "Shift" },
      canaryWeight: 0,
    });
  });

  it("is over when it is back, and the release stays failed", () => {
    const lost = aReleasing(progressing(1, "confirmed"), { ...held, ...gone.virtualService });
    const status = statusAfter(lost);
    const back = aReleasing(status, { target: known({ ...nextTarget, replicas: 0 }) });
    const after = statusAfter(back);
    expect(after.phase).toBe("Failed");
    expect(stalled(after)).toMatchObject({ status: "True", reason: "ReleaseFailed" });
  });
});

function stalled({ conditions }: ReturnType<typeof statusAfter>) {
  return conditions?.find(({ type }) => type === "Stalled");
}
