import { describe, expect, it } from "vitest";
import { assessPods, podTrouble } from "../../../src/core/canary/pod-faults.ts";
import type { Pod, Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known, unknown } from "../../../src/core/fact.ts";
import {
  ago,
  aPod,
  aReleasing,
  aSnapshot,
  nextTarget,
  now,
  progressing,
} from "../../support/snapshots.ts";

type Some = readonly Partial<Pod>[];

/** A release at 25 % with these pods of the canary and of the primary. */
function withPods(canary: Some, primary: Some = [{}], status = progressing(1, "confirmed")) {
  return aReleasing(status, {
    pods: known({ canary: canary.map(aPod), primary: primary.map(aPod) }),
  });
}
const faultOf = (snapshot: Snapshot) => assessPods(snapshot, now);

/** Ready once, and not any more since some seconds. */
const unready = (seconds: number): Partial<Pod> => ({
  isReady: false,
  readyChangedAt: now - seconds * 1000,
});
const starting: Partial<Pod> = { ...unready(60), hasServed: false };
const crash = { container: "web", because: "CrashLoopBackOff" };
const noImage = "container web: ImagePullBackOff: Back-off pulling image";

describe("a pod that crashes", () => {
  it("fails the release, before any traffic too", () => {
    const fault = {
      reason: "CanaryCrashing",
      message: "pod web-2, container web: CrashLoopBackOff",
      detectedAt: now,
    };
    const pods = [{}, { name: "web-2", crash }];
    expect(faultOf(withPods(pods))).toEqual(fault);
    expect(faultOf(withPods(pods, [], progressing(0, "entered")))).toEqual(fault);
  });

  it.each<[string, Partial<Pod>]>([
    ["is excused", { isExcused: true }],
    ["is of the version before", { templateHash: "good" }],
    ["is of no ReplicaSet that is known", { templateHash: undefined }],
  ])("is no fault when it %s, at any weight", (_, pod) => {
    expect(faultOf(withPods([{ crash, ...pod }]))).toBeUndefined();
    expect(faultOf(withPods([{ crash, ...pod }], [], progressing(0, "entered")))).toBeUndefined();
  });

  it("is no fault without a release, or while the pods are unknown", () => {
    const pods = known({ canary: [aPod({ crash })], primary: [] });
    expect(faultOf(aSnapshot({ pods }))).toBeUndefined();
    expect(
      faultOf(aReleasing(progressing(1, "confirmed"), { pods: unknown("…") })),
    ).toBeUndefined();
  });
});

describe("pods that stopped being ready", () => {
  it.each([
    [20, undefined],
    [21, "CanaryUnready"],
  ])("half of them for %i s: %s", (seconds, reason) => {
    expect(faultOf(withPods([{}, unready(seconds)]))?.reason).toBe(reason);
  });

  it.each<[string, Some, string | undefined]>([
    ["1 of 1", [unready(1)], "CanaryUnready"],
    ["1 of 2", [{}, unready(1)], undefined],
    ["2 of 3", [{}, unready(2), unready(1)], "CanaryUnready"],
    ["2 of 4", [{}, {}, unready(1), unready(1)], undefined],
    ["1 of 2, beside a third that starts", [{}, unready(1), starting], undefined],
    ["1 of 1, beside one that is excused", [unready(1), { isExcused: true }], "CanaryUnready"],
  ])("are waited for unless more than half are lost: %s", (_, pods, reason) => {
    expect(faultOf(withPods(pods))?.reason).toBe(reason);
  });

  it("say how many, and since when", () => {
    expect(faultOf(withPods([{}, unready(2), unready(5)]))).toMatchObject({
      message:
        "2 of 3 canary pods were ready and are not: fewer than half are left, and fewer than of the primary's",
      detectedAt: now - 5_000,
    });
    expect(faultOf(withPods([{}, unready(30)]))).toMatchObject({
      message:
        "1 of 2 canary pods were ready and are not for more than 20 s, more than of the primary's",
      detectedAt: now - 30_000,
    });
  });

  it.each<[string, Some]>([
    ["have never been ready", [starting]],
    ["are excused", [{ ...unready(60), isExcused: true }]],
    ["are of the version before", [{ ...unready(60), templateHash: "good" }]],
  ])("are no fault when they %s", (_, pods) => {
    expect(faultOf(withPods(pods))).toBeUndefined();
  });

  it.each<[string, Some, Some]>([
    ["half, half", [{}, unready(60)], [{}, unready(5)]],
    ["all, all", [unready(60)], [unready(5)]],
    ["all, all but those that start", [unready(60)], [unready(5), starting]],
  ])("are no fault while as many of the primary's are: %s", (_, canary, primary) => {
    expect(faultOf(withPods(canary, primary))).toBeUndefined();
  });

  it.each<[string, Some, Some]>([
    ["half, a third", [{}, unready(60)], [{}, {}, unready(60)]],
    ["all, half", [unready(60), unready(60)], [{}, unready(60)]],
    ["half, none but those that start", [{}, unready(60)], [{}, starting, starting]],
    [
      "half, none but those on a lost node",
      [{}, unready(60)],
      [{}, { ...unready(60), isExcused: true }],
    ],
  ])("are one while a smaller part of the primary's is: %s", (_, canary, primary) => {
    expect(faultOf(withPods(canary, primary))?.reason).toBe("CanaryUnready");
  });

  it("are no fault without traffic", () => {
    expect(faultOf(withPods([unready(60)], [{}], progressing(0, "entered")))).toBeUndefined();
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
    expect(faultOf(aReleasing(entered(seconds), { target }))?.reason).toBe(reason);
  });

  it("says how many pods there are, what keeps the others, and when it was missed", () => {
    expect(faultOf(aReleasing(entered(700), { target }))).toMatchObject({
      message: "1 of 4 canary pods were available after 600 s",
      detectedAt: now - 100_000,
    });
    const stuck = { ...starting, createdAt: now - 700_000, trouble: noImage };
    const pods = known({ canary: [aPod(stuck)], primary: [] });
    expect(faultOf(aReleasing(entered(700), { target, pods }))?.message).toBe(
      "1 of 4 canary pods were available after 600 s; pod web-1: container web: ImagePullBackOff: Back-off pulling image",
    );
  });

  it("is over once the pods are there or the weight is set", () => {
    expect(faultOf(aReleasing(entered(700)))).toBeUndefined();
    expect(faultOf(aReleasing(entered(700, "shifted"), { target }))).toBeUndefined();
  });

  it.each([
    [599, undefined],
    [600, "ProgressDeadlineExceeded"],
  ])("begins again with a pod that replaces an evicted one, %i s ago: %s", (seconds, reason) => {
    const young = aPod({ ...unready(seconds), hasServed: false, createdAt: now - seconds * 1000 });
    const pods = known({ canary: [aPod(), young], primary: [aPod()] });
    expect(faultOf(aReleasing(entered(5000), { target, pods }))?.reason).toBe(reason);
  });
});

describe("what keeps pods from starting", () => {
  const troubled = { ...starting, trouble: noImage };
  it.each<[string, Some, string | undefined]>([
    ["of the release", [{}, troubled], `pod web-1: ${noImage}`],
    ["of the version before", [{ ...troubled, templateHash: "good" }], undefined],
    ["that is being deleted", [{ ...troubled, isExcused: true }], undefined],
    ["that runs", [{ trouble: noImage }], undefined],
  ])("is told of a pod %s", (_, pods, trouble) => {
    expect(podTrouble(withPods(pods))).toBe(trouble);
  });

  it("is told of pods that may not even be created", () => {
    const target = known({ ...nextTarget, refusedPods: "exceeded quota" });
    const status = progressing(0, "entered");
    expect(podTrouble(aReleasing(status, { target }))).toBe("exceeded quota");
    expect(podTrouble(aReleasing(status, { target: unknown("…") }))).toBeUndefined();
  });
});
