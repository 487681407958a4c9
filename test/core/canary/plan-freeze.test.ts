import { describe, expect, it } from "vitest";
import { planActions } from "../../../src/core/canary/plan.ts";
import { planFreeze } from "../../../src/core/canary/plan-freeze.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import type { Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../src/core/fact.ts";
import {
  aDueFreeze,
  aFrozenSpec,
  aHeldFreeze,
  aReleasing,
  deleted,
  nextTarget,
  now,
  progressing,
  promoting,
  someRoutes,
} from "../../support/snapshots.ts";

const keep = [{ kind: "KeepSpec", content: aFrozenSpec() }];
const plan = (snapshot: Snapshot) => planFreeze(assessSituation(snapshot, now));

describe("the spec of a release", () => {
  it("is kept once it is due and accepted, before anything else is done", () => {
    const target = known({ ...nextTarget, replicas: 0 });
    const due = { freeze: aDueFreeze({ isSaved: false }), target };
    const world = aReleasing(progressing(0, "entered"), due);
    expect(planActions(assessSituation(world, now))).toEqual(keep);
    const saved = { ...world, freeze: aDueFreeze({ isSaved: true }) };
    expect(plan(saved)).toEqual([]);
    const refusal = { reason: "Invalid", message: "spec.stages" } as const;
    expect(plan({ ...world, refusal })).toEqual([]);
  });

  it("waits behind no traffic that is to be taken off", () => {
    const world = aReleasing(progressing(0, "entered"), {
      freeze: aDueFreeze({ isSaved: false }),
      routes: known(someRoutes({ canaryWeight: 25 })),
    });
    expect(planActions(assessSituation(world, now))).toMatchObject([
      { kind: "SetWeight", canaryWeight: 0, direction: "Lower" },
      { kind: "KeepSpec" },
    ]);
  });

  it("is kept only when the release before, which was held to another, has no traffic left", () => {
    const freeze = aDueFreeze({ isSaved: false, held: aFrozenSpec() });
    const world = aReleasing(progressing(0, "entered"), { freeze });
    expect(plan(world)).toEqual(keep);
    expect(plan({ ...world, routes: known(someRoutes({ canaryWeight: 1 })) })).toEqual([]);
    expect(plan({ ...world, routes: known(someRoutes({ isUniform: false })) })).toEqual([]);
    expect(plan({ ...world, routes: missing("RouteNotFound", "") })).toEqual([]);
  });

  it("is kept for a release that an earlier Serin began, wherever it stands", () => {
    for (const status of [progressing(2, "confirmed"), promoting("Available")])
      expect(plan(aReleasing(status, { freeze: aDueFreeze({ isSaved: false }) }))).toEqual(keep);
  });

  it("is written down again where somebody deleted it, but not for a Canary that goes with it", () => {
    const freeze = aHeldFreeze({ isSaved: false });
    expect(plan(aReleasing(progressing(1, "confirmed"), { freeze }))).toEqual(keep);
    expect(plan(aReleasing(promoting("Restore"), { freeze, ...deleted }))).toEqual([]);
  });

  it("is looked for where the cache does not show it", () => {
    const status = progressing(1, "confirmed", { release: { specRevision: "web-spec-1" } });
    const world = aReleasing(status, { freeze: unknown("not seen") });
    expect(plan(world)).toEqual([{ kind: "FindSpec", revision: "web-spec-1" }]);
    const unfrozen = aReleasing(progressing(1, "confirmed"), { freeze: unknown("not seen") });
    expect(plan(unfrozen)).toEqual([]);
  });

  it("is written down again when somebody deleted it", () => {
    const world = aReleasing(progressing(1, "confirmed"), { freeze: aHeldFreeze() });
    expect(plan(world)).toEqual([]);
    expect(plan({ ...world, freeze: aHeldFreeze({ isSaved: false }) })).toEqual(keep);
  });
});
