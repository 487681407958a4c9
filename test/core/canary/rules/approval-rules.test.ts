import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../../src/api/canary-status.ts";
import { known } from "../../../../src/core/fact.ts";
import { asking } from "../../../support/command-snapshots.ts";
import {
  ago,
  approvedAt,
  aReleasing,
  broken,
  decideNow,
  nextTarget,
  progressing,
  someRoutes,
  statusAfter,
  waiting,
} from "../../../support/snapshots.ts";

const spec = known(approvedAt(2));
const unapproved = waiting(progressing(2, "entered"), "Approval");
const fewPods = known({ ...nextTarget, replicas: 2, availableReplicas: 2 });

/** After another pass on what was persisted. */
function next(status: CanaryStatus, overrides = {}) {
  return decideNow(aReleasing(status, { spec, ...overrides }));
}

describe("a stage that asks for approval", () => {
  it("is not entered before somebody gives it, and the message says how", () => {
    const asked = statusAfter(aReleasing(progressing(2, "entered"), { spec }));
    expect(asked).toMatchObject({ phase: "Waiting", waiting: { reason: "Approval" } });
    expect(asked.message).toBe(
      'stage 3/4 (50 %) waits for approval; give it with: serin promote web -n shop, or take the release off with: serin abort web -n shop --reason "<why>"',
    );
    expect(next(asked)).toMatchObject({ kind: "Converge", actions: [], message: asked.message });
  });

  it("is asked for before any traffic where it is the first", () => {
    const first = statusAfter(
      aReleasing(progressing(0, "entered"), { spec: known(approvedAt(0)) }),
    );
    expect(first).toMatchObject({ phase: "Waiting", canaryWeight: 0 });
    const idle = known({ ...nextTarget, replicas: 0, availableReplicas: 0 });
    const world = { spec: known(approvedAt(0)), target: idle };
    expect(decideNow(aReleasing(first, world))).toMatchObject({ kind: "Converge", actions: [] });
  });

  it("brings up its pods only after that", () => {
    expect(next(unapproved, { target: fewPods })).toMatchObject({ actions: [] });
    const approved = statusAfter(aReleasing(unapproved, { spec, ...asking("promote") }));
    const more = known({ ...nextTarget, replicas: 1, availableReplicas: 1 });
    expect(next(approved, { target: more })).toMatchObject({
      actions: [{ kind: "Scale", role: "Target", replicas: 2 }],
    });
    expect(next(approved).rule).toBe("shiftTraffic");
  });

  it("gives the pods their time from the approval on", () => {
    const approved = statusAfter(aReleasing(unapproved, { spec, ...asking("promote") }));
    expect(approved.release?.stage).toMatchObject({ enteredAt: ago(0), approvedAt: ago(0) });
    const hanging = known({ ...nextTarget, availableReplicas: 0, isRolledOut: false });
    const long = { ...unapproved, release: aged(unapproved) };
    expect(next(long, { target: hanging }).rule).toBe("hold");
  });

  it("keeps the weight before it, also where somebody lowers the routes", () => {
    const routes = known(someRoutes({ canaryWeight: 10 }));
    expect(next(unapproved, { routes, target: fewPods })).toMatchObject({
      actions: [{ kind: "SetWeight", canaryWeight: 25, direction: "Raise" }],
    });
  });

  it("is rolled back on evidence as ever", () => {
    expect(next(unapproved, { metrics: known([broken]) }).rule).toBe("rollBack");
  });

  it("is asked for after a pause, and approved by a promotion in it", () => {
    const paused = waiting(progressing(2, "entered"), "Paused");
    const resumed = statusAfter(aReleasing(paused, { spec, ...asking("resume") }));
    expect(next(resumed).rule).toBe("askApproval");
    const promoted = statusAfter(aReleasing(paused, { spec, ...asking("promote") }));
    expect(promoted.release?.stage).toMatchObject({ index: 2, approvedAt: ago(0) });
  });

  it("is asked for again where the release starts again", () => {
    const first = known(approvedAt(0));
    const approved = progressing(0, "confirmed", {});
    const taken = { spec: first, routes: known(someRoutes({ canaryWeight: 0 })) };
    const restarted = statusAfter(aReleasing(approved, taken));
    expect(restarted).toMatchObject({ canaryWeight: 0, release: { stage: { index: 0 } } });
    expect(decideNow(aReleasing(restarted, taken)).rule).toBe("askApproval");
  });
});

function aged({ release }: CanaryStatus): CanaryStatus["release"] {
  const stage = release?.stage;
  return release && { ...release, ...(stage && { stage: { ...stage, enteredAt: ago(9_000) } }) };
}
