import { describe, expect, it } from "vitest";
import { known, unknown } from "../../../../src/core/fact.ts";
import {
  ago,
  aReleasing,
  broken,
  decideNow,
  failed,
  progressing,
  someRoutes,
  statusAfter,
} from "../../../support/snapshots.ts";

const routedTo = (canaryWeight: number) => ({ routes: known(someRoutes({ canaryWeight })) });

describe("routes", () => {
  it.each([
    ["give the target more than was decided", routedTo(26), "lowerRoutes"],
    ["give it what was decided", routedTo(25), "advance"],
    ["give it less", routedTo(24), "advance"],
    ["are unknown", { routes: unknown("not read yet") }, "hold"],
  ])("that %s leave it to the rule that applies", (_, routes, rule) => {
    expect(decideNow(aReleasing(progressing(1, "confirmed"), routes))).toMatchObject({ rule });
  });

  it("are lowered before anything is written down", () => {
    const entry = { id: "one", reason: "RollbackStarted", severity: "Warning" } as const;
    const told = { ...entry, message: "", at: ago(1), facts: {} };
    const status = failed({ outbox: [told], drain: { startedAt: ago(1) } });
    const snapshot = aReleasing(status, { ...routedTo(10), told: new Set(["one"]) });
    expect(decideNow(snapshot)).toMatchObject({
      rule: "lowerRoutes",
      kind: "Converge",
      actions: [{ kind: "SetWeight", canaryWeight: 0, direction: "Lower" }],
    });
  });

  it.each([
    ["told late", 34, {}, "Converge"],
    ["told late", 35, {}, "Rollback"],
    ["told once", 900, { unconfirmed: true }, "Converge"],
    ["of a drain that was seen to be written told", 900, { routedAt: ago(800) }, "Converge"],
  ])("that cannot be lowered are %s: after %i s %o, %s", (_, seconds, drain, kind) => {
    const status = failed({ drain: { startedAt: ago(seconds), ...drain } });
    const decision = decideNow(aReleasing(status, routedTo(25)));
    expect(decision).toMatchObject({ rule: "lowerRoutes", kind });
  });

  it("that cannot be lowered tell how much traffic is still sent, and for how long", () => {
    const late = aReleasing(failed({ drain: { startedAt: ago(40) } }), routedTo(25));
    const { drain, message, outbox, canaryWeight } = statusAfter(late);
    expect({ drain, message, canaryWeight }).toEqual({
      drain: { startedAt: ago(40), unconfirmed: true },
      message:
        "the routes still send 25 % to the target; Serin goes on writing them: its log says what stands in the way",
      canaryWeight: 0,
    });
    expect(outbox).toMatchObject([
      { reason: "RollbackUnconfirmed", severity: "Error", facts: { waitedSeconds: "40" } },
    ]);
  });

  it("are left to the rollback where there is evidence", () => {
    const snapshot = aReleasing(progressing(1, "confirmed"), {
      ...routedTo(50),
      metrics: known([broken]),
    });
    expect(decideNow(snapshot)).toMatchObject({ rule: "rollBack", kind: "Rollback" });
  });
});
