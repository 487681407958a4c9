import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../../src/core/fact.ts";
import {
  ago,
  aSnapshot,
  aWorkload,
  decideNow,
  deleted,
  errorRate,
  settled,
  someRoutes,
  statusAfter,
  terminating,
  unreadable,
} from "../../../support/snapshots.ts";

const noRoutes = missing("VirtualServiceNotFound", "VirtualService shop/web does not exist");

/** Everything was decided to go to the target so many seconds ago, and routed a second later. */
function shifted(seconds: number, overrides: Partial<Snapshot> = {}): Snapshot {
  const deletion = { step: "Shift" as const, since: ago(seconds + 1), routedAt: ago(seconds) };
  return aSnapshot({
    ...deleted,
    status: settled(terminating("Shift", { deletion })),
    target: known(aWorkload()),
    routes: known(someRoutes({ canaryWeight: 100 })),
    ...overrides,
  });
}

describe("a primary that is to go", () => {
  const ending = (overrides: Partial<Snapshot>) =>
    shifted(60, {
      status: settled(
        terminating("Remove", { deletion: { step: "Remove", since: ago(40), routedAt: ago(50) } }),
      ),
      ...overrides,
    });

  it("goes while everything is routed to the target, or nothing is any more", () => {
    for (const routes of [known(someRoutes({ canaryWeight: 100 })), noRoutes])
      expect(decideNow(ending({ routes }))).toMatchObject({ actions: [{ kind: "DeletePrimary" }] });
  });

  it.each([0, 60])("stays when somebody leaves the target %i %%, and is watched anew", (weight) => {
    const world = ending({ routes: known(someRoutes({ canaryWeight: weight })) });
    const again = statusAfter(world);
    expect(again.deletion).toEqual({ step: "Shift", since: ago(0) });
    expect(decideNow({ ...world, status: again })).toMatchObject({
      actions: [{ kind: "SetWeight", canaryWeight: 100, direction: "Raise" }],
    });
  });
});

describe("a target that is to serve alone", () => {
  const unrouted = (overrides: Partial<Snapshot>) =>
    shifted(5, {
      status: settled(terminating("Shift", { deletion: { step: "Shift", since: ago(5) } })),
      ...overrides,
    });

  it("gets all traffic, whatever the metrics say", () => {
    const snapshot = unrouted({ routes: known(someRoutes()), metrics: known([unreadable]) });
    expect(decideNow(snapshot)).toMatchObject({
      rule: "hold",
      actions: [{ kind: "SetWeight", canaryWeight: 100, direction: "Raise" }],
    });
  });

  it("gets no traffic while none of its pods is available", () => {
    const target = known(aWorkload({ availableReplicas: 0, isRolledOut: false }));
    expect(decideNow(unrouted({ routes: known(someRoutes()), target }))).toMatchObject({
      actions: [],
    });
  });

  it.each([
    ["99 %", known(someRoutes({ canaryWeight: 99 })), "hold"],
    ["100 %", known(someRoutes({ canaryWeight: 100 })), "recordTargetRouted"],
    ["100 % of some routes", known(someRoutes({ canaryWeight: 100, isUniform: false })), "hold"],
    ["a share that is not read yet", unknown("not read yet"), "hold"],
    ["a share that nobody sets any more", noRoutes, "recordTargetRouted"],
  ])("is followed from the moment the routes give it %s", (_, routes, rule) => {
    expect(decideNow(unrouted({ routes })).rule).toBe(rule);
  });
});

describe("a primary that is to go", () => {
  const called = known([errorRate({ total: 900 }, { total: 100 })]);
  const uncalled = known([errorRate({ total: 1000 }, { total: 0 })]);

  it.each([
    ["callers report none", 40, { metrics: uncalled }, "confirmTarget"],
    ["callers have not reported since", 10, { metrics: uncalled }, "hold"],
    ["callers report some", 59, { metrics: called }, "hold"],
    ["callers report some for long", 80, { metrics: called }, "keepCalledPrimary"],
    ["the metrics are down", 59, { metrics: known([unreadable]) }, "hold"],
    ["the metrics are down for long", 60, { metrics: known([unreadable]) }, "confirmTarget"],
    ["there are no routes", 59, { routes: noRoutes, metrics: known([unreadable]) }, "hold"],
    [
      "there are no routes and no word for long",
      80,
      { routes: noRoutes, metrics: known([unreadable]) },
      "keepCalledPrimary",
    ],
    [
      "there are no routes and callers report none",
      40,
      { routes: noRoutes, metrics: uncalled },
      "confirmTarget",
    ],
  ])("goes by its requests: %s, after %i s", (_, seconds, overrides, rule) => {
    expect(decideNow(shifted(seconds, overrides)).rule).toBe(rule);
  });

  const removing = (overrides: Partial<Snapshot> = {}) =>
    shifted(60, { status: settled(terminating("Remove")), ...overrides });

  it("is kept for the delay of every drain, then deleted", () => {
    expect(decideNow(removing())).toMatchObject({ actions: [], requeueAfterMs: 10_000 });
    const late = settled(terminating("Remove", { deletion: { step: "Remove", since: ago(30) } }));
    expect(decideNow(removing({ status: late }))).toMatchObject({
      actions: [{ kind: "DeletePrimary", resourceVersion: "41" }],
    });
    const target = known(aWorkload({ availableReplicas: 0, isRolledOut: false }));
    expect(decideNow(removing({ status: late, target }))).toMatchObject({ actions: [] });
  });

  it("lets the Canary go only once it is gone", () => {
    expect(decideNow(removing({ primary: unknown("not read yet") })).rule).toBe("hold");
    expect(decideNow(removing({ primary: missing("PrimaryNotFound", "gone") })).rule).toBe("letGo");
  });
});

describe("a deletion that takes long", () => {
  const blocked = (seconds: number, isTold?: true) =>
    shifted(0, {
      status: settled(
        terminating("Serve", {
          deletion: { step: "Serve", since: ago(seconds), ...(isTold && { isTold }) },
        }),
      ),
      target: known(aWorkload({ availableReplicas: 0, isRolledOut: false })),
      routes: known(someRoutes()),
    });

  it("is told once, after the time that pods may take", () => {
    expect(decideNow(blocked(599)).rule).toBe("hold");
    expect(decideNow(blocked(600)).rule).toBe("reportBlockedDeletion");
    expect(decideNow(blocked(900, true)).rule).toBe("hold");
    const { outbox, deletion } = statusAfter(blocked(600));
    expect(outbox).toMatchObject([{ reason: "DeletionBlocked", severity: "Error" }]);
    expect(deletion).toMatchObject({ step: "Serve", isTold: true });
  });

  it("is told also where the target's pods went after it got the traffic", () => {
    const lost = (seconds: number) =>
      shifted(60, {
        status: settled(
          terminating("Remove", { deletion: { step: "Remove", since: ago(seconds) } }),
        ),
        target: known(aWorkload({ availableReplicas: 0, isRolledOut: false })),
      });
    expect(decideNow(lost(599)).rule).toBe("hold");
    expect(decideNow(lost(600)).rule).toBe("reportBlockedDeletion");
    expect(statusAfter(lost(600)).message).toMatch(
      /^the deletion waits: the primary is kept, since the target has no pods of its template available; mend that/,
    );
  });

  it("is told anew in its last step", () => {
    const told = { step: "Shift" as const, since: ago(700), routedAt: ago(40), isTold: true };
    const taken = shifted(40, {
      status: settled(terminating("Shift", { deletion: told })),
      metrics: known([errorRate({ total: 1000 }, { total: 0 })]),
    });
    expect(statusAfter(taken).deletion).toEqual({ step: "Remove", since: ago(0) });
  });
});
