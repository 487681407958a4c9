/** A generated route at the end of its Canary: it goes first, and the subsets only when every proxy has heard of that. */
import { describe, expect, it } from "vitest";
import { isClearing, isRouteGone, planClearing } from "../../../src/core/canary/clearing.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import type { Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../src/core/fact.ts";
import {
  ago,
  aSnapshot,
  aSpec,
  aWorkload,
  decideNow,
  deleted,
  generatedSpec,
  now,
  settled,
  someRoutes,
  statusAfter,
  terminating,
} from "../../support/snapshots.ts";

const there = known("There" as const);
const none = known("None" as const);
const finalizer = { kind: "SetFinalizer", wanted: false };
const subsets = { kind: "RemoveGenerated", part: "Subsets" };
const route = { kind: "RemoveGenerated", part: "Route" };

const orphaning = aSpec({ ...generatedSpec, onDeletion: "Orphan" });

/** The primary is gone, or so many seconds ago the route was seen to be. */
function ending(step: "Remove" | "Clear", seconds: number, overrides: Partial<Snapshot> = {}) {
  return aSnapshot({
    ...deleted,
    status: settled(terminating(step, { deletion: { step, since: ago(seconds) } })),
    spec: known(generatedSpec),
    target: known(aWorkload()),
    primary: missing("PrimaryNotFound", "Deployment shop/web-primary does not exist"),
    routes: known(someRoutes({ isUniform: false, missingObjects: ["VirtualService web"] })),
    generatedRoute: none,
    ...overrides,
  });
}

describe("a generated route", () => {
  const routes = known(someRoutes({ canaryWeight: 100 }));

  it("is deleted once the primary is gone, and nothing else with it", () => {
    expect(decideNow(ending("Remove", 1, { routes, generatedRoute: there }))).toMatchObject({
      kind: "Converge",
      actions: [route],
      message: "deleting the generated route; its subsets are kept until it is gone",
    });
  });

  it("stays while the primary does, or nobody can say", () => {
    const primary = known(aWorkload({ name: "web-primary" }));
    const target = known(aWorkload({ availableReplicas: 0, isRolledOut: false }));
    const world = { routes, target, generatedRoute: there };
    expect(decideNow(ending("Remove", 40, { ...world, primary }))).toMatchObject({ actions: [] });
    const unread = unknown("the VirtualServices have not been read yet");
    expect(decideNow(ending("Remove", 40, { generatedRoute: unread }))).toMatchObject({
      actions: [],
      message: "the VirtualServices have not been read yet",
    });
  });

  it("is told of when it does not go", () => {
    const held = ending("Remove", 600, { routes, generatedRoute: there });
    expect(decideNow(held).rule).toBe("reportBlockedDeletion");
    expect(statusAfter(held).message).toMatch(
      /^the deletion waits: deleting the generated route; .*; mend that, or leave/,
    );
  });

  it("is not made again once it is gone", () => {
    expect(decideNow(ending("Remove", 1)).rule).toBe("recordRouteGone");
    expect(decideNow(ending("Clear", 1))).toMatchObject({ rule: "hold", actions: [] });
  });

  it("is deleted again when somebody brings it back, and waited for anew", () => {
    const again = ending("Clear", 4, { routes, generatedRoute: there });
    expect(decideNow(again).rule).toBe("removeRouteAgain");
    expect(statusAfter(again).deletion).toEqual({ step: "Remove", since: ago(0) });
    expect(planClearing(assessSituation(again, now))).toEqual([route]);
  });

  it("is nobody's to delete before the end, or where routes were adopted", () => {
    const adopted = assessSituation(ending("Remove", 1, { spec: known(aSpec()) }), now);
    expect([isClearing(adopted), isRouteGone(adopted).holds]).toEqual([false, false]);
    expect(decideNow(ending("Remove", 1, { spec: known(aSpec()) }))).toMatchObject({
      rule: "letGo",
      actions: [finalizer],
    });
  });
});

describe("the subsets of a generated route", () => {
  it.each([
    [0, "hold", 5_000],
    [4.999, "hold", 1],
    [5, "letGo", undefined],
    [6.999, "letGo", undefined],
  ])("go when every proxy has had 5 s: %d s later, %s", (seconds, rule, requeueAfterMs) => {
    const namespace = missing("Forbidden", "may not get it");
    const decision = decideNow(ending("Clear", seconds, { namespace }));
    expect(decision).toMatchObject({ rule, requeueAfterMs });
    expect(decision.kind === "Converge" ? decision.actions : []).toEqual(
      rule === "letGo" ? [subsets, finalizer] : [],
    );
  });

  it("are given that time once more where nobody acted on its end", () => {
    const late = ending("Clear", 7);
    expect(decideNow(late).rule).toBe("recordRouteGone");
    expect(statusAfter(late).deletion).toEqual({ step: "Clear", since: ago(0) });
  });

  it("stay while nobody can say whether the route is there", () => {
    const unread = unknown("the VirtualServices have not been read yet");
    expect(decideNow(ending("Clear", 6, { generatedRoute: unread }))).toMatchObject({
      rule: "hold",
      actions: [],
    });
  });

  it.each([
    ["its namespace", { namespace: known({ isEnding: true, readAt: now }) }],
    ["everything left as it is", { asked: known(orphaning) }],
  ])("hold nothing up that goes with %s", (_, overrides) => {
    for (const step of ["Remove", "Clear"] as const)
      expect(decideNow(ending(step, 1, { ...overrides, generatedRoute: there }))).toMatchObject({
        rule: "letGo",
        actions: [finalizer],
      });
  });

  it("hold nothing up when the routes are edited to be somebody's own meanwhile", () => {
    expect(decideNow(ending("Clear", 6, { spec: known(aSpec()) })).rule).toBe("letGo");
  });
});
