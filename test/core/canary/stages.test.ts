import { describe, expect, it } from "vitest";
import { planActions } from "../../../src/core/canary/plan.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import type { Snapshot } from "../../../src/core/canary/snapshot.ts";
import {
  enterStage,
  indexAfter,
  isFirstWeight,
  stageShare,
  wantedMirror,
  wordStages,
} from "../../../src/core/canary/stages.ts";
import { known } from "../../../src/core/fact.ts";
import { toInstant } from "../../../src/core/instant.ts";
import {
  ago,
  aMirroring,
  aReleasing,
  aSnapshot,
  aSpec,
  broken,
  decideNow,
  errorRate,
  failed,
  healthy,
  initialized,
  mirrorFirst,
  mirroring,
  nextTarget,
  now,
  progressing,
  silent,
  someRoutes,
  statusAfter,
  unreadable,
} from "../../support/snapshots.ts";

const plan = (snapshot: Snapshot) => planActions(assessSituation(snapshot, now));
const copies = (percentage: number, isUniform = true) => ({ percentage, isUniform });

describe("stages", () => {
  it("are entered as what they are", () => {
    const enteredAt = toInstant(now);
    expect(enterStage(mirrorFirst, 0, now)).toEqual({
      index: 0,
      count: 5,
      kind: "Mirror",
      weight: 0,
      mirrorPercentage: 10,
      enteredAt,
    });
    expect(enterStage(mirrorFirst, 2, now)).toEqual({
      index: 2,
      count: 5,
      kind: "Weight",
      weight: 25,
      enteredAt,
    });
    expect(enterStage([], 0, now).weight).toBe(100);
  });

  it("follow one another, copies before weights", () => {
    const after = (index: number) => indexAfter(mirrorFirst, enterStage(mirrorFirst, index, now));
    expect([0, 1, 2, 3, 4].map(after)).toEqual([1, 2, 3, 4, undefined]);
  });

  it("are found by weight after an edit, so that none is repeated or skipped", () => {
    const at25 = enterStage(mirrorFirst, 2, now);
    expect(indexAfter(aSpec().stages, at25)).toBe(2);
    expect(
      indexAfter(
        [
          { weight: 20, minSeconds: 0, maxSeconds: 1800 },
          { weight: 100, minSeconds: 0, maxSeconds: 1800 },
        ],
        at25,
      ),
    ).toBe(1);
  });

  it("have one that gives the first live requests", () => {
    const isFirst = (index: number) =>
      isFirstWeight(mirrorFirst, enterStage(mirrorFirst, index, now));
    expect([0, 1, 2].map(isFirst)).toEqual([true, true, false]);
  });

  it("need pods for their share of the requests, and are read by people", () => {
    expect(mirrorFirst.map((_, index) => stageShare(enterStage(mirrorFirst, index, now)))).toEqual([
      10, 10, 25, 50, 100,
    ]);
    expect(wordStages(mirrorFirst)).toBe("mirror 10 %, 10 %, 25 %, 50 %, 100 %");
  });
});

describe("copies of requests", () => {
  it.each([
    ["none before they were decided", mirroring("entered"), 0],
    ["those of the stage", mirroring("shifted"), 10],
    ["those of the stage while it waits", { ...mirroring("confirmed"), phase: "Waiting" }, 10],
    ["those of the stage while suspended", { ...mirroring("confirmed"), phase: "Suspended" }, 10],
    ["none once it failed", { ...mirroring("confirmed"), phase: "Failed" }, 0],
    ["none in a stage of weight", progressing(0, "confirmed"), 0],
    ["none at rest", initialized(), 0],
  ] as const)("are wanted: %s", (_, status, percentage) => {
    expect(wantedMirror(status)).toBe(percentage);
  });

  it.each([
    ["set on fresh checks", { metrics: known([silent]) }, 1],
    ["not set on a fail", { metrics: known([broken]) }, 0],
    ["not set on an error", { metrics: known([unreadable]) }, 0],
    ["not set on too few pods", { target: known({ ...nextTarget, availableReplicas: 1 }) }, 0],
  ])("are %s", (_, world, actions) => {
    const snapshot = aMirroring("shifted", { routes: known(someRoutes()), ...world });
    expect(plan(snapshot)).toEqual([{ kind: "SetMirror", percentage: 10 }].slice(0, actions));
  });

  it("are set again where a rule lost them, and left alone where all have them", () => {
    const uneven = aMirroring("confirmed", {
      routes: known(someRoutes({ mirror: copies(10, false) })),
    });
    expect(plan(uneven)).toEqual([{ kind: "SetMirror", percentage: 10 }]);
    expect(plan(aMirroring("confirmed"))).toEqual([]);
  });

  it.each([
    [
      "more than decided",
      aMirroring("confirmed", { routes: known(someRoutes({ mirror: copies(11) })) }),
      0,
    ],
    [
      "before they were decided",
      aMirroring("entered", { routes: known(someRoutes({ mirror: copies(10) })) }),
      0,
    ],
    [
      "in a stage of weight",
      aReleasing(progressing(1, "confirmed"), {
        routes: known(someRoutes({ canaryWeight: 25, mirror: copies(10) })),
      }),
      25,
    ],
    [
      "after a failure",
      aReleasing(failed(), { routes: known(someRoutes({ mirror: copies(10) })) }),
      0,
    ],
    [
      "left by a controller that died",
      aSnapshot({ routes: known(someRoutes({ mirror: copies(10) })) }),
      0,
    ],
  ])("are taken away at once: %s", (_, snapshot, canaryWeight) => {
    expect(decideNow(snapshot)).toMatchObject({
      rule: "lowerRoutes",
      actions: [{ kind: "SetWeight", canaryWeight, direction: "Lower" }],
    });
  });
});

describe("a mirror stage", () => {
  it("begins with pods for its share, without weight", () => {
    expect(statusAfter(aMirroring("entered"))).toMatchObject({
      canaryWeight: 0,
      message: "stage 1/5 (mirror 10 %): sending traffic",
      release: { peakWeight: 0, stage: { kind: "Mirror", shiftedAt: ago(0) } },
    });
  });

  it.each([
    ["as decided", { mirror: copies(10) }, "recordStageRouted"],
    ["on some rules only", { mirror: copies(10, false) }, "hold"],
    ["less", { mirror: copies(5) }, "hold"],
    ["not at all", {}, "hold"],
  ])("is routed when copies are asked for %s", (_, routes, rule) => {
    const metrics = known([unreadable]);
    const snapshot = aMirroring("shifted", { routes: known(someRoutes(routes)), metrics });
    expect(decideNow(snapshot).rule).toBe(rule);
  });

  it("leaves the warm-up to the first live requests", () => {
    const after = statusAfter(aMirroring("shifted"));
    expect(after.release?.stage?.routedAt).toBe(ago(0));
    expect(after.release?.firstTrafficAt).toBeUndefined();
  });

  it.each([
    ["a tenth of stable's", errorRate({ total: 90 }, { total: 900 }), "confirmTraffic"],
    ["far fewer", errorRate({ total: 3 }, { total: 900 }), "hold"],
  ])("is confirmed by copies: %s", (_, metric, rule) => {
    const snapshot = aMirroring("routed", { metrics: known([metric]) });
    expect(decideNow(snapshot).rule).toBe(rule);
  });

  it("shows no share of live requests once its copies arrive", () => {
    expect(statusAfter(aMirroring("routed"))).toMatchObject({
      observedWeight: 0,
      message: expect.stringMatching(
        /^stage 1\/5 \(mirror 10 %\): \d+ copies beside \d+ live requests; now at least 60 s within every limit$/,
      ),
    });
  });

  it("is passed on evidence, to the first weight, and its copies go before that is set", () => {
    const snapshot = aMirroring("confirmed", { metrics: known([healthy]) });
    const after = statusAfter(snapshot);
    expect(after).toMatchObject({
      canaryWeight: 0,
      release: { stage: { index: 1, kind: "Weight", weight: 10 } },
      outbox: [{ reason: "StagePassed", facts: { stage: "1/5", weight: "0", nextWeight: "10" } }],
    });
    expect(decideNow({ ...snapshot, status: after })).toMatchObject({ rule: "lowerRoutes" });
    const cleared = { ...snapshot, status: after, routes: known(someRoutes()) };
    expect(decideNow(cleared)).toMatchObject({ rule: "shiftTraffic" });
  });

  it("does not start again because the first weight is not set yet", () => {
    const stage = { ...enterStage(mirrorFirst, 1, now), shiftedAt: ago(1) };
    const status = progressing(0, "shifted", { release: { stage } });
    const world = { spec: known(aSpec({ stages: mirrorFirst })), routes: known(someRoutes()) };
    expect(decideNow(aReleasing(status, world))).toMatchObject({
      rule: "hold",
      actions: [{ kind: "SetWeight", canaryWeight: 10, direction: "Raise" }],
    });
  });

  it("fails the release on evidence, and the failure waits until the copies are gone", () => {
    const decision = decideNow(aMirroring("confirmed", { metrics: known([broken]) }));
    expect(decision).toMatchObject({
      kind: "Rollback",
      status: { phase: "Failed", canaryWeight: 0, history: [{ outcome: "Failed", peakWeight: 0 }] },
    });
    const status = statusAfter(aMirroring("confirmed"), decision);
    const routed = (mirror: ReturnType<typeof copies> | undefined) =>
      decideNow(aMirroring("confirmed", { status, routes: known(someRoutes({ mirror })) })).rule;
    expect(routed(copies(10))).toBe("lowerRoutes");
    expect(routed(undefined)).toBe("recordRouted");
  });
});
