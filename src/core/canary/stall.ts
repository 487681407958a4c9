/** What keeps Serin from going on until a human mends it, apart from a spec that is refused and a release that failed. */
import type { CanaryStatus } from "../../api/canary-status.ts";
import type { StallReason } from "../../api/conditions.ts";
import { fromInstant } from "../instant.ts";
import { contestOf } from "./drift.ts";
import { assessLoss } from "./loss.ts";
import type { Snapshot } from "./snapshot.ts";

/** Why, as one word, and what to do about it. */
export interface Hindrance {
  readonly reason: StallReason;
  readonly message: string;
}

/**
 * Routes or a target that were deleted, else what the latest action met, else a primary that is gone although it was
 * serving, or that does not come up; undefined when there is nothing. `now` in ms.
 */
export function assessStall(snapshot: Snapshot, now: number): Hindrance | undefined {
  const { stall, primary, status } = snapshot;
  const missing = assessLoss(snapshot) ?? stall;
  if (missing !== undefined) return missing;
  const contest = contestOf(status);
  if (contest !== undefined) return { reason: "RoutesContested", message: contest };
  if (primary.kind !== "Missing" || !isPrimaryWanted(status))
    return now >= (primaryDueAt(snapshot) ?? Number.POSITIVE_INFINITY)
      ? latePrimary(snapshot)
      : undefined;
  const fix = isReplaceable(snapshot)
    ? "it is made anew from the template that was promoted last, as the target or one of its ReplicaSets has it; check its replicas"
    : "restore it";
  return { reason: "PrimaryMissing", message: `${primary.because}; ${fix}` };
}

/** Before it was promoted for the first time it is still to be created; in the end it is Serin that deletes it. */
function isPrimaryWanted({ phase, deletion, lastPromotedHash }: CanaryStatus): boolean {
  const isToGo = deletion?.step === "Remove" || deletion?.step === "Clear";
  return lastPromotedHash !== undefined && !(phase === "Terminating" && isToGo);
}

/** Instant (ms) by which a primary that is awaited must have come up; undefined while none is, or once it has. */
export function primaryDueAt({ status, spec, primary }: Snapshot): number | undefined {
  const since = awaitedSince(status);
  if (since === undefined || spec.kind !== "Known" || primary.kind !== "Known") return undefined;
  const { isRolledOut, availableReplicas } = primary.value;
  // After its time an old version takes the traffic with what it has.
  if (status.phase === "Promoting" && availableReplicas > 0) return undefined;
  const needed = Math.max(1, status.release?.primaryReplicas ?? 1);
  if (isRolledOut && availableReplicas >= needed) return undefined;
  return fromInstant(since) + spec.value.progressDeadlineSeconds * 1000;
}

/** A promotion that brings no primary up is taken back in that time; a primary at its start, or on its way back, has no other way. */
function awaitedSince({ phase, initialisation, release }: CanaryStatus): string | undefined {
  if (phase === "Initializing" && initialisation?.step === "CreatePrimary")
    return initialisation.since;
  const promotion = phase === "Promoting" ? release?.promotion : undefined;
  return promotion?.step === "Restore" ? promotion.since : undefined;
}

function latePrimary({ primary, spec, identity, status }: Snapshot): Hindrance | undefined {
  if (primary.kind !== "Known" || spec.kind !== "Known") return undefined;
  const { name, refusedPods } = primary.value;
  const because = refusedPods === undefined ? "" : ` (${refusedPods})`;
  const until = status.phase === "Promoting" ? "one of its pods is" : "it has";
  return {
    reason: "PrimaryUnavailable",
    message:
      `Deployment ${name} did not become available within ${spec.value.progressDeadlineSeconds} s${because}; the traffic stays where it is until ${until}. ` +
      `See: kubectl -n ${identity.namespace} describe deployment ${name}`,
  };
}

/**
 * Only from the promoted template may a primary be made, anything else would serve unproven; and only while Serin may
 * write workloads.
 */
export function isReplaceable({ status, target, primary }: Snapshot): boolean {
  const { phase, lastPromotedHash } = status;
  const isGone = primary.kind === "Missing" && primary.reason === "PrimaryNotFound";
  const mayWrite = phase !== undefined && phase !== "Suspended" && phase !== "Terminating";
  return isGone && mayWrite && lastPromotedHash !== undefined && target.kind === "Known";
}
