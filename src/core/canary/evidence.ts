/** What speaks against the version under release. Only this fails a release; missing data never does. */
import type { FailureReason } from "../../api/conditions.ts";
import type { Check } from "../analysis/check.ts";
import { fromInstant } from "../instant.ts";
import { podLeadMs, unreadyToleratedMs } from "../limits.ts";
import type { Pod, Pods, Snapshot } from "./snapshot.ts";
import { wantedMirror } from "./stages.ts";

export interface Evidence {
  readonly reason: FailureReason;
  readonly message: string;
  readonly metric: string | undefined;
  readonly value: number | undefined;
  readonly limit: number | undefined;
  /** When it was first seen, ms. */
  readonly detectedAt: number;
}

/** The strongest evidence first: a limit broken, then pods that crash, then pods that do not serve, then the deadline. */
export function assessEvidence(
  snapshot: Snapshot,
  checks: readonly Check[],
  now: number,
): Evidence | undefined {
  if (snapshot.status.release === undefined) return undefined;
  return (
    failedCheck(checks, now) ??
    (snapshot.pods.kind === "Known"
      ? podEvidence(snapshot, snapshot.pods.value, now)
      : undefined) ??
    missedDeadline(snapshot, now)
  );
}

function failedCheck(checks: readonly Check[], now: number): Evidence | undefined {
  const failed = checks.find((check) => check.verdict === "Fail" && check.onFail === "Rollback");
  if (failed === undefined) return undefined;
  return {
    reason: failed.failure ?? "MetricLimitExceeded",
    message: `${failed.metric}: ${failed.message}`,
    metric: failed.metric,
    value: failed.canaryValue,
    limit: failed.limit,
    detectedAt: failed.breachedAt ?? now,
  };
}

function podEvidence(snapshot: Snapshot, pods: Pods, now: number): Evidence | undefined {
  const counted = pods.canary.filter((pod) => !pod.isExcused && isOfRelease(pod, snapshot));
  return crashingPod(counted, now) ?? unreadyPods(snapshot, counted, pods.primary, now);
}

/** Before the first weight pods of the version before may still be there; it is given only when they are gone. */
function isOfRelease(pod: Pod, { status: { release } }: Snapshot): boolean {
  if (release === undefined) return false;
  return release.peakWeight > 0 || pod.createdAt >= fromInstant(release.startedAt) - podLeadMs;
}

function crashingPod(pods: readonly Pod[], now: number): Evidence | undefined {
  const crashing = pods.find((pod) => pod.crash !== undefined);
  if (crashing?.crash === undefined) return undefined;
  return without("CanaryCrashing", `pod ${crashing.name}: ${crashing.crash.because}`, now);
}

/** Readiness counts only once the canary has been given traffic or copies of it, and unless the primary's pods suffer as much. */
function unreadyPods(
  snapshot: Snapshot,
  canary: readonly Pod[],
  primary: readonly Pod[],
  now: number,
): Evidence | undefined {
  if ((snapshot.status.canaryWeight ?? 0) + wantedMirror(snapshot.status) === 0) return undefined;
  const stable = primary.filter((pod) => !pod.isExcused);
  if (unreadyShare(stable) >= unreadyShare(canary)) return undefined;
  const unready = canary.filter((pod) => !pod.isReady);
  const served = unready.filter((pod) => pod.readyChangedAt > pod.createdAt);
  const since = Math.min(...served.map((pod) => pod.readyChangedAt));
  if (now - since > unreadyToleratedMs) {
    const message = `${served.length} of ${canary.length} canary pods were ready and are not for more than 20 s, more than of the primary's`;
    return without("CanaryUnready", message, since);
  }
  return undefined;
}

/** One unready pod among many of the primary's must not stand before a rollback. */
function unreadyShare(pods: readonly Pod[]): number {
  return pods.length === 0 ? 0 : pods.filter((pod) => !pod.isReady).length / pods.length;
}

/** The canary's pods must reach the stage's capacity in time; not counted once the stage has its traffic. */
function missedDeadline(snapshot: Snapshot, now: number): Evidence | undefined {
  const { release, phase } = snapshot.status;
  if (
    phase !== "Progressing" ||
    release?.stage === undefined ||
    release.stage.shiftedAt !== undefined
  )
    return undefined;
  if (
    snapshot.spec.kind !== "Known" ||
    snapshot.target.kind !== "Known" ||
    snapshot.target.value.isRolledOut
  )
    return undefined;
  const seconds = snapshot.spec.value.progressDeadlineSeconds;
  const deadline = capacitySince(snapshot, release.stage.enteredAt) + seconds * 1000;
  if (now < deadline) return undefined;
  return without(
    "ProgressDeadlineExceeded",
    `${snapshot.target.value.availableReplicas} of ${snapshot.target.value.replicas} canary pods were available after ${seconds} s`,
    deadline,
  );
}

/** A pod that replaces an evicted one has as long to become ready as the first one had. */
function capacitySince({ pods }: Snapshot, enteredAt: string): number {
  const unready = pods.kind === "Known" ? pods.value.canary.filter((pod) => !pod.isReady) : [];
  return Math.max(fromInstant(enteredAt), ...unready.map((pod) => pod.createdAt));
}

function without(reason: FailureReason, message: string, detectedAt: number): Evidence {
  return { reason, message, metric: undefined, value: undefined, limit: undefined, detectedAt };
}
