import { beforeEach, describe, expect, it } from "vitest";
import type { Workload } from "../../../../src/core/canary/snapshot.ts";
import type { Fact } from "../../../../src/core/fact.ts";
import type { WorkloadScope } from "../../../../src/ports/workloads.ts";
import { createWorkloadBed, deployment, deploymentPath, type WorkloadBed } from "./workload-bed.ts";

let bed: WorkloadBed;
let scope: WorkloadScope;
beforeEach(async () => {
  bed = await createWorkloadBed();
  ({ scope } = bed);
  await bed.create(deploymentPath(), deployment());
  await bed.run();
  await bed.workloads.createPrimary(scope, 2, target().templateHash);
  await bed.run();
});

function valueOf<T>(fact: Fact<T>): T {
  if (fact.kind === "Known") return fact.value;
  throw new Error(fact.because);
}
const target = (): Workload => valueOf(bed.workloads.observe(scope).target);
const primary = (): Workload => valueOf(bed.workloads.observe(scope).primary);

describe("deleting the primary", () => {
  it("leaves the target, and is done where there is none", async () => {
    await bed.workloads.deletePrimary(scope, primary().resourceVersion);
    expect(bed.workloads.observe(scope).primary).toMatchObject({ reason: "PrimaryNotFound" });
    expect(target().replicas).toBeGreaterThan(0);
    await bed.workloads.deletePrimary(scope, "1");
  });

  it("leaves one that changed since the look", async () => {
    const { resourceVersion } = primary();
    await bed.merge(deploymentPath("orders-primary"), { spec: { replicas: 5 } });
    await expect(bed.workloads.deletePrimary(scope, resourceVersion)).rejects.toMatchObject({
      name: "RetryableError",
      reason: "Conflict",
    });
    expect(primary().replicas).toBe(5);
  });
});
