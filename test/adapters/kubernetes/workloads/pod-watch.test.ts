import { beforeEach, describe, expect, it } from "vitest";
import type { WorkloadScope } from "../../../../src/ports/workloads.ts";
import {
  createWorkloadBed,
  deploymentPath,
  podPath,
  template,
  valueOf,
  type WorkloadBed,
} from "./workload-bed.ts";

let bed: WorkloadBed;
let scope: WorkloadScope;
beforeEach(async () => {
  bed = await createWorkloadBed();
  ({ scope } = bed);
});

describe("the pods of both versions", () => {
  it("are unknown until they are watched, and again after", async () => {
    await bed.start();
    expect(bed.workloads.observe(scope).pods.kind).toBe("Unknown");
    bed.workloads.watchPods(scope, true);
    expect(bed.workloads.observe(scope).pods.kind).toBe("Unknown");
    await bed.settle();
    const pods = valueOf(bed.workloads.observe(scope).pods);
    expect(pods.canary.map(({ isReady }) => isReady)).toEqual([true, true]);
    expect(pods.primary.map(({ isReady }) => isReady)).toEqual([true, true]);
    bed.workloads.watchPods(scope, false);
    expect(bed.workloads.observe(scope).pods.kind).toBe("Unknown");
  });

  it("are told of when they change, and when there are none", async () => {
    await bed.start();
    await bed.workloads.scale(scope, "Target", 0, bed.target().resourceVersion);
    await bed.workloads.scale(scope, "Primary", 0, bed.primary().resourceVersion);
    await bed.run();
    bed.workloads.watchPods(scope, true);
    bed.workloads.watchPods(scope, true);
    await bed.settle();
    expect(bed.podChanges).toEqual(["shop/orders"]);
    await bed.workloads.scale(scope, "Target", 1, bed.target().resourceVersion);
    await bed.run();
    expect(bed.podChanges.length).toBeGreaterThan(1);
    expect(valueOf(bed.workloads.observe(scope).pods).canary).toHaveLength(1);
  });

  it("say of which template they are, whichever version has it", async () => {
    await bed.start();
    const before = bed.target().templateHash;
    bed.workloads.watchPods(scope, true);
    const hash = await bed.push("orders:2");
    const pods = valueOf(bed.workloads.observe(scope).pods);
    expect(pods.canary.map(({ templateHash }) => templateHash)).toEqual([hash, hash]);
    expect(pods.primary.map(({ templateHash }) => templateHash)).toEqual([before, before]);
  });

  it("are of no template when no ReplicaSet made them", async () => {
    await bed.start();
    bed.workloads.watchPods(scope, true);
    await bed.create(podPath(), {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "bare", labels: { app: "orders", tier: "web" } },
      spec: { containers: [{ name: "app", image: "x" }] },
    });
    const { canary } = valueOf(bed.workloads.observe(scope).pods);
    expect(canary.find(({ name }) => name === "bare")).toMatchObject({ templateHash: undefined });
  });

  it("show their crashes", async () => {
    await bed.start();
    bed.workloads.watchPods(scope, true);
    const crash = { "sandbox.serin.dev/crash": "true" };
    await bed.merge(deploymentPath("orders"), {
      spec: { template: template("orders:bad", crash) },
    });
    await bed.run(600_000);
    const pods = valueOf(bed.workloads.observe(scope).pods);
    expect(pods.canary.some((pod) => pod.crash?.container === "app")).toBe(true);
    expect(pods.primary.every((pod) => pod.crash === undefined)).toBe(true);
  });

  it("are those with every label of the selector", async () => {
    await bed.start();
    await bed.create(podPath(), {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "debug", labels: { app: "orders" } },
      spec: { containers: [{ name: "app", image: "x" }] },
    });
    bed.workloads.watchPods(scope, true);
    await bed.settle();
    const { canary } = valueOf(bed.workloads.observe(scope).pods);
    expect(canary.map(({ name }) => name)).not.toContain("debug");
    expect(canary).toHaveLength(2);
  });

  it("are watched no more after stop", async () => {
    await bed.start();
    bed.workloads.watchPods(scope, true);
    await bed.settle();
    await bed.workloads.stop();
    expect(bed.workloads.observe(scope).pods.kind).toBe("Unknown");
  });
});
