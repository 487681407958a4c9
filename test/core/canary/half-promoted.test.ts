import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import {
  isHalfPromoted,
  isWholePrimary,
  planHalfPromoted,
} from "../../../src/core/canary/half-promoted.ts";
import { planActions } from "../../../src/core/canary/plan.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import type { Snapshot, Workload } from "../../../src/core/canary/snapshot.ts";
import { known, missing } from "../../../src/core/fact.ts";
import {
  aReleasing,
  aSnapshot,
  copiedPrimary,
  decideNow,
  deleted,
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
  someRoutes,
  statusAfter,
  suspendedFrom,
} from "../../support/snapshots.ts";

/** "next" was copied over "good", and nobody has said yet that it stays. */
const half: Workload = { ...copiedPrimary, restoreHash: "good" };

const planned = (status: CanaryStatus, primary: Workload = half) =>
  planHalfPromoted({ status }, primary)?.map(({ kind }) => kind);

describe("a primary in the middle of a promotion", () => {
  it.each([
    ["that the status knows nothing of", initializing("CreatePrimary"), "RestoreTemplate"],
    ["before it, by a status of then", progressing(1, "confirmed"), "RestoreTemplate"],
    ["while its version failed, by the status", failed(), "RestoreTemplate"],
    ["while nothing is released, by the status", initialized(), "RestoreTemplate"],
    ["that is under way: Copy", promoting("Copy"), undefined],
    ["that is under way: Available", promoting("Available"), undefined],
    ["that is under way: Restore", promoting("Restore"), undefined],
    ["that is at its end", finalising(), "ConfirmTemplate"],
    ["that was promoted once", initialized({ lastPromotedHash: "next" }), "ConfirmTemplate"],
  ])("%s: %o", (_, status, action) => {
    expect(planned(status)).toEqual(action === undefined ? undefined : [action]);
  });

  it("gets back what it says itself, over the version that was read", () => {
    expect(planHalfPromoted({ status: initialized() }, half)).toEqual([
      { kind: "RestoreTemplate", savedHash: "good", resourceVersion: half.resourceVersion },
    ]);
  });

  it("of another version than the one that is to be copied gets its earlier one back first", () => {
    expect(planned(promoting("Copy"), { ...half, templateHash: "third" })).toEqual([
      "RestoreTemplate",
    ]);
    expect(planned(promoting("Available"), { ...half, templateHash: "third" })).toBeUndefined();
  });

  it("is confirmed when somebody gave the earlier template back, or when it was written as promoted", () => {
    expect(planned(initializing("CreatePrimary"), { ...half, templateHash: "good" })).toEqual([
      "ConfirmTemplate",
    ]);
    const readAnew = { ...half, templateHash: "next, restarted", markedHash: "next" };
    expect(planned(finalising(), readAnew)).toEqual(["ConfirmTemplate"]);
    expect(planned(initialized(), readAnew)).toEqual(["RestoreTemplate"]);
  });

  it("that says nothing, or whose Canary is new, is left alone", () => {
    expect(planned(initialized(), copiedPrimary)).toBeUndefined();
    expect(planned({})).toBeUndefined();
    expect(isHalfPromoted({ status: {}, primary: missing("PrimaryNotFound", "…") })).toBe(false);
    expect(isWholePrimary({ status: initialized(), primary: known(copiedPrimary) }).holds).toBe(
      true,
    );
    expect(isWholePrimary({ status: initialized(), primary: known(half) }).holds).toBe(false);
  });

  it("is not written while the Canary is suspended", () => {
    const status = settled(suspendedFrom(progressing(1, "confirmed")));
    const s = assessSituation(aReleasing(status, { primary: known(half) }), now);
    expect(planActions(s)).toEqual([]);
  });
});

describe("until it has its earlier template", () => {
  const world = (status: CanaryStatus) =>
    aReleasing(status, { primary: known(half), metrics: known([healthy]) });

  it("an initialisation does not take it as promoted", () => {
    const snapshot = world(initializing("CreatePrimary"));
    const begun = { ...snapshot, routes: known(someRoutes({ canaryWeight: 100 })) };
    expect(decideNow(begun)).toMatchObject({
      kind: "Converge",
      actions: [{ kind: "RestoreTemplate", savedHash: "good" }],
      message: expect.stringContaining("not finished"),
    });
    const back = {
      ...begun,
      primary: known({ ...half, templateHash: "good", restoreHash: undefined }),
    };
    expect(statusAfter(back)).toMatchObject({ lastPromotedHash: "good", canaryWeight: 0 });
  });

  it("no weight is raised, and no stage is passed", () => {
    const behind = world(progressing(1, "confirmed"));
    const low = { ...behind, routes: known(someRoutes({ canaryWeight: 10 })) };
    const whole = { ...low, primary: known({ ...half, restoreHash: undefined }) };
    const isBlocked = (snapshot: Snapshot) => {
      const decision = decideNow(snapshot);
      return decision.rule !== "advance" && !JSON.stringify(decision).includes('"Raise"');
    };
    expect(isBlocked(whole)).toBe(false);
    for (const snapshot of [behind, low]) expect(isBlocked(snapshot)).toBe(true);
  });

  it("the target keeps its pods", () => {
    const status = settled(failed());
    const { drain: _, ...drained } = status;
    const snapshot = aSnapshot({
      status: drained,
      target: known(nextTarget),
      primary: known(half),
    });
    const kinds = planActions(assessSituation(snapshot, now)).map(({ kind }) => kind);
    expect(kinds).toEqual(["RestoreTemplate"]);
  });

  it("a deletion does not take it as promoted either", () => {
    const status = initializing("Shift");
    const snapshot = { ...world({ ...status, canaryWeight: 0 }), ...deleted };
    const { lastPromotedHash: _, ...unproven } = snapshot.status;
    expect(statusAfter({ ...snapshot, status: unproven })).toMatchObject({
      phase: "Terminating",
      lastPromotedHash: "good",
    });
  });
});
