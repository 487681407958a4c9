import { describe, expect, it } from "vitest";
import { known } from "../../../../src/core/fact.ts";
import { aborting } from "../../../support/command-snapshots.ts";
import {
  ago,
  aReleasing,
  aSnapshot,
  aWorkload,
  broken,
  copiedPrimary,
  decideNow,
  failed,
  nextTarget,
  promoting,
  someRoutes,
  statusAfter,
  statuses,
  unreadable,
} from "../../../support/snapshots.ts";

const idleTarget = known({ ...nextTarget, replicas: 0, availableReplicas: 0 });
const inRelease = [
  "entered",
  "shifted",
  "routed",
  "confirmed",
  "full",
  "copying",
  "paused",
  "unapproved",
];

describe("an abort", () => {
  it.each(inRelease)("takes the release off at once: %s", (name) => {
    expect(decideNow(aReleasing(statuses[name] ?? {}, aborting()))).toMatchObject({
      kind: "Rollback",
      rule: "abort",
      status: {
        phase: "Failed",
        canaryWeight: 0,
        lastFailedHash: "next",
        history: [{ outcome: "Failed", reason: "Aborted" }],
      },
    });
  });

  it("needs no metrics, no ready primary and no accepted spec", () => {
    const world = aReleasing(statuses.confirmed ?? {}, {
      ...aborting(),
      metrics: known([unreadable]),
      primary: known(aWorkload({ name: "web-primary", availableReplicas: 0, isRolledOut: false })),
      autoscaler: known("HorizontalPodAutoscaler web"),
    });
    expect(decideNow(world)).toMatchObject({ kind: "Rollback", rule: "abort" });
  });

  it("stands before evidence and before a new version", () => {
    const bad = { ...aborting(), metrics: known([broken]) };
    const pushed = { ...aborting(), target: known({ ...nextTarget, templateHash: "third" }) };
    for (const world of [bad, pushed])
      expect(decideNow(aReleasing(statuses.confirmed ?? {}, world)).rule).toBe("abort");
  });

  it("while the primary is replaced writes its old template back, and says so once", () => {
    const primary = known(copiedPrimary);
    const world = aReleasing(promoting("Available"), { ...aborting(), primary });
    const restoring = statusAfter(world);
    expect(restoring.release?.promotion?.step).toBe("Restore");
    const next = decideNow({ ...world, status: restoring });
    expect(next).toMatchObject({
      kind: "Converge",
      actions: [{ kind: "RestoreTemplate" }, { kind: "RemoveAbort", value: "wrong prices" }],
    });
  });

  it("ends as Failed, with its words in history, once the old version can serve", () => {
    const restoring = promoting("Restore", {
      release: {
        rollback: {
          reason: "Aborted",
          message: "abort: wrong prices",
          detectedAt: ago(9),
          decidedAt: ago(9),
        },
      },
    });
    expect(statusAfter(aReleasing(restoring))).toMatchObject({
      phase: "Failed",
      history: [{ outcome: "Failed", reason: "Aborted", command: "abort: wrong prices" }],
    });
  });
});

describe("an abort that finds nothing to take off", () => {
  const idle = [
    "new",
    "creatingPrimary",
    "shiftingToPrimary",
    "initialized",
    "restoring",
    "finalising",
    "succeeded",
    "failing",
    "failed",
    "terminating",
  ];

  it.each(idle)("is refused once, with why: %s", (name) => {
    const world = aReleasing(statuses[name] ?? {}, {
      ...aborting(),
      routes: known(someRoutes({ canaryWeight: statuses[name]?.canaryWeight ?? 0 })),
    });
    const refused = decideNow(world);
    expect(refused).toMatchObject({
      kind: "Transition",
      rule: "refuseAbort",
      status: { lastCommand: { action: "abort", outcome: "Refused" } },
    });
    expect(decideNow({ ...world, status: statusAfter(world) }).rule).not.toBe("refuseAbort");
  });

  it("keeps the next version from starting until it is gone", () => {
    const world = aSnapshot({ ...aborting(), target: idleTarget });
    const status = statusAfter(world);
    const held = decideNow({ ...world, status });
    expect(held).toMatchObject({
      kind: "Converge",
      actions: [{ kind: "RemoveAbort", value: "wrong prices" }],
      message: expect.stringContaining("no release starts before it is gone"),
    });
    const gone = aSnapshot({ target: idleTarget, status });
    expect(decideNow(gone).rule).toBe("forgetAbort");
    expect(decideNow({ ...gone, status: statusAfter(gone) }).rule).toBe("startRelease");
  });

  it("is answered again in a minute when something puts it back", () => {
    const lastCommand = {
      id: "abort-1",
      action: "abort",
      by: "",
      reason: "wrong prices",
      at: ago(45),
      outcome: "Refused",
      message: "no release runs",
    } as const;
    const { drain: _, ...status } = failed({ lastCommand });
    const world = aReleasing(status, { ...aborting(), target: idleTarget });
    const seen = { ...world, status: statusAfter(world) };
    expect(decideNow(seen)).toMatchObject({ kind: "Converge", requeueAfterMs: 15_000 });
  });
});
