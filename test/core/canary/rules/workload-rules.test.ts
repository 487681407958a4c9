import { describe, expect, it } from "vitest";
import type { Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known } from "../../../../src/core/fact.ts";
import {
  ago,
  aReleasing,
  aSnapshot,
  aWorkload,
  decideNow,
  failed,
  initialized,
  progressing,
  settled,
  statusAfter,
} from "../../../support/snapshots.ts";

const idleTarget = { replicas: 0, availableReplicas: 0 };
const scaled = (generation: number): Partial<Snapshot> => ({
  target: known(aWorkload({ ...idleTarget, generation })),
});

describe("a change of replicas while nothing is under way", () => {
  it("is written down once", () => {
    const snapshot = aSnapshot(scaled(9));
    expect(decideNow(snapshot)).toMatchObject({ rule: "recordWorkloads" });
    const status = statusAfter(snapshot);
    expect(status.observedTargetGeneration).toBe(9);
    expect(decideNow({ ...snapshot, status })).toMatchObject({ rule: "hold", actions: [] });
  });

  it("is written down when Serin has scaled the target back, not before", () => {
    const idleReplicas = { correctedAt: [ago(1)], release: "" };
    const busy = aSnapshot({
      status: settled(initialized({ idleReplicas })),
      target: known(aWorkload({ generation: 8, replicas: 3 })),
    });
    expect(decideNow(busy)).toMatchObject({
      rule: "hold",
      actions: [{ kind: "Scale", role: "Target", replicas: 0 }],
    });
    expect(decideNow({ ...busy, ...scaled(9) })).toMatchObject({ rule: "recordWorkloads" });
  });

  it("is written down of the primary too", () => {
    const primary = known(aWorkload({ name: "web-primary", generation: 8, replicas: 9 }));
    expect(statusAfter(aSnapshot({ primary })).workloads?.primary).toMatchObject({ replicas: 9 });
  });

  it("is written down of a target whose template failed", () => {
    const { drain: _, ...status } = failed();
    const target = known(aWorkload({ ...idleTarget, generation: 12, templateHash: "next" }));
    const snapshot = aReleasing(status, { target });
    expect(decideNow(snapshot)).toMatchObject({
      rule: "recordWorkloads",
      status: { phase: "Failed", observedTargetGeneration: 12 },
    });
  });

  it("leaves a template that waits for its release unspoken of", () => {
    const target = known(aWorkload({ ...idleTarget, templateHash: "next" }));
    const refused = aSnapshot({ target, autoscaler: known("ScaledObject web") });
    const told = { ...refused, status: statusAfter(refused) };
    expect(decideNow(told).rule).toBe("hold");
    expect(told.status.observedTargetGeneration).toBe(7);
  });

  it("waits for what is written anyway while a release runs", () => {
    const target = known(aWorkload({ templateHash: "next", generation: 9 }));
    const running = aReleasing(progressing(0, "entered"), { target });
    expect(decideNow(running).rule).not.toBe("recordWorkloads");
  });
});
