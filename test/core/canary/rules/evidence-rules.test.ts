import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../../src/api/canary-status.ts";
import type { Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../../src/core/fact.ts";
import {
  ago,
  aMirroring,
  aPod,
  aReleasing,
  aWorkload,
  broken,
  copiedPrimary,
  decideNow,
  finalising,
  nextTarget,
  progressing,
  promoting,
  someRoutes,
  statusAfter,
  unreadable,
  unused,
} from "../../../support/snapshots.ts";

const third = known({ ...nextTarget, templateHash: "third", images: ["web:3"] });
const reverted = known(aWorkload());
function untold(told: CanaryStatus): CanaryStatus {
  const { outbox: _, ...status } = told;
  return status;
}
const bad = { metrics: known([broken]) };

describe("a rollback", () => {
  it.each([
    ["a refused spec", { autoscaler: known("ScaledObject web") }],
    ["another template", { target: third }],
    ["the promoted template", { target: reverted }],
    ["an unknown primary", { primary: unknown("not read yet") }],
    ["unknown routes", { routes: unknown("not read yet") }],
    ["a target that is gone", { target: missing("TargetNotFound", "…") }],
    ["a stalled write", { stall: { reason: "Forbidden", message: "…" } }],
  ] as const)("comes before %s", (_, world) => {
    const snapshot = aReleasing(progressing(1, "confirmed"), { ...bad, ...world });
    expect(decideNow(snapshot)).toMatchObject({ kind: "Rollback", rule: "rollBack" });
  });

  it("is made on pods too, and names no metric then", () => {
    const crash = { container: "web", because: "CrashLoopBackOff" };
    const pods = known({ canary: [aPod({ crash })], primary: [] });
    const { release } = statusAfter(aReleasing(progressing(1, "confirmed"), { pods }));
    expect(release?.rollback).toEqual({
      reason: "CanaryCrashing",
      message: "pod web-1, container web: CrashLoopBackOff",
      detectedAt: ago(0),
      decidedAt: ago(0),
    });
  });

  it.each([unreadable, unused])("is never made for want of data", (metric) => {
    const snapshot = aReleasing(progressing(1, "confirmed"), { metrics: known([metric]) });
    expect(decideNow(snapshot)).toMatchObject({ kind: "Converge", actions: [] });
  });

  it("takes the weight off until the copy was made", () => {
    const snapshot = aReleasing(promoting("Copy"), bad);
    expect(decideNow(snapshot)).toMatchObject({ kind: "Rollback", rule: "rollBack" });
  });

  it("does nothing once the traffic is on its way back", () => {
    const snapshot = aReleasing(finalising(), { ...bad, primary: known(copiedPrimary) });
    expect(decideNow(snapshot)).toMatchObject({ rule: "recordRouted" });
  });
});

describe("evidence that may be of a template pushed meanwhile", () => {
  const running = progressing(1, "confirmed", { status: { lastFailedHash: "old" } });
  const pushed = aReleasing(running, { ...bad, target: third });

  it("takes the weight off at once, and calls neither template failed", () => {
    expect(decideNow(pushed)).toMatchObject({
      kind: "Rollback",
      rule: "rollBack",
      status: {
        phase: "Initialized",
        canaryWeight: 0,
        drain: { startedAt: ago(0) },
        lastFailedHash: "old",
        history: [{ id: "next-1", outcome: "Superseded", reason: "NewRevision" }],
        outbox: [{ reason: "Superseded", message: expect.stringContaining("error-rate: ") }],
        message: expect.stringContaining("the target got another template meanwhile"),
      },
    });
    expect(statusAfter(pushed).release).not.toHaveProperty("rollback");
  });

  it("lets the pushed one be a release of its own", () => {
    const off = { ...pushed, routes: known(someRoutes()) };
    const seen = statusAfter({ ...off, status: untold(statusAfter(pushed)) });
    expect(decideNow({ ...off, status: untold(seen) })).toMatchObject({
      rule: "startRelease",
      status: { phase: "Progressing", release: { templateHash: "third" } },
    });
  });

  it("starts nothing where the template that failed last was pushed", () => {
    const failedBefore = progressing(1, "confirmed", { status: { lastFailedHash: "third" } });
    const ended = statusAfter(aReleasing(failedBefore, { ...bad, target: third }));
    expect(ended).toMatchObject({ phase: "Failed", lastFailedHash: "third" });
    let status = untold(ended);
    for (let pass = 0; pass < 4; pass += 1)
      status = untold(statusAfter(aReleasing(status, { target: third })));
    expect(status).toMatchObject({ phase: "Failed", release: { templateHash: "next" } });
  });

  it("ends a release as reverted where the promoted template was pushed", () => {
    expect(statusAfter(aReleasing(running, { ...bad, target: reverted }))).toMatchObject({
      phase: "Initialized",
      history: [{ outcome: "Reverted", reason: "TemplateReverted" }],
    });
  });

  it.each([unknown("not read yet"), missing("TargetNotFound", "…")])(
    "is of the release where the target's template is not known",
    (target) => {
      expect(statusAfter(aReleasing(running, { ...bad, target }))).toMatchObject({
        phase: "Failed",
        lastFailedHash: "next",
      });
    },
  );

  it("fails nothing either while the primary is being replaced", () => {
    const primary = known(copiedPrimary);
    const { release } = statusAfter(
      aReleasing(promoting("Available"), { ...bad, primary, target: third }),
    );
    expect(release).toMatchObject({
      promotion: { step: "Restore" },
      rollback: { reason: "NewRevision", message: expect.stringContaining("error-rate: ") },
    });
  });
});

describe("the way back", () => {
  const copied = (world: Partial<Snapshot> = {}, step: "Copy" | "Available" = "Available") =>
    aReleasing(promoting(step), { primary: known(copiedPrimary), ...world });

  it("is taken from the moment the primary has the new template", () => {
    expect(decideNow(copied(bad, "Copy"))).toMatchObject({ rule: "restorePrimary" });
  });

  it.each([
    ["unknown", unknown("not read yet")],
    ["of a third template", known(aWorkload({ templateHash: "by hand" }))],
  ])("is taken by the persisted step, also while the primary is %s", (_, primary) => {
    expect(decideNow(copied({ ...bad, primary }))).toMatchObject({
      kind: "Transition",
      rule: "restorePrimary",
      status: { canaryWeight: 100, release: { promotion: { step: "Restore" } } },
    });
  });

  it("is taken for a push, and says so", () => {
    expect(statusAfter(copied({ target: third })).release?.rollback).toMatchObject({
      reason: "NewRevision",
      message: "the target got another template",
    });
  });

  const since = (seconds: number) => {
    const promotion = { step: "Available" as const, since: ago(seconds), savedHash: "good" };
    const primary = known({ ...copiedPrimary, availableReplicas: 1, isRolledOut: false });
    return aReleasing(promoting("Available", { release: { promotion } }), { primary });
  };

  it("is taken when the primary did not become available in time", () => {
    expect(decideNow(since(599))).toMatchObject({ kind: "Converge" });
    expect(decideNow(since(600))).toMatchObject({
      rule: "restorePrimary",
      status: { release: { rollback: { reason: "PromotionFailed" } } },
    });
  });

  it("is not taken when the primary is there, however late that was seen", () => {
    const late = { ...since(900), primary: known(copiedPrimary) };
    expect(decideNow(late)).toMatchObject({ rule: "shiftToPromoted" });
  });

  it("gives the primary its time from the copy on, however long that took to be written", () => {
    const promotion = { step: "Copy" as const, since: ago(900), savedHash: "good" };
    const primary = known({ ...copiedPrimary, availableReplicas: 0, isRolledOut: false });
    const late = aReleasing(promoting("Copy", { release: { promotion } }), { primary });
    expect(decideNow(late)).toMatchObject({
      rule: "recordCopied",
      status: { release: { promotion: { step: "Available", since: ago(0) } } },
    });
  });

  it("wakes up for that deadline", () => {
    const fresh = since(590);
    const snapshot = { ...fresh, status: { ...fresh.status, refreshedAt: ago(0) } };
    expect(decideNow(snapshot)).toMatchObject({ requeueAfterMs: 10_000 });
  });

  it("is begun once", () => {
    const snapshot = aReleasing(promoting("Restore"), { ...bad, primary: known(copiedPrimary) });
    expect(decideNow(snapshot)).toMatchObject({
      kind: "Converge",
      actions: [{ kind: "RestoreTemplate" }],
      message: "the primary is being given its old template back",
    });
  });
});

describe("another template", () => {
  it.each([
    ["a new one", third, "supersede"],
    ["the promoted one", reverted, "revert"],
  ])("takes the weight off until the copy was made: %s", (_, target, rule) => {
    for (const status of [progressing(2, "shifted"), promoting("Copy")])
      expect(decideNow(aReleasing(status, { target }))).toMatchObject({
        rule,
        status: { canaryWeight: 0 },
      });
  });

  it("begins without the drain and the numbers of the release before", () => {
    const { drain, release } = statusAfter(
      aReleasing(progressing(2, "confirmed"), { target: third }),
    );
    expect(drain).toBeUndefined();
    expect(release).not.toHaveProperty("firstTrafficAt");
    expect(release).not.toHaveProperty("unmanagedShare");
  });

  it("keeps the routes of the release before until it is held to its own spec", () => {
    const held = { specRevision: "web-spec-1", claims: [{ key: "VirtualService/edge" }] };
    const status = progressing(2, "confirmed", { release: held });
    expect(statusAfter(aReleasing(status, { target: third })).release).toMatchObject(held);
  });

  it.each([unknown("not read yet"), missing("PrimaryNotFound", "…")])(
    "takes the weight off also when the primary cannot be read",
    (primary) => {
      const snapshot = aReleasing(progressing(2, "confirmed"), { target: third, primary });
      expect(decideNow(snapshot)).toMatchObject({
        kind: "Rollback",
        rule: "supersede",
        status: { canaryWeight: 0, release: { primaryReplicas: 4 } },
      });
    },
  );

  it.each([
    ["traffic", "Rollback", aReleasing(progressing(0, "confirmed"))],
    ["copies", "Rollback", aMirroring("confirmed")],
    ["nothing yet", "Transition", aReleasing(progressing(0, "entered"))],
  ])("leaves the routes to no status write where they carry %s: %s", (_, kind, world) => {
    expect(decideNow({ ...world, target: third })).toMatchObject({ kind, rule: "supersede" });
    expect(decideNow({ ...world, target: reverted })).toMatchObject({ kind, rule: "revert" });
  });

  it("takes the pods that the primary has by now for the measure", () => {
    const primary = known(aWorkload({ name: "web-primary", replicas: 6 }));
    const snapshot = aReleasing(progressing(2, "confirmed"), { target: third, primary });
    expect(statusAfter(snapshot).release?.primaryReplicas).toBe(6);
  });

  it("lets a failed version be tried again once the promoted one was back", () => {
    const status = progressing(1, "confirmed", { status: { lastFailedHash: "third" } });
    expect(statusAfter(aReleasing(status, { target: reverted }))).not.toHaveProperty(
      "lastFailedHash",
    );
  });
});
