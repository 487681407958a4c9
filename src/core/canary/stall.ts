/** What keeps Serin from going on until a human mends it, apart from a spec that is refused and a release that failed. */
import type { StallReason } from "../../api/conditions.ts";
import { contestOf } from "./drift.ts";
import { assessLoss } from "./loss.ts";
import type { Snapshot } from "./snapshot.ts";

/** Why, as one word, and what to do about it. */
export interface Hindrance {
  readonly reason: StallReason;
  readonly message: string;
}

/** Routes or a target that were deleted, else what the latest action met, else a primary that is gone although it was serving; undefined when there is nothing. */
export function assessStall(snapshot: Snapshot): Hindrance | undefined {
  const { stall, primary, status } = snapshot;
  const missing = assessLoss(snapshot) ?? stall;
  if (missing !== undefined) return missing;
  const contest = contestOf(status);
  if (contest !== undefined) return { reason: "RoutesContested", message: contest };
  // Before it was promoted for the first time the primary is still to be created.
  if (primary.kind !== "Missing" || status.lastPromotedHash === undefined) return undefined;
  const fix = isReplaceable(snapshot)
    ? "it is made anew from the template that was promoted last, as the target or one of its ReplicaSets has it; check its replicas"
    : "restore it";
  return { reason: "PrimaryMissing", message: `${primary.because}; ${fix}` };
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
