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

  it("are left to the rollback where there is evidence", () => {
    const snapshot = aReleasing(progressing(1, "confirmed"), {
      ...routedTo(50),
      metrics: known([broken]),
    });
    expect(decideNow(snapshot)).toMatchObject({ rule: "rollBack", kind: "Rollback" });
  });
});
