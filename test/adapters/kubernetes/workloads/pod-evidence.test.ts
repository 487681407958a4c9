import { describe, expect, it } from "vitest";
import { decodePod } from "../../../../src/adapters/kubernetes/workloads/decode.ts";
import { podEvidence } from "../../../../src/adapters/kubernetes/workloads/pod-evidence.ts";

const createdAt = "2026-01-01T00:00:00Z";
const readyAt = "2026-01-01T00:00:20Z";

const evidenceOf = (status: object, metadata: object = {}) =>
  podEvidence(
    decodePod({
      metadata: { name: "orders-1", creationTimestamp: createdAt, ...metadata },
      status,
    }),
    "of it",
  );

const ready = (status: string, lastTransitionTime: string | null = readyAt) => ({
  conditions: [{ type: "Ready", status, lastTransitionTime }],
});

const container = (fields: object) => ({
  containerStatuses: [
    { name: "fine", restartCount: 0 },
    { name: "app", restartCount: 0, ...fields },
  ],
});
const ended = (exitCode: number, reason = "Error") => ({ terminated: { exitCode, reason } });

describe("a pod", () => {
  it.each([
    ["is ready since its condition says so", ready("True"), true, Date.parse(readyAt)],
    ["is unready since its condition says so", ready("False"), false, Date.parse(readyAt)],
    ["is unready from its creation on without a condition", {}, false, Date.parse(createdAt)],
    [
      "is unready from its creation on without a time",
      ready("False", null),
      false,
      Date.parse(createdAt),
    ],
  ])("%s", (_, status, isReady, readyChangedAt) => {
    expect(evidenceOf(status)).toMatchObject({
      name: "orders-1",
      templateHash: "of it",
      createdAt: Date.parse(createdAt),
      isReady,
      readyChangedAt,
      isExcused: false,
      crash: undefined,
      trouble: undefined,
    });
  });

  const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, "0")}Z`;
  it.each([
    ["is ready", ready("True"), true],
    ["became unready", { ...ready("False", at(20)), startTime: at(10) }, true],
    [
      "was taken on late and is not ready yet",
      { ...ready("False", at(20)), startTime: at(20) },
      false,
    ],
    [
      "was said to be unready a moment after it was taken on",
      { ...ready("False", at(21)), startTime: at(20) },
      false,
    ],
    ["waits for a node", { phase: "Pending" }, false],
  ])("that %s has served: %s", (_, status, hasServed) => {
    expect(evidenceOf(status).hasServed).toBe(hasServed);
  });

  const conditions = (contained: string, reason?: string) => ({
    conditions: [
      { type: "ContainersReady", status: contained },
      { type: "Ready", status: "False", ...(reason !== undefined && { reason }) },
    ],
  });
  it.each([
    ["whose node is silent", conditions("True"), true],
    ["of which nobody knows", ready("Unknown"), true],
    ["whose readiness gate is shut", conditions("True", "ReadinessGatesNotReady"), false],
    ["whose containers are not ready", conditions("False", "ContainersNotReady"), false],
  ])("%s is excused: %s", (_, status, isExcused) => {
    expect(evidenceOf(status).isExcused).toBe(isExcused);
  });

  const waiting = (reason: string, message?: string) =>
    container({ state: { waiting: { reason, ...(message !== undefined && { message }) } } });
  it.each([
    ["is created", waiting("ContainerCreating"), undefined],
    ["waits for its init containers", waiting("PodInitializing"), undefined],
    [
      "cannot pull",
      waiting("ImagePullBackOff", "Back-off pulling"),
      "container app: ImagePullBackOff: Back-off pulling",
    ],
    [
      "has no such image",
      waiting("ErrImagePull", "not found"),
      "container app: ErrImagePull: not found",
    ],
    ["has no image's name", waiting("InvalidImageName"), "container app: InvalidImageName"],
    [
      "lacks a Secret",
      waiting("CreateContainerConfigError", 'secret "db" not found'),
      'container app: CreateContainerConfigError: secret "db" not found',
    ],
    [
      "has no node",
      {
        conditions: [
          {
            type: "PodScheduled",
            status: "False",
            reason: "Unschedulable",
            message: "0/3 nodes are available",
          },
        ],
      },
      "Unschedulable: 0/3 nodes are available",
    ],
  ])("that %s says so: %s", (_, status, trouble) => {
    expect(evidenceOf(status).trouble).toBe(trouble);
  });

  it("says no more than can be shown", () => {
    const { trouble } = evidenceOf(waiting("ErrImagePull", "x".repeat(5000)));
    expect(trouble).toHaveLength(400);
    expect(trouble).toMatch(/x…$/);
  });

  it.each([
    ["is being deleted", {}, { deletionTimestamp: readyAt }, true],
    ["was evicted", { phase: "Failed", reason: "Evicted" }, {}, true],
    ["was turned away by its node", { phase: "Failed", reason: "OutOfcpu" }, {}, true],
    ["was on a node that is lost", { reason: "NodeLost" }, {}, true],
    ["is drained", { conditions: [{ type: "DisruptionTarget", status: "True" }] }, {}, true],
    [
      "is no longer drained",
      { conditions: [{ type: "DisruptionTarget", status: "False" }] },
      {},
      false,
    ],
    ["runs", { phase: "Running" }, {}, false],
    ["waits to be placed", { phase: "Pending", reason: "Unschedulable" }, {}, false],
  ])("that %s is excused or not", (_, status, metadata, isExcused) => {
    expect(evidenceOf(status, metadata).isExcused).toBe(isExcused);
  });

  it.each([
    [
      "waits in CrashLoopBackOff",
      { restartCount: 3, state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: ended(1) },
      "CrashLoopBackOff: it ended 3 times, last with exit code 1 Error",
    ],
    [
      "was restarted twice after errors",
      { restartCount: 2, lastState: ended(137, "OOMKilled") },
      "it ended 2 times, last with exit code 137 OOMKilled",
    ],
    [
      "has ended again after one restart",
      { restartCount: 1, state: ended(2), lastState: ended(1) },
      "it ended 2 times, last with exit code 2 Error",
    ],
    ["was restarted once", { restartCount: 1, lastState: ended(1) }, undefined],
    ["has ended once", { restartCount: 0, state: ended(1) }, undefined],
    [
      "was restarted twice after clean ends",
      { restartCount: 2, lastState: ended(0, "Completed") },
      undefined,
    ],
    [
      "ended badly after a clean end",
      { restartCount: 1, state: ended(1), lastState: ended(0) },
      undefined,
    ],
    ["cannot pull its image", { state: { waiting: { reason: "ImagePullBackOff" } } }, undefined],
    [
      "cannot be configured",
      { state: { waiting: { reason: "CreateContainerConfigError" } } },
      undefined,
    ],
  ])("whose container %s", (_, fields, because) => {
    const crash = because === undefined ? undefined : { container: "app", because };
    expect(evidenceOf(container(fields)).crash).toEqual(crash);
  });

  it("crashes in its init containers too", () => {
    const initContainerStatuses = [{ name: "migrate", restartCount: 2, lastState: ended(1) }];
    expect(evidenceOf({ initContainerStatuses }).crash).toMatchObject({ container: "migrate" });
  });
});
