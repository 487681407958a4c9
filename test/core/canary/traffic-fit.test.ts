import { describe, expect, it } from "vitest";
import { assessEvidence } from "../../../src/core/canary/evidence.ts";
import { splitMismatch, unreachable } from "../../../src/core/canary/traffic-fit.ts";
import { known } from "../../../src/core/fact.ts";
import {
  ago,
  aReleasing,
  decideNow,
  errorRate,
  now,
  progressing,
  promoting,
  someRoutes,
  waiting,
} from "../../support/snapshots.ts";

const of = (canary: number, status = progressing(0, "confirmed"), world = {}) =>
  aReleasing(status, { metrics: known([errorRate({ total: canary }, { total: 900 })]), ...world });

describe("a canary that nobody can reach", () => {
  it("is evidence, and is rolled back", () => {
    expect(assessEvidence(of(0), [], now)).toMatchObject({
      reason: "CanaryUnreachable",
      message:
        "the new version answered 0 % of 1800 requests at weight 10, while stable's went on: its endpoints are gone or ejected",
    });
    expect(decideNow(of(0))).toMatchObject({
      rule: "rollBack",
      status: { release: { rollback: { reason: "CanaryUnreachable" } } },
    });
  });

  it.each([
    ["waits for somebody's approval", waiting(progressing(1, "entered"), "Approval")],
    ["brings up the pods of its next stage", progressing(1, "entered")],
  ])("is found out while the release %s at the weight before", (_, status) => {
    expect(decideNow(of(0, status))).toMatchObject({
      rule: "rollBack",
      status: { phase: "Failed", release: { rollback: { reason: "CanaryUnreachable" } } },
    });
    expect(unreachable(of(100, status), now)).toBeUndefined();
  });

  it.each([
    ["gets its share", of(100)],
    ["was given nothing yet", of(0, progressing(0, "entered"))],
    ["was never reached in its first stage, which is not routed", of(0, progressing(0, "shifted"))],
    ["was never seen to have traffic", of(0, progressing(0, "routed"))],
    ["has other weights than decided", of(0, undefined, { routes: known(someRoutes()) })],
    ["is being promoted", of(0, promoting("Copy"))],
  ])("is not one that %s", (_, snapshot) => {
    expect(unreachable(snapshot, now)).toBeUndefined();
  });
});

describe("weights that others had set", () => {
  const foundAgo = (seconds: number) => {
    const drift = { repairedAt: [ago(seconds)], manager: "somebody", seen: "17" };
    return progressing(0, "confirmed", { status: { drift } });
  };

  it("say nothing of the canary, nor of the split, until they are out of the counters", () => {
    expect(unreachable(of(0, foundAgo(60)), now)).toBeUndefined();
    expect(splitMismatch(of(300, foundAgo(60)))).toBeUndefined();
    expect(unreachable(of(0, foundAgo(120)), now)).toBeDefined();
    expect(splitMismatch(of(300, foundAgo(120)))).toBeDefined();
  });
});

describe("a split that does not fit", () => {
  it("holds the release and says so once, with the numbers", () => {
    const mismatch =
      "the canary got 25 % of 4800 requests at weight 10: another caller sends it traffic, callers stick to a version, or a proxy has other weights; the release holds";
    expect(splitMismatch(of(300))).toBe(mismatch);
    expect(splitMismatch(of(100))).toBeUndefined();
    const decision = decideNow(of(300));
    expect(decision).toMatchObject({
      rule: "reportHold",
      status: { canaryWeight: 10, outbox: [{ reason: "TrafficSplitMismatch" }] },
    });
    if (decision.kind !== "Transition") throw new Error("people are to be told");
    expect(decision.status.conditions).toContainEqual(
      expect.objectContaining({
        type: "TrafficShifted",
        status: "False",
        reason: "TrafficSplitMismatch",
        message: mismatch,
      }),
    );
    expect(decideNow(of(300, decision.status))).toMatchObject({
      kind: "Converge",
      actions: [],
      message: expect.stringMatching(/the canary got 25 % of 4800 requests/),
    });
  });

  it("names the rules that send it requests", () => {
    const otherRoutes = ["VirtualService shop/beside, its HTTP rule (30 %)"];
    const routes = known(someRoutes({ canaryWeight: 10, otherRoutes }));
    expect(splitMismatch(of(300, undefined, { routes }))).toContain(
      "at weight 10: it is also reached by VirtualService shop/beside, its HTTP rule (30 %); the release holds",
    );
  });

  it("keeps a stage from being entered too", () => {
    expect(decideNow(of(300, progressing(0, "routed")))).toMatchObject({ rule: "reportHold" });
    expect(decideNow(of(100, progressing(0, "routed")))).toMatchObject({ rule: "confirmTraffic" });
  });
});
