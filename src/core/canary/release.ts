/** The beginning and the end of a release as changes of status. */

import type { CanarySpec } from "../../api/canary-spec.ts";
import type {
  CanaryStatus,
  ReleaseRecord,
  ReleaseStatus,
  RollbackStatus,
} from "../../api/canary-status.ts";
import { toInstant } from "../instant.ts";
import { maxFactLength, maxHistory, maxImages } from "../limits.ts";
import { clip } from "./clip.ts";
import type { Workload } from "./snapshot.ts";
import { enterStage } from "./stages.ts";

/** A release of the target's present template, about to bring up its first stage. */
export function newRelease(
  target: Workload,
  primaryReplicas: number,
  spec: CanarySpec,
  at: { readonly now: number; readonly count: number; readonly before: ReleaseStatus | undefined },
): ReleaseStatus {
  const abandoned = abandonedCopy(at.before);
  return {
    id: `${target.templateHash}-${at.count}`,
    templateHash: target.templateHash,
    images: target.images.slice(0, maxImages).map((image) => clip(image, maxFactLength)),
    startedAt: toInstant(at.now),
    primaryReplicas,
    peakWeight: 0,
    ...(spec.skipAnalysis && { unproven: true }),
    stage: enterStage(spec.stages, 0, at.now),
    ...(abandoned !== undefined && { abandoned }),
  };
}

/** What the release before was about to copy when it ended: the write may be on its way for a while yet. */
function abandonedCopy(before: ReleaseStatus | undefined): ReleaseStatus["abandoned"] {
  if (before?.promotion?.step !== "Copy") return before?.abandoned;
  return { templateHash: before.templateHash, savedHash: before.promotion.savedHash };
}

/** Status of a release that failed: in the history, and not tried again by itself. What it leaves of the weights is the caller's. */
export function failRelease(
  status: CanaryStatus,
  release: ReleaseStatus,
  rollback: RollbackStatus,
  now: number,
): CanaryStatus {
  const failed: CanaryStatus = {
    ...status,
    phase: "Failed",
    lastFailedHash: release.templateHash,
    release: { ...release, rollback },
  };
  return recordRelease(failed, "Failed", rollback.reason, now);
}

/** Status with the release written into history, newest first. */
export function recordRelease(
  status: CanaryStatus,
  outcome: ReleaseRecord["outcome"],
  reason: string,
  now: number,
): CanaryStatus {
  if (status.release === undefined) return status;
  const { id, images, startedAt, peakWeight, rollback, byHand, unproven } = status.release;
  const command = rollback?.reason === "Aborted" ? rollback.message : byHand;
  const record = {
    id,
    images,
    startedAt,
    endedAt: toInstant(now),
    outcome,
    reason,
    peakWeight,
    ...(command !== undefined && isDecidedBy(outcome, reason) && { command }),
    ...(unproven === true && { unproven }),
  };
  const earlier = (status.history ?? []).filter((other) => other.id !== id);
  return { ...status, history: [record, ...earlier].slice(0, maxHistory) };
}

/** Only where a command decided how a release ended its words are kept in history. */
function isDecidedBy(outcome: ReleaseRecord["outcome"], reason: string): boolean {
  return reason === "Aborted" || outcome === "Succeeded";
}
