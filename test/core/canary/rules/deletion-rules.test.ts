import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../../src/api/canary-status.ts";
import type { Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../../src/core/fact.ts";
import {
  ago,
  aNewcomer,
  aReleasing,
  aSnapshot,
  aSpec,
  aWorkload,
  copiedPrimary,
  decideNow,
  deleted,
  failed,
  finalising,
  initializing,
  nextTarget,
  now,
  progressing,
  promoting,
  settled,
  someRoutes,
  statusAfter,
  terminating,
  waiting,
} from "../../../support/snapshots.ts";

const release = { actions: [{ kind: "SetFinalizer", wanted: false }] };
const gone = missing("PrimaryNotFound", "Deployment shop/web-primary does not exist");
const down = known(aWorkload({ name: "web-primary", availableReplicas: 0, isRolledOut: false }));

describe("a Canary that is deleted goes at once", () => {
  const cases: readonly [string, Snapshot][] = [
    ["that was never touched", aNewcomer(deleted)],
    [
      "that is to be orphaned, even during a release",
      aReleasing(progressing(1, "confirmed"), {
        ...deleted,
        asked: known(aSpec({ onDeletion: "Orphan" })),
      }),
    ],
    [
      "with its namespace",
      aReleasing(progressing(1, "confirmed"), {
        ...deleted,
        namespace: known({ isEnding: true, readAt: now - 600_000 }),
      }),
    ],
    [
      "with its target and its primary",
      aSnapshot({
        ...deleted,
        primary: gone,
        target: missing("TargetNotFound", "Deployment shop/web does not exist"),
      }),
    ],
  ];

  it.each(cases)("%s", (_, snapshot) => {
    expect(decideNow(snapshot)).toMatchObject({ rule: "letGo", kind: "Converge", ...release });
  });

  it("is left alone where only others hold it", () => {
    const snapshot = aReleasing(progressing(1, "confirmed"), {
      ...deleted,
      deletion: { isAsked: true, isHeld: false },
    });
    expect(decideNow(snapshot)).toMatchObject({ rule: "letGo", actions: [] });
  });

  it("goes on as it was while nobody deletes it", () => {
    expect(decideNow(aReleasing(progressing(1, "confirmed"))).rule).toBe("advance");
  });
});

describe("a Canary that is deleted with a spec that cannot be read", () => {
  const unread = missing("SpecInvalid", "spec.stages: must be an array");
  const nothing = unknown("the spec is not readable");
  const blind = {
    ...deleted,
    spec: unread,
    asked: unread,
    target: nothing,
    primary: nothing,
    routes: nothing,
    metrics: nothing,
  };

  it.each(["Serve", "Shift", "Remove"] as const)("leaves everything and says so: in %s", (step) => {
    const snapshot = aSnapshot({ ...blind, status: settled(terminating(step)) });
    expect(decideNow(snapshot)).toMatchObject({ kind: "Transition", rule: "keepPrimary" });
    const after = statusAfter(snapshot);
    expect(after.deletion).toMatchObject({ step: "Orphaned" });
    expect(after.outbox).toMatchObject([{ reason: "Orphaned" }]);
    expect(after.message).toContain(
      "the Canary is deleted, and its spec cannot be read (spec.stages: must be an array)",
    );
  });

  it("goes once people were told", () => {
    const deletion = { step: "Orphaned" as const, since: ago(1) };
    const status = terminating("Serve", { deletion });
    expect(decideNow(aSnapshot({ ...blind, status }))).toMatchObject({ rule: "letGo", ...release });
  });
});

describe("the beginning of a deletion", () => {
  const begin = (status: CanaryStatus, overrides: Partial<Snapshot> = {}) => {
    const snapshot = aReleasing(status, { ...deleted, ...overrides });
    return { decision: decideNow(snapshot), status: statusAfter(snapshot) };
  };

  it.each([
    ["in a stage", progressing(2, "confirmed")],
    ["before the copy", promoting("Copy")],
    ["that waits", waiting(progressing(1, "confirmed"), "Paused")],
    ["of a suspended release", { ...progressing(1, "confirmed"), phase: "Suspended" as const }],
  ])("takes all traffic off a version %s", (_, status) => {
    const { decision, status: after } = begin(status);
    expect(decision).toMatchObject({ kind: "Rollback", rule: "beginDeletion" });
    expect(after).toMatchObject({ phase: "Terminating", canaryWeight: 0 });
    expect(after).not.toHaveProperty("drain");
  });

  it("leaves the traffic where it is while the primary has no pods, and takes it off when it has", () => {
    const first = begin(progressing(1, "confirmed"), { primary: down });
    expect(first.decision.kind).toBe("Transition");
    expect(first.status).toMatchObject({ phase: "Terminating", canaryWeight: 25 });
    const waiting = begin(first.status, { primary: down });
    expect(waiting.decision).toMatchObject({
      kind: "Converge",
      message: expect.stringContaining("the target keeps its traffic until it has some"),
    });
    const second = begin(first.status);
    expect(second.decision.kind).toBe("Rollback");
    expect(second.status).toMatchObject({ canaryWeight: 0, deletion: { step: "Serve" } });
  });

  it("takes a promotion back that was suspended after its copy, and then the traffic", () => {
    const suspended = { ...promoting("Available"), phase: "Suspended" as const };
    const copied = { primary: known(copiedPrimary) };
    const first = begin(suspended, copied).status;
    expect(first).toMatchObject({ phase: "Terminating", canaryWeight: 100 });
    expect(begin(first, copied).decision).toMatchObject({
      kind: "Converge",
      actions: [{ kind: "RestoreTemplate", savedHash: "good" }],
    });
    const rolling = { primary: known(aWorkload({ name: "web-primary", isRolledOut: false })) };
    expect(begin(first, rolling).decision).toMatchObject({ rule: "hold", actions: [] });
    expect(begin(first).decision).toMatchObject({ kind: "Rollback", rule: "beginDeletion" });
  });

  it("takes nothing off the target while it serves alone", () => {
    const { decision, status } = begin(initializing("CreatePrimary"), {
      target: known(aWorkload()),
      primary: gone,
    });
    expect(decision.kind).toBe("Transition");
    expect(status).toMatchObject({ canaryWeight: 100, deletion: { step: "Shift" } });
    expect(status).not.toHaveProperty("initialisation");
  });

  it("takes an existing primary for what was promoted", () => {
    const { canaryWeight: _, ...adopting } = initializing("CreatePrimary");
    const { status } = begin(adopting);
    expect(status).toMatchObject({ lastPromotedHash: "good", deletion: { step: "Serve" } });
    expect(status).not.toHaveProperty("canaryWeight");
  });

  it("is told once, with the release that it ends", () => {
    const { outbox } = begin(progressing(1, "confirmed")).status;
    expect(outbox).toMatchObject([{ reason: "Terminating", facts: { release: "next-1" } }]);
    expect(begin(finalising(), { primary: known(copiedPrimary) }).status.message).toBe(
      "the Canary was deleted during a release: the new version loses its traffic; the target is made to serve without Serin",
    );
  });

  it("waits for the primary's old template where it is being written back", () => {
    const snapshot = aReleasing(promoting("Restore"), {
      ...deleted,
      primary: known(copiedPrimary),
    });
    expect(decideNow(snapshot)).toMatchObject({
      kind: "Converge",
      actions: [{ kind: "RestoreTemplate", savedHash: "good" }],
    });
  });
});

describe("a deletion", () => {
  const serving = (overrides: Partial<Snapshot>) =>
    aSnapshot({ ...deleted, status: settled(terminating("Serve")), ...overrides });

  it("gives the target as many pods as the primary has, and waits for all of them", () => {
    const idle = serving({ target: known(aWorkload({ replicas: 0, availableReplicas: 0 })) });
    expect(decideNow(idle)).toMatchObject({
      kind: "Converge",
      actions: [{ kind: "Scale", role: "Target", replicas: 4 }],
      message: "bringing the target up to serve without Serin: 0 of 4 pods are available",
    });
    const three = known(aWorkload({ availableReplicas: 3, isRolledOut: false }));
    expect(decideNow(serving({ target: three })).rule).toBe("hold");
    expect(decideNow(serving({ target: known(aWorkload()) })).rule).toBe("serveFromTarget");
  });

  it("takes no pods from a target that has more", () => {
    const more = known(aWorkload({ replicas: 9, availableReplicas: 2, isRolledOut: false }));
    expect(decideNow(serving({ target: more }))).toMatchObject({ actions: [] });
  });

  it("reads the namespace before it changes anything, and again as it ages", () => {
    const target = known(aWorkload({ replicas: 0, availableReplicas: 0 }));
    const unread = serving({ target, namespace: unknown("not read yet") });
    expect(decideNow(unread)).toMatchObject({ actions: [{ kind: "ReadNamespace" }] });
    const old = serving({ target, namespace: known({ isEnding: false, readAt: now - 10_000 }) });
    expect(decideNow(old)).toMatchObject({ actions: [{ kind: "ReadNamespace" }] });
    const young = serving({
      target: known(aWorkload({ availableReplicas: 3, isRolledOut: false })),
      namespace: known({ isEnding: false, readAt: now - 9_000 }),
    });
    expect(decideNow(young)).toMatchObject({ actions: [], requeueAfterMs: 1_000 });
    const forbidden = serving({ target, namespace: missing("Forbidden", "may not get it") });
    expect(decideNow(forbidden)).toMatchObject({ actions: [{ kind: "Scale" }] });
  });

  it("writes no template back that was promoted, and waits while another is on the primary", () => {
    const copied = terminating("Serve", { release: promoting("Copy").release });
    const snapshot = aReleasing(copied, { ...deleted, primary: known(copiedPrimary) });
    expect(decideNow(snapshot)).toMatchObject({
      kind: "Converge",
      actions: [{ kind: "RestoreTemplate" }],
      message: "the primary is being given its template back",
    });
  });

  it.each([
    ["that is gone", missing("TargetNotFound", "Deployment shop/web does not exist"), "create the"],
    ["with another template", known(nextTarget), "give Deployment web the template"],
  ])("keeps the primary of a target %s", (_, target, advice) => {
    const { deletion, message } = statusAfter(serving({ target }));
    expect(deletion).toEqual({ step: "Orphaned", since: ago(0) });
    expect(message).toContain(advice);
    expect(message).toContain("kubectl -n shop delete deployment web-primary");
  });

  it("keeps the primary only once all traffic is on it", () => {
    const target = known(nextTarget);
    const routes = known(someRoutes({ isUniform: false }));
    expect(decideNow(serving({ target, routes }))).toMatchObject({
      rule: "hold",
      actions: [{ kind: "SetWeight", canaryWeight: 0 }],
    });
    const unwritable = missing("VirtualServiceNotFound", "it does not exist");
    expect(decideNow(serving({ target, routes: unwritable })).rule).toBe("keepPrimary");
    const unread = unknown("not read yet");
    expect(decideNow(serving({ target, routes: unread })).rule).toBe("hold");
  });

  it.each([
    ["untold", 59, 1, "hold"],
    ["untold for long", 60, 1, "letGo"],
    ["told", 1, 0, "letGo"],
  ])("holds what is orphaned until people know: %s", (_, seconds, entries, rule) => {
    const entry = { id: "one", reason: "Orphaned", severity: "Error", message: "" } as const;
    const outbox = Array.from({ length: entries }, () => ({ ...entry, at: ago(1), facts: {} }));
    const deletion = { step: "Orphaned" as const, since: ago(seconds) };
    const status = settled(terminating("Orphaned", { deletion, outbox }));
    const decision = decideNow(serving({ status, target: known(nextTarget) }));
    const requeueAfterMs = rule === "hold" ? 1_000 : undefined;
    expect(decision).toMatchObject({ rule, requeueAfterMs });
  });

  it("follows a rollback that was just written", () => {
    const settledFailure = aReleasing(failed(), deleted);
    expect(statusAfter(settledFailure)).toMatchObject({ phase: "Terminating", canaryWeight: 0 });
  });
});
