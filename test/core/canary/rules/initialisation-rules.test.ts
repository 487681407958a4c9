import { describe, expect, it } from "vitest";
import { known, missing, unknown } from "../../../../src/core/fact.ts";
import {
  aNewcomer,
  aSnapshot,
  aWorkload,
  decideNow,
  initializing,
  settled,
  someRoutes,
  statusAfter,
} from "../../../support/snapshots.ts";

describe("the initialisation", () => {
  it("leaves the routes alone where a primary exists that may be serving", () => {
    const status = statusAfter(aNewcomer({ primary: known(aWorkload({ name: "web-primary" })) }));
    expect(status).toMatchObject({
      phase: "Initializing",
      initialisation: { step: "CreatePrimary" },
    });
    expect(status).not.toHaveProperty("canaryWeight");
  });

  it("waits until it is known whether there is a primary", () => {
    const blind = aNewcomer({ primary: unknown("the Deployments have not been read yet") });
    const told = { ...blind, status: settled(blind.status) };
    expect(decideNow(told)).toMatchObject({
      kind: "Converge",
      actions: [],
      message: "the Deployments have not been read yet",
    });
  });

  const creating = (primary = aWorkload({ name: "web-primary" })) =>
    aSnapshot({
      status: settled(initializing("CreatePrimary")),
      primary: known(primary),
      target: known(aWorkload()),
      routes: known(someRoutes({ canaryWeight: 100 })),
    });

  it.each([
    ["available", 4, true, "shiftToPrimary"],
    ["not rolled out", 4, false, "hold"],
    ["without pods", 0, true, "hold"],
  ])(
    "shifts to a primary only when it is available: %s",
    (_, availableReplicas, isRolledOut, rule) => {
      const primary = aWorkload({ name: "web-primary", availableReplicas, isRolledOut });
      expect(decideNow(creating(primary))).toMatchObject({ rule });
    },
  );

  it("says what the primary lacks", () => {
    const primary = aWorkload({ name: "web-primary", availableReplicas: 3, isRolledOut: false });
    expect(decideNow(creating(primary))).toMatchObject({
      message: "the primary has 3 of 4 pods available",
      actions: [],
    });
  });

  it("takes the primary's template for promoted, whatever the target has by now", () => {
    const pushed = { ...creating(), target: known(aWorkload({ templateHash: "next" })) };
    expect(statusAfter(pushed)).toMatchObject({ lastPromotedHash: "good", canaryWeight: 0 });
  });

  it("creates the primary again where it went away, the live pods in traffic", () => {
    const snapshot = { ...creating(), primary: missing("PrimaryNotFound", "…") };
    expect(decideNow(snapshot)).toMatchObject({ actions: [{ kind: "CreatePrimary" }] });
  });
});
