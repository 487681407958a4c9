import { describe, expect, it } from "vitest";
import {
  advanceLife,
  beginLife,
  nextChangeAt,
  type PodLife,
  type PodWish,
} from "../../../src/sandbox/workloads/pod-lifecycle.ts";

const healthy: PodWish = { crash: false, imageMissing: false, startMs: 1_000 };
const crashing: PodWish = { ...healthy, crash: true };
const missing: PodWish = { ...healthy, imageMissing: true };

describe("a pod's life", () => {
  it.each([
    { at: 999, stage: "Creating" },
    { at: 1_000, stage: "Ready" },
  ])("is $stage at $at ms of a start of 1,000 ms", ({ at, stage }) => {
    expect(advanceLife(beginLife(0), healthy, at).stage).toBe(stage);
  });

  it("waits twice as long after each crash, up to five minutes", () => {
    let life: PodLife = beginLife(0);
    const waits: number[] = [];
    let now = 0;
    while (waits.length < 8) {
      const due = nextChangeAt(life, crashing, now) ?? now;
      if (life.stage === "CrashLoopBackOff") waits.push((due - life.since) / 1_000);
      now = due;
      life = advanceLife(life, crashing, now);
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300, 300]);
    expect(life.readinessChangedAt).toBe(0);
  });

  it("restarts once at once: two exits before the first back-off", () => {
    const life = advanceLife(beginLife(0), crashing, 4_000);
    expect(life).toMatchObject({ stage: "CrashLoopBackOff", restarts: 1, crashes: 2 });
  });

  it("ends as soon as a running pod is to crash, and starts well once it is not", () => {
    const ready = advanceLife(beginLife(0), healthy, 60_000);
    const crashed = advanceLife(ready, crashing, 60_000);
    expect(crashed).toMatchObject({ stage: "Exited", readinessChangedAt: 60_000 });
    const recovered = advanceLife(crashed, healthy, 62_000);
    expect(recovered).toMatchObject({ stage: "Ready", restarts: 1, readinessChangedAt: 62_000 });
  });

  it.each([
    { upMs: 600_000, stage: "Exited" },
    { upMs: 599_999, stage: "CrashLoopBackOff" },
  ])("is $stage when it crashes again after $upMs ms", ({ upMs, stage }) => {
    const recovered = advanceLife(advanceLife(beginLife(0), crashing, 3_500), healthy, 20_000);
    expect(recovered.stage).toBe("Ready");
    expect(advanceLife(recovered, crashing, recovered.since + upMs).stage).toBe(stage);
  });

  it("backs off pulling an image that is not there, and goes on when it is", () => {
    expect(advanceLife(beginLife(0), missing, 2_999).stage).toBe("PullFailed");
    const backingOff = advanceLife(beginLife(0), missing, 3_000);
    expect(backingOff.stage).toBe("PullBackOff");
    expect(nextChangeAt(backingOff, missing, 3_000)).toBeUndefined();
    expect(advanceLife(backingOff, healthy, 9_000).stage).toBe("Creating");
  });
});
