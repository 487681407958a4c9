import { describe, expect, it } from "vitest";
import { assessChecks } from "../../../src/core/canary/checks.ts";
import { assessEvidence } from "../../../src/core/canary/evidence.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import type { Pod, Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known, unknown } from "../../../src/core/fact.ts";
import {
  ago,
  aPod,
  aReleasing,
  aSnapshot,
  aSpecWith,
  broken,
  errorRate,
  nextTarget,
  now,
  progressing,
} from "../../support/snapshots.ts";

const evidenceOf = (snapshot: Snapshot) =>
  assessEvidence(snapshot, assessChecks(snapshot, now), now);

function withPods(pods: readonly Partial<Pod>[], world: Partial<Snapshot> = {}): Snapshot {
  return aReleasing(progressing(1, "confirmed"), {
    pods: known({ canary: pods.map(aPod), primary: [aPod()] }),
    ...world,
  });
}

/** Ready once, and not any more since some seconds. */
const unready = (seconds: number): Partial<Pod> => ({
  isReady: false,
  readyChangedAt: now - seconds * 1000,
});
const crash = { container: "web", because: "CrashLoopBackOff" };

describe("evidence", () => {
  it("is none without a release, whatever the metrics say", () => {
    expect(evidenceOf(aSnapshot({ metrics: known([broken]) }))).toBeUndefined();
  });

  it("is none in a healthy release, nor while its pods are unknown", () => {
    expect(evidenceOf(withPods([{}]))).toBeUndefined();
    expect(evidenceOf(withPods([], { pods: unknown("not read yet") }))).toBeUndefined();
  });

  it("is a broken limit, since the first check beyond it", () => {
    expect(evidenceOf(withPods([{ crash }], { metrics: known([broken]) }))).toEqual({
      reason: "MetricLimitExceeded",
      message: "error-rate: 20 % of 100 requests, limit 5 %, in 3 checks in a row",
      metric: "error-rate",
      value: 20,
      limit: 5,
      detectedAt: now - 30_000,
    });
  });

  it.each([{ dryRun: true }, { onFail: "Pause" as const }])(
    "is no limit that is not to roll back: %j",
    (metric) => {
      const spec = known(aSpecWith(metric));
      const world = withPods([{}], { spec, metrics: known([broken]) });
      expect(assessSituation(world, now).evidence).toBeUndefined();
    },
  );

  it("is silence, where the spec has it fail", () => {
    const silence = errorRate({ total: 0 }, { total: 900 }, { silentSince: now - 120_000 });
    const spec = known(aSpecWith({ onNoData: "Fail" }));
    expect(evidenceOf(withPods([{}], { spec, metrics: known([silence]) }))).toMatchObject({
      reason: "MetricNoData",
      detectedAt: now - 120_000,
    });
    expect(evidenceOf(withPods([{}], { metrics: known([silence]) }))).toBeUndefined();
  });

  it("is a pod that crashes", () => {
    expect(evidenceOf(withPods([{}, { name: "web-2", crash }]))).toMatchObject({
      reason: "CanaryCrashing",
      message: "pod web-2: CrashLoopBackOff",
    });
  });

  it("is no pod that was deleted, evicted or lost its node", () => {
    expect(evidenceOf(withPods([{ crash, isExcused: true }]))).toBeUndefined();
    expect(evidenceOf(withPods([{ ...unready(60), isExcused: true }]))).toBeUndefined();
  });

  it.each([
    [20, undefined],
    [21, "CanaryUnready"],
  ])("of pods unready for %i s is %s", (seconds, reason) => {
    expect(evidenceOf(withPods([{}, unready(seconds)]))?.reason).toBe(reason);
  });

  it("is no pod that has not been ready yet", () => {
    const starting = { isReady: false, createdAt: now - 60_000, readyChangedAt: now - 60_000 };
    expect(evidenceOf(withPods([starting]))).toBeUndefined();
  });

  it.each([
    { unreadyOf: "1 of 2", canary: [{}, unready(60)], stable: "1 of 2", primary: [{}, unready(5)] },
    { unreadyOf: "1 of 1", canary: [unready(60)], stable: "1 of 1", primary: [unready(5)] },
  ])("is no unready pod while as many are of the primary's: $unreadyOf, $stable", (pods) => {
    const shared = known({ canary: pods.canary.map(aPod), primary: pods.primary.map(aPod) });
    expect(evidenceOf(withPods([], { pods: shared }))).toBeUndefined();
  });

  it.each([
    { unreadyOf: "1 of 2", canary: [{}, unready(60)], primary: [{}, {}, unready(60)] },
    { unreadyOf: "2 of 2", canary: [unready(60), unready(60)], primary: [{}, unready(60)] },
  ])("is $unreadyOf unready pods, whatever a smaller part of the primary's does", (pods) => {
    const worse = known({ canary: pods.canary.map(aPod), primary: pods.primary.map(aPod) });
    expect(evidenceOf(withPods([], { pods: worse }))?.reason).toBe("CanaryUnready");
  });

  it("is no unready pod without traffic", () => {
    const before = aReleasing(progressing(0, "entered"), {
      pods: known({ canary: [aPod(unready(60))], primary: [aPod()] }),
    });
    expect(evidenceOf(before)).toBeUndefined();
  });
});

describe("pods of the version before", () => {
  const started = (createdAgo: number) =>
    aReleasing(progressing(0, "entered", { release: { startedAt: ago(10) } }), {
      pods: known({ canary: [aPod({ crash, createdAt: now - createdAgo * 1000 })], primary: [] }),
    });

  it.each([
    [15, "CanaryCrashing"],
    [16, undefined],
  ])("do not count before the first weight: created %i s ago, %s", (seconds, reason) => {
    expect(evidenceOf(started(seconds))?.reason).toBe(reason);
  });

  it("are gone once there was a weight: every pod counts", () => {
    expect(evidenceOf(withPods([{ crash, createdAt: now - 9_000_000 }]))).toBeDefined();
  });
});

describe("the deadline", () => {
  const target = known({ ...nextTarget, availableReplicas: 1, isRolledOut: false });
  const entered = (seconds: number, point: "entered" | "shifted" = "entered") =>
    progressing(0, point, {
      release: {
        stage: {
          index: 0,
          weight: 10,
          enteredAt: ago(seconds),
          ...(point === "shifted" && { shiftedAt: ago(1) }),
        },
      },
    });

  it.each([
    [599, undefined],
    [600, "ProgressDeadlineExceeded"],
  ])("of 600 s, %i s after the stage was entered: %s", (seconds, reason) => {
    expect(evidenceOf(aReleasing(entered(seconds), { target }))?.reason).toBe(reason);
  });

  it("says how many pods there are, and when it was missed", () => {
    expect(evidenceOf(aReleasing(entered(700), { target }))).toMatchObject({
      message: "1 of 4 canary pods were available after 600 s",
      detectedAt: now - 100_000,
    });
  });

  it("is over once the pods are there or the weight is set", () => {
    expect(evidenceOf(aReleasing(entered(700)))).toBeUndefined();
    expect(evidenceOf(aReleasing(entered(700, "shifted"), { target }))).toBeUndefined();
  });

  it.each([
    [599, undefined],
    [600, "ProgressDeadlineExceeded"],
  ])("begins again with a pod that replaces an evicted one, %i s ago: %s", (seconds, reason) => {
    const young = aPod({
      isReady: false,
      createdAt: now - seconds * 1000,
      readyChangedAt: now - seconds * 1000,
    });
    const pods = known({ canary: [aPod(), young], primary: [aPod()] });
    expect(evidenceOf(aReleasing(entered(5000), { target, pods }))?.reason).toBe(reason);
  });
});
