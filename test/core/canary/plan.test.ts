import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { planActions } from "../../../src/core/canary/plan.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import type { Routes, Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../src/core/fact.ts";
import {
  ago,
  aNewcomer,
  aReleasing,
  aSnapshot,
  aWorkload,
  broken,
  copiedPrimary,
  failed,
  finalising,
  healthy,
  initialized,
  initializing,
  nextTarget,
  now,
  progressing,
  promoting,
  settled,
  silent,
  someRoutes,
  statusAfter,
  unreadable,
} from "../../support/snapshots.ts";

const plan = (snapshot: Snapshot) => planActions(assessSituation(snapshot, now));

/** At 25 % by status, with other routes. */
function drifted(routes: Partial<Routes>, world: Partial<Snapshot> = {}): Snapshot {
  const status = progressing(1, "confirmed");
  return aReleasing(status, {
    routes: known(someRoutes({ canaryWeight: 25, ...routes })),
    ...world,
  });
}

describe("routes", () => {
  it("that carry what was decided are left alone", () => {
    expect(plan(drifted({}))).toEqual([]);
    expect(plan(drifted({}, { routes: unknown("not read yet") }))).toEqual([]);
  });

  it.each([healthy, broken, unreadable])(
    "that carry too much are lowered whatever is known",
    (metric) => {
      const snapshot = drifted({ canaryWeight: 26 }, { metrics: known([metric]) });
      expect(plan(snapshot)).toEqual([{ kind: "SetWeight", canaryWeight: 25, direction: "Lower" }]);
    },
  );

  it.each([
    ["raised on fresh checks", healthy, 1],
    ["raised on a silent canary", silent, 1],
    ["not raised on a fail", broken, 0],
    ["not raised on an error", unreadable, 0],
  ])("that carry too little are %s", (_, metric, actions) => {
    const snapshot = drifted({ canaryWeight: 24 }, { metrics: known([metric]) });
    expect(plan(snapshot)).toEqual(
      [{ kind: "SetWeight", canaryWeight: 25, direction: "Raise" }].slice(0, actions),
    );
  });

  it.each([
    [2, 1],
    [1, 0],
  ])("are raised again only to pods that are there: %i of 2", (availableReplicas, actions) => {
    const target = known({ ...nextTarget, availableReplicas });
    expect(plan(drifted({ canaryWeight: 0 }, { target }))).toHaveLength(actions);
  });

  it("are not raised under a spec that is refused or was not read", () => {
    for (const metrics of [missing("TemplateNotFound", "…"), unknown("…")])
      expect(plan(drifted({ canaryWeight: 0 }, { metrics }))).toEqual([]);
  });

  it("without explicit weights are written, at 0 at once and above under the raise rule", () => {
    const idle = aSnapshot({ routes: known(someRoutes({ isUniform: false })) });
    expect(plan(idle)).toEqual([{ kind: "SetWeight", canaryWeight: 0, direction: "Lower" }]);
    expect(plan(drifted({ isUniform: false }))).toEqual([
      { kind: "SetWeight", canaryWeight: 25, direction: "Raise" },
    ]);
    expect(plan(drifted({ isUniform: false }, { metrics: known([broken]) }))).toEqual([]);
  });

  it("that are not there begin with all traffic on the live pods while there is no primary", () => {
    const routes = known(someRoutes({ isUniform: false, missingObjects: ["VirtualService web"] }));
    const creating = aNewcomer({ status: initializing("CreatePrimary"), routes });
    expect(plan(creating)[0]).toEqual({ kind: "CreateObjects", canaryWeight: 100 });
    expect(plan(aSnapshot({ routes }))).toEqual([{ kind: "CreateObjects", canaryWeight: 0 }]);
  });

  it("wait for the Services that they name", () => {
    expect(plan(drifted({ canaryWeight: 0, missingObjects: ["web-canary"] }))).toEqual([
      { kind: "CreateObjects", canaryWeight: 0 },
    ]);
  });

  it("give the live pods all traffic while there is no primary, and stay where one may serve", () => {
    const creating = aNewcomer({ status: initializing("CreatePrimary") });
    expect(plan(creating)[0]).toEqual({ kind: "SetWeight", canaryWeight: 100, direction: "Raise" });
    const { canaryWeight: _, ...status } = initializing("CreatePrimary");
    expect(plan(aSnapshot({ status, target: known(aWorkload()) }))).toEqual([]);
  });
});

describe("the primary", () => {
  const create = (target = aWorkload()) =>
    plan(
      aNewcomer({
        status: initializing("CreatePrimary"),
        target: known(target),
        routes: known(someRoutes({ canaryWeight: 100 })),
      }),
    );

  it("is created with the target's template and pods, one at least", () => {
    expect(create()).toEqual([{ kind: "CreatePrimary", replicas: 4, templateHash: "good" }]);
    expect(create(aWorkload({ replicas: 0 }))).toMatchObject([{ replicas: 1 }]);
  });

  it("is made anew while idle, from the promoted template alone", () => {
    const primary = missing("PrimaryNotFound", "…");
    expect(plan(aSnapshot({ primary }))).toMatchObject([{ kind: "CreatePrimary" }]);
    const target = known(aWorkload({ templateHash: "other" }));
    expect(plan(aSnapshot({ primary, target }))).toMatchObject([{ templateHash: "good" }]);
    expect(plan(aSnapshot({ primary: missing("PrimaryNameTaken", "…") }))).toEqual([]);
  });

  it("is made anew with the pods it was last seen to have, one at least", () => {
    const primary = missing("PrimaryNotFound", "…");
    const seen = (replicas: number) => ({
      primary: { uid: "1", generation: 3, templateHash: "good", replicas },
    });
    const madeOf = (status: CanaryStatus) => plan(aReleasing(status, { primary }));
    expect(madeOf(initialized({ workloads: seen(6) }))).toMatchObject([{ replicas: 6 }]);
    expect(madeOf(initialized({ workloads: seen(0) }))).toMatchObject([{ replicas: 1 }]);
    expect(madeOf(initialized())).toMatchObject([{ replicas: 4 }]);
    const running = progressing(1, "confirmed", { status: { workloads: seen(2) } });
    expect(madeOf(running)).toMatchObject([{ replicas: 4, templateHash: "good" }]);
  });

  it.each(["Suspended", "Terminating"] as const)("is not made anew while %s", (phase) => {
    const primary = missing("PrimaryNotFound", "…");
    const status = settled({ ...initialized(), phase });
    const actions = plan(aSnapshot({ status, primary, target: known(aWorkload()) }));
    expect(actions.map(({ kind }) => kind)).not.toContain("CreatePrimary");
  });

  it("is not created while it was not read", () => {
    const blind = { status: initializing("CreatePrimary"), primary: unknown("…") };
    expect(plan(aSnapshot({ ...blind, routes: known(someRoutes({ canaryWeight: 100 })) }))).toEqual(
      [],
    );
  });

  it("gets the template under release at the copy, once", () => {
    expect(plan(aReleasing(promoting("Copy")))).toEqual([
      { kind: "CopyTemplate", templateHash: "next", savedHash: "good", resourceVersion: "41" },
    ]);
    expect(plan(aReleasing(promoting("Copy"), { primary: known(copiedPrimary) }))).toEqual([]);
    expect(plan(aReleasing(promoting("Copy"), { autoscaler: known("ScaledObject web") }))).toEqual(
      [],
    );
  });

  it("gets its old template back on the way back, also under a refused spec", () => {
    const world = { primary: known(copiedPrimary), autoscaler: known("ScaledObject web") };
    expect(plan(aReleasing(promoting("Restore"), world))).toEqual([
      { kind: "RestoreTemplate", savedHash: "good", resourceVersion: "41" },
    ]);
    expect(plan(aReleasing(promoting("Restore")))).toEqual([]);
  });

  it.each([
    ["a version that failed", { metrics: known([broken]) }],
    ["a version that was reverted", { target: known(aWorkload({ templateHash: "good" })) }],
  ])("gets its old template back when the copy of %s arrives late", (_, end) => {
    const ended = statusAfter(aReleasing(promoting("Copy"), end));
    expect(ended.release?.promotion?.step).toBe("Copy");
    const restore = { kind: "RestoreTemplate", savedHash: "good", resourceVersion: "41" };
    expect(plan(aReleasing(ended, { primary: known(copiedPrimary) }))).toContainEqual(restore);
    expect(plan(aReleasing(ended))).not.toContainEqual(restore);
  });

  it("gets its old template back when a copy that the release before gave up arrives", () => {
    const abandoned = { templateHash: "next", savedHash: "good" };
    const status = progressing(1, "confirmed", {
      release: { templateHash: "third", abandoned },
    });
    const target = known(aWorkload({ templateHash: "third" }));
    expect(plan(aReleasing(status, { target, primary: known(copiedPrimary) }))).toEqual([
      { kind: "RestoreTemplate", savedHash: "good", resourceVersion: "41" },
    ]);
    expect(plan(aReleasing(status, { target }))).toEqual([]);
  });

  it.each([
    [3, 1],
    [4, 0],
    [5, 0],
  ])("with %i pods is scaled %i times while a release began with 4", (replicas, actions) => {
    const primary = known(aWorkload({ name: "web-primary", replicas }));
    expect(plan(aReleasing(progressing(0, "confirmed"), { primary }))).toEqual(
      [{ kind: "Scale", role: "Primary", replicas: 4, resourceVersion: "41" }].slice(0, actions),
    );
    expect(plan(aSnapshot({ primary }))).toEqual([]);
  });
});

describe("the target", () => {
  const at = (status: CanaryStatus, replicas: number, world: Partial<Snapshot> = {}) =>
    plan(
      aReleasing(status, {
        target: known({ ...nextTarget, replicas, availableReplicas: 4 }),
        ...world,
      }),
    );

  it.each([
    [0, 1, 2],
    [1, 1, 2],
    [2, 1, 2],
    [2, 0, 2],
    [3, 3, 4],
    [3, 2, 4],
  ])("in stage %i with %i pods gets %i", (index, replicas, wanted) => {
    const actions = at(progressing(index, "entered"), replicas);
    expect(actions).toEqual([
      { kind: "Scale", role: "Target", replicas: wanted, resourceVersion: "41" },
    ]);
  });

  it("keeps more pods than a stage needs", () => {
    expect(at(progressing(0, "entered"), 4)).toEqual([]);
    expect(at(finalising(), 4, { primary: known(copiedPrimary) })).toEqual([]);
  });

  const drain = { startedAt: ago(90), routedAt: ago(89) };
  it.each([
    ["keeps its pods until its last request was seen", failed({ drain }), 0],
    ["keeps its pods for the delay", failed({ drain: { ...drain, confirmedAt: ago(29) } }), 0],
    ["is scaled to 0 then", failed({ drain: { ...drain, confirmedAt: ago(30) } }), 1],
  ])("%s", (_, status, actions) => {
    expect(at(status, 4)).toEqual(
      [{ kind: "Scale", role: "Target", replicas: 0, resourceVersion: "41" }].slice(0, actions),
    );
  });

  it("keeps its pods while a route leads to them, or the primary has none", () => {
    const over = failed({ drain: { ...drain, confirmedAt: ago(60) } });
    const primary = known(aWorkload({ name: "web-primary", availableReplicas: 0 }));
    expect(at(over, 4, { primary })).toEqual([]);
    expect(at(over, 4, { routes: unknown("not read yet") })).toEqual([]);
    expect(at(over, 4, { routes: known(someRoutes({ canaryWeight: 5 })) })).toMatchObject([
      { kind: "SetWeight", canaryWeight: 0 },
    ]);
  });
});
