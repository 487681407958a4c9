import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { heldSpec, isFrozen, isHeldToSpec } from "../../../src/core/canary/freeze.ts";
import { recordRelease } from "../../../src/core/canary/release.ts";
import { known, unknown } from "../../../src/core/fact.ts";
import {
  aDueFreeze,
  aFrozenSpec,
  ago,
  aHeldFreeze,
  aReleasing,
  deleted,
  failed,
  initialized,
  now,
  progressing,
  someRoutes,
  statusAfter,
  statuses,
  suspendedFrom,
} from "../../support/snapshots.ts";

describe("a release", () => {
  it.each(["entered", "confirmed", "paused", "copying", "copied", "restoring", "finalising"])(
    "is held to its spec: %s",
    (name) => {
      expect(isHeldToSpec(statuses[name] ?? {})).toBe(true);
    },
  );

  it("is held to its spec while its deletion takes it off, wherever that leaves the routes", () => {
    const begun = statusAfter(aReleasing(progressing(1, "confirmed"), deleted));
    expect(begun.phase).toBe("Terminating");
    expect(isHeldToSpec(begun)).toBe(true);
    // An edit that names other routes must not leave these leading to a primary that is deleted.
    for (const step of ["Shift", "Remove"] as const)
      expect(isHeldToSpec({ ...begun, deletion: { step, since: ago(0) } })).toBe(true);
    expect(isHeldToSpec({ ...begun, deletion: { step: "Orphaned", since: ago(0) } })).toBe(false);
  });

  it("is held to it too where it had failed, and was not seen to be off", () => {
    const begun = (drain: NonNullable<CanaryStatus["drain"]>) => {
      const over = recordRelease(failed({ drain }), "Failed", "MetricLimitExceeded", now);
      return statusAfter(aReleasing(over, { ...deleted, routes: known(someRoutes()) }));
    };
    expect(isHeldToSpec(begun({ startedAt: ago(9) }))).toBe(true);
    expect(isHeldToSpec(begun({ startedAt: ago(9), confirmedAt: ago(1) }))).toBe(false);
  });

  it.each(["entered", "paused", "copied", "finalising"])(
    "is held to its spec while it is suspended: %s",
    (name) => {
      expect(isHeldToSpec(suspendedFrom(statuses[name] ?? {}))).toBe(true);
    },
  );

  it("is not held to it while the suspension is laid over rest", () => {
    expect(isHeldToSpec(suspendedFrom(initialized()))).toBe(false);
  });

  it("is held to nothing before there is one, and once it is over", () => {
    expect(isHeldToSpec({})).toBe(false);
    expect(isHeldToSpec(initialized())).toBe(false);
    expect(isHeldToSpec(failed({ drain: { startedAt: ago(9), confirmedAt: ago(1) } }))).toBe(false);
  });
});

describe("raising", () => {
  it("waits until the spec is kept", () => {
    expect(isFrozen(aHeldFreeze()).holds).toBe(true);
    expect(isFrozen({ kind: "None" }).holds).toBe(true);
    expect(isFrozen(aDueFreeze({ isSaved: true })).holds).toBe(false);
    expect(isFrozen({ kind: "Lost", because: "it is gone" })).toMatchObject({ holds: false });
    expect(isFrozen(unknown("not read"))).toMatchObject({ holds: false, because: "not read" });
  });
});

describe("facts", () => {
  it("are gathered by the spec that is held to, also that of the release before", () => {
    const before = aFrozenSpec();
    expect(heldSpec(aHeldFreeze({ content: before }))).toBe(before);
    expect(heldSpec(aDueFreeze({ isSaved: false, held: before }))).toBe(before);
    expect(heldSpec(aDueFreeze({ isSaved: false }))).toBeUndefined();
    expect(heldSpec({ kind: "Lost", because: "" })).toBeUndefined();
  });
});
