import { describe, expect, it } from "vitest";
import { heldSpec, isFrozen, isHeldToSpec } from "../../../src/core/canary/freeze.ts";
import { unknown } from "../../../src/core/fact.ts";
import {
  aDueFreeze,
  aFrozenSpec,
  ago,
  aHeldFreeze,
  failed,
  initialized,
  statuses,
} from "../../support/snapshots.ts";

describe("a release", () => {
  it.each(["entered", "confirmed", "paused", "copying", "copied", "restoring", "finalising"])(
    "is held to its spec: %s",
    (name) => {
      expect(isHeldToSpec(statuses[name] ?? {})).toBe(true);
    },
  );

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
