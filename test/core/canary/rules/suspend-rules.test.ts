import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../../src/api/canary-status.ts";
import type { Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known } from "../../../../src/core/fact.ts";
import { aborting, asking } from "../../../support/command-snapshots.ts";
import {
  ago,
  aNewcomer,
  aReleasing,
  broken,
  copiedPrimary,
  decideNow,
  failed,
  initialized,
  nextTarget,
  progressing,
  promoting,
  retreated,
  settled,
  someRoutes,
  statusAfter,
  statuses,
  suspendedFrom,
  suspending,
} from "../../../support/snapshots.ts";

/** A suspended Canary. */
function held(status: CanaryStatus, overrides: Partial<Snapshot> = {}): Snapshot {
  return aReleasing(suspendedFrom(status), { ...suspending, ...overrides });
}
const evidence = { metrics: known([broken]) };
const inPhases = Object.entries(statuses).filter(
  ([, { phase }]) => phase !== undefined && phase !== "Suspended" && phase !== "Terminating",
);

describe("spec.suspend", () => {
  it.each(inPhases)("suspends from every phase, and remembers it: %s", (_, status) => {
    const world = aReleasing(status, {
      ...suspending,
      routes: known(someRoutes({ canaryWeight: status.canaryWeight ?? 0 })),
    });
    expect(statusAfter(world)).toMatchObject({
      phase: "Suspended",
      suspended: { since: ago(0), phase: status.phase },
    });
  });

  it("holds an initialisation back", () => {
    expect(decideNow(aNewcomer(suspending))).toMatchObject({
      kind: "Converge",
      message: "spec.suspend is set: nothing is created until it is false",
    });
  });

  it.each([
    ["lowered by hand", { routes: known(someRoutes({ canaryWeight: 5 })) }],
    ["raised by hand", { routes: known(someRoutes({ canaryWeight: 60 })) }],
    ["scaled by hand", { target: known({ ...nextTarget, replicas: 1, availableReplicas: 1 }) }],
    ["pushed", { target: known({ ...nextTarget, templateHash: "third" }) }],
  ])("leaves alone what was %s", (_, hands) => {
    for (const status of [progressing(1, "confirmed"), initialized(), promoting("Copy")])
      expect(decideNow(held(status, hands))).toMatchObject({ kind: "Converge", actions: [] });
  });

  it("refuses commands, and says what to do", () => {
    expect(statusAfter(held(progressing(1, "confirmed"), asking("promote")))).toMatchObject({
      phase: "Suspended",
      lastCommand: { outcome: "Refused", message: expect.stringContaining("set it to false") },
    });
  });

  it("is shown to pipelines as ready where nothing is under way, and never as going on", () => {
    const conditions = (status: CanaryStatus) =>
      statusAfter(aReleasing(status, suspending))
        .conditions?.map(({ type, status: is, reason }) => `${type}=${is} ${reason}`)
        .slice(0, 3);
    expect(conditions(initialized())).toEqual([
      "Ready=True Suspended",
      "Reconciling=False Suspended",
      "Stalled=False NotStalled",
    ]);
    expect(conditions(progressing(1, "confirmed"))).toEqual([
      "Ready=False Suspended",
      "Reconciling=False Suspended",
      "Stalled=False NotStalled",
    ]);
  });
});

describe("a release that is suspended", () => {
  it.each(["entered", "confirmed", "full", "copying", "paused"])(
    "is taken off on evidence and on an abort: %s",
    (name) => {
      for (const against of [evidence, aborting()])
        expect(decideNow(held(statuses[name] ?? {}, against))).toMatchObject({
          kind: "Rollback",
          rule: "takeOffSuspended",
          status: {
            phase: "Suspended",
            suspended: { since: ago(60), phase: "Failed" },
            canaryWeight: 0,
            lastFailedHash: "next",
            history: [{ outcome: "Failed" }],
          },
        });
    },
  );

  it("is lowered until the routes were seen without it, then the routes are the people's", () => {
    const off = statusAfter(held(progressing(1, "confirmed"), aborting()));
    const routed = aReleasing(off, {
      ...suspending,
      routes: known(someRoutes({ canaryWeight: 25 })),
    });
    expect(decideNow(routed)).toMatchObject({
      kind: "Converge",
      actions: [{ kind: "SetWeight", canaryWeight: 0, direction: "Lower" }],
    });
    const gone = { ...routed, routes: known(someRoutes()) };
    const seen = statusAfter(gone);
    expect(seen).toMatchObject({ phase: "Suspended", drain: { routedAt: ago(0) } });
    expect(decideNow({ ...routed, status: forgotten(seen) })).toMatchObject({
      kind: "Converge",
      actions: [],
    });
  });

  it("is taken off without a verdict where another template was pushed meanwhile, until that was seen", () => {
    const target = known({ ...nextTarget, templateHash: "third" });
    const pushed = held(progressing(1, "confirmed"), { ...evidence, target });
    const off = statusAfter(pushed);
    expect(off).toMatchObject({
      phase: "Suspended",
      suspended: { phase: "Initialized" },
      canaryWeight: 0,
      history: [{ outcome: "Superseded" }],
    });
    expect(off).not.toHaveProperty("lastFailedHash");
    const routed = { ...pushed, routes: known(someRoutes({ canaryWeight: 25 })) };
    expect(decideNow({ ...routed, status: off })).toMatchObject({
      actions: [{ kind: "SetWeight", canaryWeight: 0, direction: "Lower" }],
    });
    const seen = statusAfter({ ...pushed, status: off, routes: known(someRoutes()) });
    expect(seen).toMatchObject({ phase: "Suspended", drain: { routedAt: ago(0) } });
    expect(decideNow({ ...routed, status: seen })).toMatchObject({
      actions: [],
      message: expect.stringContaining("ended without a verdict, then the template pushed"),
    });
  });

  it("while its primary is replaced gets its old template back once it may", () => {
    const primary = known(copiedPrimary);
    const aborted = held(promoting("Available"), { ...aborting(), primary });
    const status = statusAfter(aborted);
    expect(status).toMatchObject({
      phase: "Suspended",
      suspended: { phase: "Promoting" },
      release: { promotion: { step: "Restore" }, rollback: { reason: "Aborted" } },
      lastCommand: { action: "abort", outcome: "Done" },
    });
    const { commands } = asking("pause");
    const waits = { ...aborted, commands, status: { ...forgotten(status), commandIds: ["c-1"] } };
    expect(decideNow(waits)).toMatchObject({
      kind: "Converge",
      actions: [],
      message: expect.stringContaining("then the primary gets its old template back"),
    });
    const resumed = statusAfter(aReleasing(forgotten(status), { primary }));
    expect(decideNow(aReleasing(resumed, { primary }))).toMatchObject({
      actions: [{ kind: "RestoreTemplate" }],
    });
  });

  it("goes on in its stage, with the routes as people left them treated as ever", () => {
    const world = (canaryWeight: number) => ({ routes: known(someRoutes({ canaryWeight })) });
    const resumed = statusAfter(aReleasing(suspendedFrom(progressing(1, "confirmed"))));
    expect(decideNow(aReleasing(resumed, world(40)))).toMatchObject({
      actions: [{ canaryWeight: 25, direction: "Lower" }],
    });
    expect(decideNow(aReleasing(resumed, world(5)))).toMatchObject({
      actions: [{ canaryWeight: 25, direction: "Raise" }],
    });
    expect(decideNow(aReleasing(resumed, world(0))).rule).toBe("restartStages");
    expect(decideNow(aReleasing(resumed, world(25))).rule).toBe("recordStageRouted");
  });

  it("starts what was pushed meanwhile", () => {
    const pushed = { target: known({ ...nextTarget, templateHash: "third" }) };
    const resumed = statusAfter(aReleasing(suspendedFrom(progressing(1, "confirmed")), pushed));
    expect(decideNow(aReleasing(resumed, pushed)).rule).toBe("supersede");
  });

  it("tells nobody twice that it was rolled back", () => {
    const rollback = failed().release?.rollback;
    const release = failed().release;
    const confirmed = failed({
      drain: { startedAt: ago(90), routedAt: ago(89), confirmedAt: ago(60) },
      ...(release &&
        rollback && {
          release: {
            ...release,
            rollback: { ...rollback, appliedAt: ago(89), confirmedAt: ago(60) },
          },
        }),
    });
    let status: CanaryStatus = settled(suspendedFrom(confirmed));
    for (let pass = 0; pass < 4; pass += 1)
      status = statusAfter(aReleasing(status, { routes: known(someRoutes()) }));
    expect(status.outbox?.map(({ reason }) => reason)).toEqual(["SuspensionEnded"]);
    expect(status.release?.rollback).toMatchObject({ appliedAt: ago(89), confirmedAt: ago(60) });
  });
});

/** The status once the annotation of the abort was seen to be gone. */
function forgotten(answered: CanaryStatus): CanaryStatus {
  const { openAbort: _, ...status } = answered;
  return status;
}

describe("a retreat that a suspension came upon", () => {
  const routed = (canaryWeight: number) => ({ routes: known(someRoutes({ canaryWeight })) });
  const decided = retreated("NoData", { status: { drain: { startedAt: ago(5) } } });

  it("is written to the routes all the same", () => {
    expect(decideNow(held(decided, routed(25)))).toMatchObject({
      rule: "takeOffSuspended",
      actions: [{ kind: "SetWeight", canaryWeight: 0, direction: "Lower" }],
    });
  });

  it("is over once the routes were seen without it, and they are the people's", () => {
    const seen = statusAfter(held(decided));
    expect(seen).toMatchObject({
      phase: "Suspended",
      suspended: { phase: "Progressing" },
      drain: { routedAt: ago(0) },
    });
    expect(decideNow(aReleasing(seen, { ...suspending, ...routed(60) }))).toMatchObject({
      kind: "Converge",
      actions: [],
    });
  });
});
