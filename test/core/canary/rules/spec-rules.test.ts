import { describe, expect, it } from "vitest";
import { isAccepted } from "../../../../src/core/canary/rules/spec-rules.ts";
import { assessSituation } from "../../../../src/core/canary/situation.ts";
import type { Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../../src/core/fact.ts";
import {
  aNewcomer,
  aReleasing,
  aSnapshot,
  decideNow,
  failed,
  initialized,
  now,
  progressing,
  settled,
  statusAfter,
} from "../../../support/snapshots.ts";

const gone = missing("VirtualServiceNotFound", "VirtualService shop/web does not exist");
/** After the refusal was persisted, and the thing came back if the world says so. */
function refusedThen(snapshot: Snapshot, world: Partial<Snapshot> = {}): Snapshot {
  return { ...snapshot, status: statusAfter({ ...snapshot, routes: gone }), ...world };
}

describe("a refusal", () => {
  it("is persisted once, and again when it changes", () => {
    const once = refusedThen(aSnapshot(), { routes: gone });
    expect(decideNow(once)).toMatchObject({ kind: "Stall", reason: "VirtualServiceNotFound" });
    expect(decideNow({ ...once, routes: missing("RouteNotFound", "no rule") })).toMatchObject({
      rule: "refuseSpec",
    });
    const edited = { ...once, identity: { ...once.identity, generation: 2 } };
    expect(decideNow(edited)).toMatchObject({ rule: "refuseSpec" });
  });

  it("is persisted once, however long its words", () => {
    const routes = missing("RouteNotFound", "x".repeat(3000));
    const status = statusAfter(aSnapshot({ routes }));
    expect(decideNow(aSnapshot({ status, routes }))).toMatchObject({ kind: "Stall" });
  });

  it("is told each time under another id", () => {
    const first = refusedThen(aSnapshot()).status.outbox?.[0]?.id;
    const later = refusedThen(aSnapshot({ identity: { ...aSnapshot().identity, generation: 2 } }));
    expect(later.status.outbox?.[0]?.id).not.toBe(first);
  });

  it("holds a new Canary back, and is no news while manifests still arrive", () => {
    const status = statusAfter(aNewcomer({ routes: gone }));
    expect(status.phase).toBeUndefined();
    expect(status.outbox ?? []).toEqual([]);
    expect(decideNow(aNewcomer({ status, routes: gone }))).toMatchObject({ kind: "Stall" });
  });

  it("lets a release that runs go on without being raised", () => {
    const world = { routes: gone };
    const shifted = refusedThen(aReleasing(progressing(1, "entered")), world);
    expect(decideNow(shifted)).toMatchObject({
      kind: "Converge",
      actions: [],
      message: "VirtualService shop/web does not exist",
    });
  });
});

describe("an acceptance", () => {
  const back = refusedThen(aSnapshot(), { routes: aSnapshot().routes });

  it("after a refusal is told, and the refusal's words are gone", () => {
    expect(decideNow(back)).toMatchObject({
      rule: "acceptSpec",
      status: {
        message: "the primary serves all traffic; waiting for a new version",
        outbox: [{ reason: "SpecRefused" }, { reason: "SpecAccepted" }],
      },
    });
    const settledAgain = { ...back, status: statusAfter(back) };
    expect(decideNow(settledAgain)).toMatchObject({ kind: "Converge", actions: [] });
  });

  it("of a new generation is not told, and says what was said", () => {
    const edited = aSnapshot({ identity: { ...aSnapshot().identity, generation: 2 } });
    expect(decideNow(edited)).toMatchObject({
      rule: "acceptSpec",
      status: { observedGeneration: 2, message: edited.status.message },
    });
    expect(statusAfter(edited).outbox).toBeUndefined();
  });

  it("is persisted again when the bound changes", () => {
    const status = { ...settled(initialized()), rollbackBoundSeconds: 71 };
    expect(decideNow(aSnapshot({ status }))).toMatchObject({
      rule: "acceptSpec",
      status: { rollbackBoundSeconds: 70 },
    });
  });

  it("keeps why the last release failed", () => {
    const { drain: _, ...over } = failed();
    const status = { ...settled(over), observedGeneration: 0 };
    expect(statusAfter(aReleasing(status, { status })).message).toBe(over.message);
  });
});

describe("whether a spec can be acted on", () => {
  it.each([
    [true, {}],
    [false, { target: unknown("not read yet") }],
    [false, { autoscaler: known("ScaledObject web") }],
  ])("is %s", (holds, world) => {
    expect(isAccepted(assessSituation(aSnapshot(world), now)).holds).toBe(holds);
  });
});

describe("a warning", () => {
  const neighbours = known(["PodDisruptionBudget shop/web selects the target's pods"]);
  const warned = aSnapshot({ neighbours });

  it("is written into the acceptance, with one Event, once", () => {
    expect(decideNow(warned)).toMatchObject({
      rule: "acceptSpec",
      status: {
        message: "the primary serves all traffic; waiting for a new version",
        outbox: [{ reason: "AcceptedWithWarning", message: neighbours.value[0] }],
      },
    });
    const status = statusAfter(warned);
    expect(status.conditions?.find(({ type }) => type === "Accepted")).toMatchObject({
      status: "True",
      message:
        "a fault beyond a limit is rolled back within 70 s; warning: PodDisruptionBudget shop/web selects the target's pods",
    });
    expect(decideNow({ ...warned, status })).toMatchObject({ rule: "hold" });
  });

  it("is told with the first acceptance", () => {
    expect(statusAfter(aNewcomer({ neighbours })).outbox).toMatchObject([
      { reason: "SpecAccepted" },
      { reason: "AcceptedWithWarning" },
    ]);
  });

  it("is taken back without an Event", () => {
    const mended = { ...warned, status: statusAfter(warned), neighbours: known([]) };
    expect(decideNow(mended)).toMatchObject({ rule: "acceptSpec" });
    const after = statusAfter(mended);
    expect(after.outbox).toHaveLength(1);
    expect(after.conditions?.find(({ type }) => type === "Accepted")?.message).toBe(
      "a fault beyond a limit is rolled back within 70 s",
    );
  });

  it("stops no release", () => {
    const running = aReleasing(progressing(1, "confirmed"), { neighbours });
    const told = { ...running, status: statusAfter(running) };
    expect(decideNow(told).rule).toBe("advance");
  });
});
