import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known, unknown } from "../../../../src/core/fact.ts";
import {
  ago,
  aReleasing,
  decideNow,
  errorRate,
  healthy,
  nextTarget,
  progressing,
  silent,
  someRoutes,
  statusAfter,
  unreadable,
  unused,
  waiting,
} from "../../../support/snapshots.ts";

describe("a weight", () => {
  const entered = (world: Partial<Snapshot> = {}) => aReleasing(progressing(1, "entered"), world);

  it.each([
    ["pods and fresh checks", {}, "shiftTraffic"],
    ["a canary that nobody answers for", { metrics: known([silent]) }, "rollBack"],
    ["too few pods", { target: known({ ...nextTarget, availableReplicas: 1 }) }, "hold"],
    ["pods of two templates", { target: known({ ...nextTarget, isRolledOut: false }) }, "hold"],
    ["an unreadable metric", { metrics: known([unreadable]) }, "hold"],
    ["a service that nobody calls", { metrics: known([unused]) }, "hold"],
    ["unknown metrics", { metrics: unknown("not read yet") }, "hold"],
    ["unknown routes", { routes: unknown("not read yet") }, "hold"],
  ])("is set by %s: %s", (_, world, rule) => {
    expect(decideNow(entered(world))).toMatchObject({ rule });
  });

  it("is set first for a canary that is silent yet", () => {
    const world = aReleasing(progressing(0, "entered"), { metrics: known([silent]) });
    expect(decideNow(world)).toMatchObject({ rule: "shiftTraffic" });
  });

  it("says which metric is in its way", () => {
    expect(decideNow(entered({ metrics: known([unreadable]) }))).toMatchObject({
      message: "error-rate: Timeout: no answer within 5 s",
    });
  });

  it("is remembered as the peak, and never lowers it", () => {
    const status = progressing(1, "entered", { release: { peakWeight: 50 } });
    expect(statusAfter(aReleasing(status)).release?.peakWeight).toBe(50);
    expect(statusAfter(entered()).release?.peakWeight).toBe(25);
  });
});

describe("the routes", () => {
  const shifted = (routes: Parameters<typeof someRoutes>[0]) =>
    decideNow(aReleasing(progressing(1, "shifted"), { routes: known(someRoutes(routes)) }));

  it.each([
    [25, true, "recordStageRouted"],
    [24, true, "hold"],
    [25, false, "hold"],
  ])("carry the weight: %i, uniform %s", (canaryWeight, isUniform, rule) => {
    expect(shifted({ canaryWeight, isUniform })).toMatchObject({ rule });
  });

  it("begin the warm-up at the first weight only", () => {
    const first = statusAfter(aReleasing(progressing(0, "shifted")));
    const second = statusAfter(aReleasing(progressing(1, "shifted")));
    expect(first.release?.firstTrafficAt).toBe(ago(0));
    expect(second.release?.firstTrafficAt).toBe(ago(300));
  });
});

describe("the traffic", () => {
  const routed = (metric = healthy, routes: Parameters<typeof someRoutes>[0] = {}) =>
    aReleasing(progressing(0, "routed"), {
      metrics: known([metric]),
      routes: known(someRoutes({ canaryWeight: 10, ...routes })),
    });

  it.each([
    ["half the weight", { total: 50 }, { total: 950 }, "confirmTraffic"],
    ["less than half", { total: 49 }, { total: 951 }, "hold"],
    ["too few requests to say", { total: 2 }, { total: 18 }, "hold"],
  ])("has moved at %s", (_, canary, stable, rule) => {
    expect(decideNow(routed(errorRate(canary, stable)))).toMatchObject({ rule });
  });

  it("is told of with what the stage takes from then on, or with what the release waits for", () => {
    const moved = routed(errorRate({ total: 100 }, { total: 900 }));
    expect(statusAfter(moved).message).toBe(
      "stage 1/4 (10 %): the canary got 10 % of 1000 requests at weight 10; now at least 60 s within every limit",
    );
    const paused = waiting(moved.status, "Paused");
    expect(statusAfter({ ...moved, status: paused }).message).toBe(paused.waiting?.message);
  });

  it("does not wait for the share of rules that Serin does not manage", () => {
    const metric = errorRate({ total: 30 }, { total: 970 });
    expect(decideNow(routed(metric))).toMatchObject({ rule: "hold" });
    expect(decideNow(routed(metric, { hasUnmanagedRules: true }))).toMatchObject({
      rule: "confirmTraffic",
    });
  });

  it("is judged only by samples that were scraped after the change", () => {
    const stage = {
      index: 0,
      weight: 10,
      enteredAt: ago(60),
      shiftedAt: ago(50),
      routedAt: ago(15),
    };
    const status = progressing(0, "routed", { release: { stage } });
    expect(decideNow(aReleasing(status))).toMatchObject({
      rule: "hold",
      message: "stage 1/4 (10 %): no requests were seen since the routes changed",
    });
  });
});
