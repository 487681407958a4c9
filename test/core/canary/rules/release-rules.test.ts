import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../../src/core/fact.ts";
import { metricFacts } from "../../../support/analysis.ts";
import {
  ago,
  aReleasing,
  aSnapshot,
  aWorkload,
  decideNow,
  errorRate,
  failed,
  finalising,
  initialized,
  nextTarget,
  now,
  progressing,
  settled,
  statusAfter,
  unreadable,
} from "../../../support/snapshots.ts";

const pushed = known({ ...nextTarget, replicas: 0, availableReplicas: 0 });

describe("a release", () => {
  it.each([
    ["a new template", { target: pushed }, "startRelease"],
    ["the promoted template", {}, "hold"],
    [
      "the failed template",
      { target: pushed, status: settled(initialized({ lastFailedHash: "next" })) },
      "hold",
    ],
    ["a target that is unknown", { target: unknown("not read yet") }, "hold"],
    ["a primary that is unknown", { target: pushed, primary: unknown("not read yet") }, "hold"],
    ["metrics that are unknown", { target: pushed, metrics: unknown("not read yet") }, "hold"],
    [
      "metrics that are unreadable",
      { target: pushed, metrics: known([unreadable]) },
      "startRelease",
    ],
  ])("begins with %s: %s", (_, world, rule) => {
    expect(decideNow(aSnapshot(world))).toMatchObject({ rule });
  });

  it.each([
    ["fails", failed()],
    [
      "is being finished",
      { ...finalising(), phase: "Succeeded" as const, lastPromotedHash: "good" },
    ],
  ])("begins at once while the one before %s, without its drain", (_, status) => {
    const target = known({ ...nextTarget, templateHash: "third" });
    const snapshot = aReleasing(
      { ...status, drain: { startedAt: ago(5), routedAt: ago(4) } },
      {
        target,
        metrics: known([errorRate({ total: 5 })]),
      },
    );
    expect(decideNow(snapshot)).toMatchObject({
      rule: "startRelease",
      status: { phase: "Progressing", canaryWeight: 0, release: { id: "third-2", peakWeight: 0 } },
    });
    expect(statusAfter(snapshot)).not.toHaveProperty("drain");
  });
});

describe("a failed Canary whose target has the promoted template again", () => {
  it("is settled once its traffic was seen to have stopped", () => {
    const back = (drain: { confirmedAt?: string }) =>
      aReleasing(failed({ drain: { startedAt: ago(20), routedAt: ago(15), ...drain } }), {
        target: known(aWorkload()),
        metrics: known([errorRate({ total: 5 })]),
      });
    expect(decideNow(back({}))).toMatchObject({ kind: "Converge" });
    expect(decideNow(back({ confirmedAt: ago(1) }))).toMatchObject({
      rule: "settleFailed",
      status: { phase: "Initialized", drain: { confirmedAt: ago(1) } },
    });
  });
});

describe("a stall", () => {
  const stall = { reason: "Forbidden" as const, message: "may not patch deployments" };
  const told = (world: Partial<Snapshot> = {}): Snapshot => {
    const snapshot = aSnapshot({ stall, ...world });
    return { ...snapshot, status: statusAfter(snapshot) };
  };

  it("is told once, and again in other words", () => {
    expect(decideNow(told())).toMatchObject({ kind: "Converge" });
    const other = { ...told(), stall: { ...stall, message: "may not scale" } };
    expect(decideNow(other)).toMatchObject({ rule: "reportStall" });
  });

  it("is told once, however long its words, and in a failed Canary too", () => {
    const long = { ...stall, message: "x".repeat(3000) };
    expect(decideNow(told({ stall: long }))).toMatchObject({ kind: "Converge" });
    const idleReplicas = { correctedAt: [ago(1)], release: "next-1" };
    const { drain: _, ...over } = failed({ idleReplicas });
    const world = aReleasing(over, { stall });
    expect(decideNow(world)).toMatchObject({ rule: "reportStall" });
    expect(decideNow({ ...world, status: statusAfter(world) })).toMatchObject({ kind: "Converge" });
  });

  it("is not told beside a refusal, which says more", () => {
    const refused = told({ routes: missing("RouteNotFound", "no rule") });
    expect(refused.status.outbox).toMatchObject([{ reason: "SpecRefused" }]);
    expect(decideNow(refused)).toMatchObject({ kind: "Stall", reason: "RouteNotFound" });
  });

  it("is taken back once it was mended", () => {
    const mended = { ...told(), stall: undefined };
    expect(decideNow(mended)).toMatchObject({
      rule: "reportStall",
      status: { message: "the primary serves all traffic; waiting for a new version" },
    });
    const status = statusAfter(mended);
    expect(status.conditions?.find(({ type }) => type === "Stalled")).toMatchObject({
      status: "False",
    });
    expect(decideNow({ ...mended, status })).toMatchObject({ kind: "Converge" });
  });
});

describe("what people read", () => {
  const running = (seconds: number) =>
    aReleasing(progressing(1, "routed", { status: { refreshedAt: ago(seconds) } }), {
      metrics: known([errorRate({ total: 1 }, { total: 9 })]),
    });

  it.each([
    [29, "hold"],
    [30, "refresh"],
  ])("is %i s old: %s", (seconds, rule) => {
    expect(decideNow(running(seconds))).toMatchObject({ rule });
  });

  it("stays as it is until whoever took over has read a number, or failed to", () => {
    const unread = metricFacts({});
    const before = { ...running(90), metrics: known([unread, unread]) };
    expect(decideNow(before)).toMatchObject({ rule: "hold", requeueAfterMs: undefined });
    const failure = { reason: "Timeout", message: "no answer", at: now };
    for (const read of [metricFacts({ readAt: now }), metricFacts({ failure })])
      expect(decideNow({ ...before, metrics: known([unread, read]) })).toMatchObject({
        rule: "refresh",
      });
  });

  it("is looked at again when it is half a minute old", () => {
    expect(decideNow(running(20))).toMatchObject({ requeueAfterMs: 10_000 });
  });

  it("is kept up to date also while the spec of a running release is refused", () => {
    const refused = { ...running(5), autoscaler: known("ScaledObject web") };
    const status = { ...statusAfter(refused), refreshedAt: ago(30) };
    expect(decideNow({ ...refused, status })).toMatchObject({ rule: "refresh" });
  });

  it("is not written again while nothing is under way", () => {
    const idle = aSnapshot({ status: settled(initialized({ refreshedAt: ago(90_000) })) });
    expect(decideNow(idle)).toMatchObject({ rule: "hold", requeueAfterMs: undefined });
  });
});

describe("what was told", () => {
  const entry = {
    id: "a",
    reason: "Initialized",
    severity: "Info" as const,
    message: "",
    at: ago(9),
    facts: {},
  };
  it("leaves the outbox, and nothing else changes", () => {
    const status = settled(initialized({ outbox: [entry] }));
    const snapshot = aSnapshot({ status, told: new Set(["a", "b"]) });
    const { outbox: _, ...rest } = status;
    expect(statusAfter(snapshot)).toEqual(rest);
    expect(decideNow({ ...snapshot, told: new Set(["b"]) })).toMatchObject({ rule: "hold" });
  });
});
