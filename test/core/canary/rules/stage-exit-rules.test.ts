import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../../src/core/fact.ts";
import {
  ago,
  aReleasing,
  aSpec,
  aWorkload,
  copiedPrimary,
  decideNow,
  errorRate,
  progressing,
  statusAfter,
  unreadable,
} from "../../../support/snapshots.ts";

function confirmed(seconds: number, world: Partial<Snapshot> = {}): Snapshot {
  const stage = {
    index: 1,
    weight: 25,
    enteredAt: ago(290),
    shiftedAt: ago(280),
    routedAt: ago(270),
    trafficConfirmedAt: ago(seconds),
  };
  return aReleasing(progressing(1, "confirmed", { release: { stage } }), world);
}

describe("a stage", () => {
  it.each([
    [59, "hold"],
    [60, "advance"],
  ])("of 60 s that has lasted %i s: %s", (seconds, rule) => {
    expect(decideNow(confirmed(seconds))).toMatchObject({ rule });
  });

  it.each([
    ["too few requests", { metrics: known([errorRate({ total: 4 }, { total: 12 })]) }],
    ["an unreadable metric", { metrics: known([unreadable]) }],
    ["metrics that were not read", { metrics: unknown("not read yet") }],
    ["unknown routes", { routes: unknown("not read yet") }],
    ["old numbers", { metrics: known([errorRate({ total: 100 }, { total: 900 }, { readAt: 0 })]) }],
  ])("is not passed on %s, however long it lasts", (_, world) => {
    expect(decideNow(confirmed(260, world))).toMatchObject({ kind: "Converge", actions: [] });
  });

  it("leads to the next weight, whose pods come before it", () => {
    const { release, canaryWeight } = statusAfter(confirmed(60));
    expect(release?.stage).toEqual({
      index: 2,
      count: 4,
      kind: "Weight",
      weight: 50,
      enteredAt: ago(0),
    });
    expect(canaryWeight).toBe(25);
  });

  const edited = (weights: readonly number[]) => ({
    spec: known(
      aSpec({ stages: weights.map((weight) => ({ weight, minSeconds: 0, maxSeconds: 1800 })) }),
    ),
  });
  it.each([
    ["a stage was added before", [5, 10, 20, 30, 100], { index: 3, weight: 30 }],
    ["its own was removed", [10, 50, 100], { index: 1, weight: 50 }],
    ["all others were removed", [100], { index: 0, weight: 100 }],
  ])("leads to the next weight also when %s meanwhile", (_, weights, stage) => {
    expect(statusAfter(confirmed(60, edited(weights))).release?.stage).toMatchObject(stage);
  });

  it("below 100 % never leads into the promotion, whatever the list has become", () => {
    const shorter = confirmed(260, edited([50, 100]));
    expect(decideNow(shorter)).toMatchObject({ rule: "advance" });
  });

  it("tells what it passed on", () => {
    expect(statusAfter(confirmed(60)).outbox).toMatchObject([
      {
        id: "0a1b2c3d-next-1-StagePassed-1",
        message: "stage 2/4 (25 %) is passed: error-rate: 0 % of 100 requests, limit 5 %",
        facts: { stage: "2/4", weight: "25", nextWeight: "50" },
      },
    ]);
  });
});

describe("the promotion", () => {
  const last = (world: Partial<Snapshot> = {}) =>
    statusAfter(aReleasing(progressing(3, "confirmed"), world)).release?.promotion?.savedHash;

  it("needs no stable traffic to be begun", () => {
    const alone = { metrics: known([errorRate({ total: 1000 }, { total: 0 })]) };
    expect(decideNow(aReleasing(progressing(3, "confirmed"), alone))).toMatchObject({
      rule: "startPromotion",
    });
  });

  it.each([
    ["as it was promoted", aWorkload(), "good"],
    ["as somebody changed it by hand", aWorkload({ templateHash: "by hand" }), "by hand"],
    ["as it was promoted, where the copy is there already", copiedPrimary, "good"],
  ])("saves the primary %s", (_, primary, savedHash) => {
    expect(last({ primary: known(primary) })).toBe(savedHash);
  });

  it.each([unknown("not read yet"), missing("PrimaryNotFound", "it is gone")])(
    "waits, as every stage does, for a primary: %j",
    (primary) => {
      for (const stage of [1, 3]) {
        const world = aReleasing(progressing(stage, "confirmed"), { primary });
        const told = { ...world, status: statusAfter(world) };
        expect(decideNow(told)).toMatchObject({ rule: "hold", message: primary.because });
      }
    },
  );
});
