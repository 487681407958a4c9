import { describe, expect, it } from "vitest";
import { known } from "../../../../src/core/fact.ts";
import {
  ago,
  aReleasing,
  aWorkload,
  decideNow,
  failed,
  retreated,
  someRoutes,
  statusAfter,
} from "../../../support/snapshots.ts";

const empty = {
  primary: known(aWorkload({ name: "web-primary", availableReplicas: 0 })),
  routes: known(someRoutes({ canaryWeight: 10 })),
};

describe("people", () => {
  it("are told once that a version keeps its traffic", () => {
    const before = aReleasing(failed(), empty);
    const status = statusAfter(before);
    expect(status.outbox?.map(({ reason }) => reason)).toEqual(["StableHasNoPods"]);
    const told = new Set(status.outbox?.map(({ id }) => id));
    const after = statusAfter({ ...before, status, told });
    expect(after.outbox ?? []).toEqual([]);
    expect(decideNow({ ...before, status: after })).toMatchObject({ kind: "Converge" });
  });

  it("read of no end where no verdict asks for one", () => {
    const status = retreated("NoData", { status: { drain: { startedAt: ago(10) } } });
    const { heldForStable, message } = statusAfter(aReleasing(status, empty));
    expect(heldForStable).toEqual({ since: ago(0) });
    expect(message).toBe(
      "the primary has no ready pod: the target keeps its 10 % until one is ready",
    );
  });

  it("read of it no longer than it lasts", () => {
    const status = failed({ heldForStable: { since: ago(5) } });
    const left = statusAfter(aReleasing(status, { routes: known(someRoutes()) }));
    expect(left.heldForStable).toBeUndefined();
  });
});
