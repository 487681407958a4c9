/**
 * What the pods of the version under release say against it: they crash, they stop serving, or they do not come up in
 * time. Only pods of its own template count, and none that suffers from its node or from whoever deleted it.
 */
import type { FailureReason } from "../../api/conditions.ts";
import { fromInstant } from "../instant.ts";
import { unreadyToleratedMs } from "../limits.ts";
import type { Pod, Pods, Snapshot } from "./snapshot.ts";
import { wantedMirror } from "./stages.ts";

/** One thing that speaks against the version under release. */
export interface PodFault {
  readonly reason: FailureReason;
  readonly message: string;
  /** When it was first seen, ms. */
  readonly detectedAt: number;
}

/** The strongest first: pods that crash, then pods that stopped serving, then the deadline. */
export function assessPods(snapshot: Snapshot, now: number): PodFault | undefined {
  const { pods } = snapshot;
  const ofPods =
    pods.kind === "Known"
      ? (crashingPod(countedPods(snapshot), now) ?? unreadyPods(snapshot, pods.value, now))
      : undefined;
  return ofPods ?? missedDeadline(snapshot, now);
}

/** What keeps pods of the version under release from starting; for people, until the deadline decides. */
export function podTrouble(snapshot: Snapshot): string | undefined {
  const { target } = snapshot;
  const troubled = countedPods(snapshot).find((pod) => !pod.isReady && pod.trouble !== undefined);
  if (troubled !== undefined) return `pod ${troubled.name}: ${troubled.trouble}`;
  return target.kind === "Known" ? target.value.refusedPods : undefined;
}

/** Those of the template under release that are no victims. */
function countedPods({ pods, status: { release } }: Snapshot): readonly Pod[] {
  if (pods.kind !== "Known" || release === undefined) return [];
  return pods.value.canary.filter(
    (pod) => !pod.isExcused && pod.templateHash === release.templateHash,
  );
}

function crashingPod(pods: readonly Pod[], now: number): PodFault | undefined {
  const crashing = pods.find((pod) => pod.crash !== undefined);
  if (crashing?.crash === undefined) return undefined;
  const { container, because } = crashing.crash;
  const message = `pod ${crashing.name}, container ${container}: ${because}`;
  return { reason: "CanaryCrashing", message, detectedAt: now };
}

/**
 * Readiness counts only once the canary has been given traffic or copies of it, and unless the primary's pods suffer as much. Pods
 * that are on their way up are no loss. More than half lost is too little to serve the weight: that is not waited out.
 */
function unreadyPods(snapshot: Snapshot, { primary }: Pods, now: number): PodFault | undefined {
  const { status } = snapshot;
  if ((status.canaryWeight ?? 0) + wantedMirror(status) === 0) return undefined;
  const served = countedPods(snapshot).filter((pod) => pod.hasServed);
  const lost = served.filter((pod) => !pod.isReady);
  const stable = primary.filter((pod) => !pod.isExcused && pod.hasServed);
  if (lostShare(stable) >= lostShare(served)) return undefined;
  const since = Math.min(...lost.map((pod) => pod.readyChangedAt));
  const of = `${lost.length} of ${served.length} canary pods`;
  if (lostShare(served) > 0.5) {
    const message = `${of} were ready and are not: fewer than half are left, and fewer than of the primary's`;
    return { reason: "CanaryUnready", message, detectedAt: since };
  }
  if (now - since <= unreadyToleratedMs) return undefined;
  const message = `${of} were ready and are not for more than ${unreadyToleratedMs / 1000} s, more than of the primary's`;
  return { reason: "CanaryUnready", message, detectedAt: since };
}

/** One unready pod among many of the primary's must not stand before a rollback. */
function lostShare(pods: readonly Pod[]): number {
  return pods.length === 0 ? 0 : pods.filter((pod) => !pod.isReady).length / pods.length;
}

/** The canary's pods must reach the stage's capacity in time; not counted once the stage has its traffic. */
function missedDeadline(snapshot: Snapshot, now: number): PodFault | undefined {
  const { spec, target, status } = snapshot;
  const stage = status.release?.stage;
  if (status.phase !== "Progressing" || stage === undefined || stage.shiftedAt !== undefined)
    return undefined;
  if (spec.kind !== "Known" || target.kind !== "Known" || target.value.isRolledOut)
    return undefined;
  const seconds = spec.value.progressDeadlineSeconds;
  const deadline = capacitySince(snapshot, stage.enteredAt) + seconds * 1000;
  if (now < deadline) return undefined;
  const { availableReplicas, replicas } = target.value;
  const trouble = podTrouble(snapshot);
  const because = trouble === undefined ? "" : `; ${trouble}`;
  return {
    reason: "ProgressDeadlineExceeded",
    message: `${availableReplicas} of ${replicas} canary pods were available after ${seconds} s${because}`,
    detectedAt: deadline,
  };
}

/** A pod that replaces an evicted one has as long to become ready as the first one had. */
function capacitySince({ pods }: Snapshot, enteredAt: string): number {
  const unready = pods.kind === "Known" ? pods.value.canary.filter((pod) => !pod.isReady) : [];
  return Math.max(fromInstant(enteredAt), ...unready.map((pod) => pod.createdAt));
}
