import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../../src/api/canary-status.ts";
import { asking } from "../../../support/command-snapshots.ts";
import { routedBy } from "../../../support/hands-cases.ts";
import {
  ago,
  aMirroring,
  aReleasing,
  aSnapshot,
  decideNow,
  initialized,
  mirroring,
  progressing,
  settled,
  statusAfter,
  waiting,
} from "../../../support/snapshots.ts";

const fiveRepairs = {
  repairedAt: [500, 400, 300, 200, 100].map(ago),
  manager: "somebody",
  seen: "16",
};

describe("a person who lowers the weights", () => {
  const lowered = (status: CanaryStatus, weight: number) =>
    statusAfter(aReleasing(status, { routes: routedBy("Hand", weight) }));

  it("keeps the release at that weight, in its stage", () => {
    const status = lowered(progressing(2, "confirmed"), 7);
    expect(status).toMatchObject({
      phase: "Waiting",
      canaryWeight: 7,
      release: { stage: { index: 2, weight: 50, raisedFrom: 7 } },
    });
    expect(status.release?.stage).not.toHaveProperty("shiftedAt");
    expect(status.waiting?.message).toBe(
      "somebody set the new version's weight to 7 %; it stays there until: serin resume web -n shop",
    );
    const next = aReleasing(settled(status), { routes: routedBy("Hand", 7) });
    expect(decideNow(next)).toMatchObject({ rule: "hold", actions: [] });
  });

  it("lets it begin anew where nothing is left", () => {
    const status = lowered(progressing(2, "confirmed"), 0);
    expect(status).toMatchObject({ phase: "Waiting", canaryWeight: 0 });
    expect(status.release?.stage).toMatchObject({ index: 0, weight: 10 });
  });

  it("takes the place of whatever the release waited for", () => {
    const status = lowered(waiting(progressing(1, "confirmed"), "Approval"), 5);
    expect(status.waiting?.reason).toBe("PausedByHand");
  });

  it("takes no approval back", () => {
    const approved = progressing(1, "confirmed");
    const stage = approved.release?.stage && { ...approved.release.stage, approvedAt: ago(300) };
    const release = approved.release && { ...approved.release, ...(stage && { stage }) };
    const after = lowered({ ...approved, ...(release && { release }) }, 5);
    expect(after.release?.stage?.approvedAt).toBe(ago(300));
  });
});

describe("whoever takes the copies of a mirror stage away", () => {
  const without = (kind: "GitOps" | "Hand", drift?: CanaryStatus["drift"]) =>
    aMirroring("confirmed", {
      status: settled({ ...mirroring("confirmed"), ...(drift && { drift }) }),
      routes: routedBy(kind, 0),
    });

  it("pauses the release, as a person", () => {
    const after = statusAfter(without("Hand"));
    expect(after).toMatchObject({
      phase: "Waiting",
      waiting: {
        reason: "PausedByHand",
        message:
          "somebody took the copies of requests away; none are sent until: serin resume web -n shop",
      },
    });
    const next = aMirroring("confirmed", { status: settled(after), routes: routedBy("Hand", 0) });
    expect(decideNow(next)).toMatchObject({ rule: "hold", actions: [] });
  });

  it("is counted, as a tool, and waited for when it is too much", () => {
    expect(decideNow(without("GitOps"))).toMatchObject({
      rule: "noteDrift",
      status: { phase: "Progressing", drift: { repairedAt: [ago(0)] } },
    });
    expect(statusAfter(without("GitOps", fiveRepairs))).toMatchObject({
      phase: "Waiting",
      waiting: { reason: "RoutesContested" },
      release: { stage: { index: 0 } },
    });
  });

  it("is not one while Serin has yet to ask for them", () => {
    const world = aMirroring("shifted", { routes: routedBy("Hand", 0) });
    expect(decideNow(world)).toMatchObject({
      rule: "hold",
      actions: [{ kind: "SetMirror", percentage: 10 }],
    });
  });
});

describe("a tool that changes the weights", () => {
  it("is repaired before the sixth time, and then waited for at weight 0", () => {
    const status = progressing(1, "confirmed", { status: { drift: fiveRepairs } });
    const after = statusAfter(aReleasing(status, { routes: routedBy("GitOps", 5) }));
    expect(after).toMatchObject({
      phase: "Waiting",
      waiting: { reason: "RoutesContested" },
      canaryWeight: 0,
      drift: { isContested: true },
      release: { stage: { index: 0 } },
    });
    expect(after.waiting?.message).toContain("somebody has changed the weights 6 times in 10 min");
    expect(after.lastFailedHash).toBeUndefined();
    const next = aReleasing(after, { routes: routedBy("GitOps", 5) });
    expect(decideNow(next)).toMatchObject({
      rule: "lowerRoutes",
      actions: [{ kind: "SetWeight", canaryWeight: 0, direction: "Lower" }],
    });
  });

  it("is lowered at once and counted beside, to nothing when it is too much", () => {
    const routes = routedBy("GitOps", 60);
    const first = decideNow(aReleasing(progressing(1, "confirmed"), { routes }));
    expect(first).toMatchObject({ kind: "Rollback", rule: "lowerRoutes", lowerTo: 25 });
    const status = progressing(1, "confirmed", { status: { drift: fiveRepairs } });
    const sixth = decideNow(aReleasing(status, { routes }));
    expect(sixth).toMatchObject({
      kind: "Rollback",
      lowerTo: 0,
      status: { phase: "Waiting", canaryWeight: 0 },
    });
  });

  it.each([
    [
      60,
      "somebody gave the target 60 % of the traffic where the release has 25 %; it is lowered again",
    ],
    [
      5,
      "somebody gave the target 5 % of the traffic where the release has 25 %; it is raised again after a fresh check",
    ],
  ])("is told of as long as it is repaired: %i %", (weight, message) => {
    const routes = routedBy("GitOps", weight);
    const { outbox } = statusAfter(aReleasing(progressing(1, "confirmed"), { routes }));
    expect(outbox).toMatchObject([{ reason: "WeightsRepaired", message, facts: { weight: "25" } }]);
  });

  it("is forgiven when somebody resumes, until it changes them once more", () => {
    const status = progressing(1, "confirmed", { status: { drift: fiveRepairs } });
    const contested = statusAfter(aReleasing(status, { routes: routedBy("GitOps", 5) }));
    const resumed = statusAfter(aReleasing(contested, asking("resume")));
    expect(resumed.phase).toBe("Progressing");
    expect(resumed.drift).not.toHaveProperty("isContested");
    expect(resumed.drift?.repairedAt).toHaveLength(6);
    const drift = { ...fiveRepairs, ...resumed.drift, seen: "an older version of the routes" };
    const again = statusAfter(
      aReleasing({ ...resumed, drift }, { routes: routedBy("GitOps", 60) }),
    );
    expect(again).toMatchObject({ waiting: { reason: "RoutesContested" } });
  });

  it("stalls an idle Canary without another phase", () => {
    const status = settled(initialized({ drift: fiveRepairs }));
    const snapshot = aSnapshot({ status, routes: routedBy("GitOps", 100) });
    expect(decideNow(snapshot)).toMatchObject({ kind: "Rollback", lowerTo: 0 });
    const after = statusAfter(snapshot);
    expect(after).toMatchObject({ phase: "Initialized", drift: { isContested: true } });
    const told = statusAfter(aSnapshot({ status: after }));
    expect(told.conditions?.find(({ type }) => type === "Stalled")).toMatchObject({
      status: "True",
      reason: "RoutesContested",
    });
    expect(told.outbox).toMatchObject([{ reason: "Stalled" }]);
  });
});
