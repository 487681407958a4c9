import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { heldTraffic, isStableEmpty } from "../../../src/core/canary/empty-stable.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import type { Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../src/core/fact.ts";
import {
  ago,
  aReleasing,
  aSnapshot,
  aWorkload,
  broken,
  decideNow,
  failed,
  finalising,
  nextTarget,
  now,
  progressing,
  retreated,
  shared,
  someRoutes,
  statusAfter,
} from "../../support/snapshots.ts";

const primaryWith = (readyReplicas: number) =>
  known(aWorkload({ name: "web-primary", availableReplicas: 0, readyReplicas }));
const empty = { primary: primaryWith(0), routes: known(someRoutes({ canaryWeight: 25 })) };
const world = (status: CanaryStatus, facts: Partial<Snapshot> = {}): Snapshot =>
  aReleasing(status, { ...empty, ...facts });
const held = (snapshot: Snapshot) => heldTraffic(assessSituation(snapshot, now));
const since = (seconds: number) => failed({ drain: { startedAt: ago(seconds) } });
/** withinSeconds of the spec in these worlds. */
const within = 120;

describe("traffic that is to be taken off a version", () => {
  it.each<[string, Partial<Snapshot>, number | undefined]>([
    ["no pod of the primary is ready", {}, 25],
    ["one pod of the primary is ready", { primary: primaryWith(1) }, undefined],
    ["the primary was deleted", { primary: missing("PrimaryNotFound", "gone") }, 25],
    ["another's Deployment has its name", { primary: missing("PrimaryNameTaken", "") }, undefined],
    ["the primary was not read", { primary: unknown("not yet") }, undefined],
    [
      "no pod of the target is ready either",
      { target: known({ ...nextTarget, readyReplicas: 0 }) },
      undefined,
    ],
    ["the routes carry none of it any more", { routes: known(someRoutes()) }, undefined],
  ])("stays or goes by who can answer: %s", (_, facts, weight) => {
    expect(held(world(since(10), facts))?.weight).toBe(weight);
  });

  it.each<[string, CanaryStatus, number | undefined]>([
    ["just before the end of its time", since(within - 1), 1],
    ["at the end of its time", since(within), undefined],
    [
      "once it was seen off the routes",
      failed({ drain: { startedAt: ago(9), routedAt: ago(8) } }),
      undefined,
    ],
    ["once it was let go", failed({ drain: { startedAt: ago(9), releasedAt: ago(8) } }), undefined],
    [
      "of a release that has just begun in another's place",
      progressing(0, "entered", {
        release: { stage: { index: 0, weight: 10, enteredAt: ago(5) } },
      }),
      115,
    ],
  ])("is held for a bounded time: %s", (_, status, seconds) => {
    const until = held(world(status))?.until;
    expect(until === undefined ? undefined : (until - now) / 1000).toBe(seconds);
  });

  it.each<[string, Snapshot]>([
    ["a retreat", world(retreated("NoData", { status: { drain: { startedAt: ago(900) } } }))],
    ["what was promoted", world(finalising({ drain: { startedAt: ago(900) } }))],
    ["a template that was promoted", world(since(900), { target: known(aWorkload()) })],
  ])("is held as long as it takes where no verdict asks for it: %s", (_, snapshot) => {
    expect(held(snapshot)).toMatchObject({ weight: 25, until: undefined });
  });

  it.each<[string, Partial<Snapshot>]>([
    ["evidence", { metrics: known([broken]) }],
    ["an abort", { commands: { abort: "it leaks", command: undefined } }],
    ["an incident of both versions", { metrics: known([shared]) }],
  ])("is decided on at once by %s, and stays in the routes", (_, facts) => {
    const decision = decideNow(world(progressing(1, "confirmed"), facts));
    expect(decision).toMatchObject({ kind: "Rollback", lowerTo: 25, status: { canaryWeight: 0 } });
  });

  it("goes at once where a single pod of the primary is left", () => {
    const facts = { primary: primaryWith(1), metrics: known([broken]) };
    const decision = decideNow(world(progressing(1, "confirmed"), facts));
    expect(decision).toMatchObject({ kind: "Rollback", status: { canaryWeight: 0 } });
    expect(decision).not.toHaveProperty("lowerTo");
  });

  it.each<[string, Partial<Snapshot>]>([
    ["a revert", { target: known(aWorkload({ generation: 12 })) }],
    ["another template", { target: known(aWorkload({ templateHash: "third", generation: 12 })) }],
  ])("stays in the routes after %s", (_, facts) => {
    const before = world(progressing(1, "confirmed"), facts);
    const status = statusAfter(before);
    expect(status.canaryWeight).toBe(0);
    const after = decideNow({ ...before, status });
    expect(after).toMatchObject({ rule: "reportEmptyStable" });
  });
});

describe("a primary without a ready pod", () => {
  const told = (status: CanaryStatus, facts: Partial<Snapshot>) => {
    const before = aSnapshot({ ...empty, target: known(nextTarget), status, ...facts });
    return decideNow({ ...before, status: statusAfter(before) });
  };

  it("is brought up to its count at the start of the release, and the routes are left", () => {
    const primary = known(aWorkload({ name: "web-primary", replicas: 0, availableReplicas: 0 }));
    expect(told(since(10), { primary })).toMatchObject({
      kind: "Converge",
      actions: [{ kind: "Scale", role: "Primary", replicas: 4 }],
    });
  });

  it("that has its replicas is waited for until the time is over", () => {
    expect(told(since(10), {})).toMatchObject({
      kind: "Converge",
      actions: [],
      message: `the primary has no ready pod: the target keeps its 25 % until one is ready, until ${ago(10 - within)} at the latest`,
    });
  });

  it.each<[string, CanaryStatus, Partial<Snapshot>]>([
    ["has one", since(10), { primary: primaryWith(1) }],
    ["had its time", since(within), {}],
  ])("is waited for no longer once it %s", (_, status, facts) => {
    const heldForStable = { since: ago(5), until: ago(5 - within) };
    const decision = decideNow(world({ ...status, heldForStable }, facts));
    expect(decision).toMatchObject({
      kind: "Rollback",
      rule: "lowerRoutes",
      status: { canaryWeight: 0, drain: { releasedAt: ago(0) } },
    });
    expect(statusAfter(world(status, facts), decision)).not.toHaveProperty("heldForStable");
    expect(decision).not.toHaveProperty("lowerTo");
  });

  it("is told apart from one that nobody has read", () => {
    expect(isStableEmpty(world(since(1)))).toBe(true);
    expect(isStableEmpty(world(since(1), { primary: unknown("") }))).toBe(false);
  });
});
