import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import {
  beneathSuspension,
  isNotSuspended,
  isSuspensionAsked,
  resumedStatus,
} from "../../../src/core/canary/suspension.ts";
import { known } from "../../../src/core/fact.ts";
import { commanded } from "../../support/command-snapshots.ts";
import {
  ago,
  aReleasing,
  aSnapshot,
  failed,
  initialized,
  initializing,
  now,
  progressing,
  promoting,
  someRoutes,
  suspendedFrom,
  suspending,
  waiting,
} from "../../support/snapshots.ts";

const resumed = (status: CanaryStatus, overrides = {}) =>
  resumedStatus(assessSituation(aReleasing(suspendedFrom(status), overrides), now));

it("is read from the object's spec as it is now", () => {
  expect(isSuspensionAsked(assessSituation(aSnapshot(suspending), now))).toBe(true);
  expect(isSuspensionAsked(assessSituation(aSnapshot(), now))).toBe(false);
  const unread = { kind: "Missing", reason: "Invalid", because: "spec.stages: too few" } as const;
  expect(isSuspensionAsked(assessSituation(aSnapshot({ asked: unread }), now))).toBe(false);
  expect(isNotSuspended(assessSituation(aSnapshot(suspending), now)).holds).toBe(false);
});

it("is looked beneath for the phase before", () => {
  const s = assessSituation(aReleasing(suspendedFrom(progressing(1, "confirmed"))), now);
  expect(beneathSuspension(s)).toMatchObject({ phase: "Progressing", now });
  expect(beneathSuspension(s).status).not.toHaveProperty("suspended");
});

describe("after a suspension", () => {
  it("a stage keeps its weight and proves its traffic anew", () => {
    const { release, canaryWeight } = resumed(progressing(1, "confirmed"));
    expect(canaryWeight).toBe(25);
    expect(release?.stage).toMatchObject({ index: 1, enteredAt: ago(0), shiftedAt: ago(0) });
    expect(release?.stage).not.toHaveProperty("routedAt");
    expect(release?.stage).not.toHaveProperty("trafficConfirmedAt");
  });

  it("a stage that waits for its pods waits for them anew", () => {
    const { release } = resumed(progressing(1, "entered"));
    expect(release?.stage).toEqual({
      ...progressing(1, "entered").release?.stage,
      enteredAt: ago(0),
    });
  });

  it("no command stands in for a check any more, and what was approved stays approved", () => {
    const before = commanded(progressing(1, "shifted"), { raisedFrom: 10, approvedAt: ago(300) });
    const { stage } = resumed(before).release ?? {};
    expect(stage).toMatchObject({ approvedAt: ago(300) });
    expect(stage).not.toHaveProperty("byCommand");
    expect(stage).not.toHaveProperty("raisedFrom");
  });

  it("a wait goes on, and a promotion has its whole time again", () => {
    const before = waiting(progressing(1, "confirmed"), "Paused");
    expect(resumed(before)).toMatchObject({ phase: "Waiting", waiting: before.waiting });
    expect(resumed(promoting("Available")).release?.promotion?.since).toBe(ago(0));
  });

  it.each([
    ["routed by hand", { routes: known(someRoutes({ canaryWeight: 10 })) }],
    ["scaled by hand", {}],
  ])("an idle target that was %s is drained before its pods go", (_, overrides) => {
    expect(resumed(initialized(), overrides).drain).toEqual({ startedAt: ago(0) });
  });

  it("an idle target that nobody touched stays as it is, and a drain begins anew", () => {
    const idle = assessSituation(aSnapshot({ status: suspendedFrom(initialized()) }), now);
    expect(resumedStatus(idle)).toEqual(initialized());
    for (const status of [failed(), initializing("Shift")])
      expect(resumed(status).drain).toEqual({ startedAt: ago(0) });
  });

  it("a status that does not say what was before is begun anew", () => {
    const lost = assessSituation(aSnapshot({ status: { phase: "Suspended" } }), now);
    expect(resumedStatus(lost)).toEqual({});
  });
});
