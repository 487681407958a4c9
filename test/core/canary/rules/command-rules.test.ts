import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../../src/api/canary-status.ts";
import type { CommandAction } from "../../../../src/api/commands.ts";
import { known } from "../../../../src/core/fact.ts";
import { asking, commanded } from "../../../support/command-snapshots.ts";
import {
  ago,
  aReleasing,
  broken,
  copiedPrimary,
  decideNow,
  failed,
  nextTarget,
  progressing,
  someRoutes,
  statusAfter,
  statuses,
  unreadable,
  waiting,
} from "../../../support/snapshots.ts";

const unread = { metrics: known([unreadable]) };

/** Where a release is after a command; metrics cannot be read. */
function after(status: CanaryStatus, action: CommandAction): CanaryStatus {
  return statusAfter(aReleasing(status, { ...unread, ...asking(action) }));
}

describe("promote", () => {
  it.each(["Paused", "PausedByHand", "Inconclusive", "MetricFailed"] as const)(
    "ends a wait for %s with the next stage",
    (reason) => {
      const status = after(waiting(progressing(1, "confirmed"), reason), "promote");
      expect(status).toMatchObject({
        phase: "Progressing",
        canaryWeight: 25,
        release: { stage: { index: 2, weight: 50, byCommand: "c-1" } },
      });
      expect(status).not.toHaveProperty("waiting");
    },
  );

  it("approves a stage, which nobody calls promoted by hand", () => {
    const status = after(waiting(progressing(2, "entered"), "Approval"), "promote");
    expect(status).toMatchObject({
      phase: "Progressing",
      canaryWeight: 25,
      release: { stage: { index: 2, weight: 50, approvedAt: ago(0), byCommand: "c-1" } },
    });
    expect(status.release).not.toHaveProperty("byHand");
  });

  it.each(["confirmed", "routed"] as const)(
    "begins the promotion at the last stage: %s",
    (point) => {
      expect(after(progressing(3, point), "promote")).toMatchObject({
        phase: "Promoting",
        canaryWeight: 100,
        release: { promotion: { step: "Copy", savedHash: "good" }, byHand: expect.any(String) },
      });
    },
  );

  it("waits with the promotion until the last weight is routed", () => {
    expect(after(progressing(3, "shifted"), "promote")).toMatchObject({
      phase: "Progressing",
      release: { stage: { index: 3, byCommand: "c-1", passedBy: "c-1" } },
    });
  });

  it("does not stand before evidence, a refused spec or missing pods", () => {
    const world = aReleasing(progressing(1, "confirmed"), asking("promote"));
    expect(decideNow({ ...world, metrics: known([broken]) }).rule).toBe("rollBack");
    const status = statusAfter({ ...world, ...unread });
    const entered = { ...world, ...unread, status };
    const few = known({ ...nextTarget, availableReplicas: 1 });
    expect(decideNow(entered).rule).toBe("shiftTraffic");
    expect(decideNow({ ...entered, target: few }).rule).toBe("hold");
  });
});

describe("promoteFull", () => {
  it.each(["entered", "confirmed", "paused", "unapproved"])("skips to weight 100: %s", (name) => {
    const before = statuses[name] ?? {};
    expect(after(before, "promoteFull")).toMatchObject({
      phase: "Progressing",
      canaryWeight: before.canaryWeight,
      release: {
        stage: { index: 3, weight: 100, approvedAt: ago(0), byCommand: "c-1", passedBy: "c-1" },
      },
    });
  });

  it("is raised from nothing too, and is then no release whose traffic was taken off", () => {
    const world = aReleasing(progressing(0, "entered"), { ...unread, ...asking("promoteFull") });
    const entered = statusAfter(world);
    const shifted = statusAfter({ ...world, status: entered });
    expect(shifted).toMatchObject({ canaryWeight: 100, release: { stage: { raisedFrom: 0 } } });
    expect(decideNow({ ...world, status: shifted })).toMatchObject({
      kind: "Converge",
      actions: [{ kind: "SetWeight", canaryWeight: 100, direction: "Raise" }],
    });
  });

  it("is promoted once the weight is routed and has taken effect, without any measurement", () => {
    const skipping = commanded(progressing(3, "routed"), { passedBy: "c-0", routedAt: ago(5) });
    expect(decideNow(aReleasing(skipping, unread)).rule).toBe("startPromotion");
    const fresh = commanded(progressing(3, "routed"), { passedBy: "c-0", routedAt: ago(4) });
    expect(decideNow(aReleasing(fresh, unread))).toMatchObject({
      kind: "Converge",
      requeueAfterMs: 1000,
    });
  });

  it("starts again at the first stage when somebody takes the traffic off before", () => {
    const skipping = commanded(progressing(3, "shifted"), { passedBy: "c-0", raisedFrom: 25 });
    const world = aReleasing(skipping, { routes: known(someRoutes({ canaryWeight: 0 })) });
    const status = statusAfter(world);
    expect(status).toMatchObject({ canaryWeight: 0, release: { stage: { index: 0 } } });
    expect(status.release).not.toHaveProperty("byHand");
  });
});

describe("retry", () => {
  it("releases the same template again under another id", () => {
    const { drain: _, ...status } = failed();
    const world = aReleasing(status, asking("retry"));
    const retried = statusAfter(world);
    expect(statusAfter({ ...world, status: retried })).toMatchObject({
      phase: "Progressing",
      release: { id: "next-2", templateHash: "next", peakWeight: 0 },
    });
    expect(retried.release?.rollback).toBeDefined();
  });
});

describe("pause and resume", () => {
  it("keep the weight, and start the stage's longest stay anew", () => {
    const paused = after(progressing(1, "confirmed"), "pause");
    expect(paused).toMatchObject({
      phase: "Waiting",
      canaryWeight: 25,
      waiting: {
        reason: "Paused",
        message:
          "stage 2/4 (25 %): paused by jane (unverified): it is urgent; go on with: serin resume web -n shop",
      },
    });
    const resumed = statusAfter(aReleasing(paused, asking("resume", "c-2")));
    expect(resumed).toMatchObject({
      phase: "Progressing",
      release: { stage: { index: 1, resumedAt: ago(0), trafficConfirmedAt: ago(200) } },
      commandIds: ["c-2", "c-1"],
    });
  });

  it("leave people with what is waited for while nothing happens", () => {
    const paused = waiting(progressing(1, "confirmed"), "Paused");
    expect(decideNow(aReleasing(paused))).toMatchObject({
      kind: "Converge",
      message: "somebody must act",
    });
  });
});

describe("a command", () => {
  it.each(["promote", "promoteFull", "retry", "pause", "resume"] as const)(
    "is obeyed or refused once: %s",
    (action) => {
      for (const status of Object.values(statuses)) {
        const world = aReleasing(status, asking(action));
        const answered = answer({ ...world, primary: known(copiedPrimary) });
        expect(answered?.commandIds).toEqual(["c-1"]);
        const again = decideNow({ ...world, status: answered ?? {} });
        expect(again).not.toMatchObject({ status: { lastCommand: { at: ago(-1) } } });
        expect([
          "promote",
          "promoteFully",
          "retry",
          "pause",
          "resume",
          "refuseCommand",
        ]).not.toContain(again.rule);
      }
    },
  );
});

/** Decides until the command is answered. */
function answer(world: ReturnType<typeof aReleasing>): CanaryStatus | undefined {
  let current = world;
  for (let pass = 0; pass < 8; pass += 1) {
    const status = statusAfter(current);
    if (status.lastCommand !== undefined) return status;
    current = { ...current, status };
  }
  return undefined;
}
