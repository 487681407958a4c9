/**
 * What a status keeps of both Deployments: under which hash and in which generation their templates were seen, and
 * whether the status speaks of the target's. How a hash is made is not known here.
 */
import type { CanaryStatus, SeenWorkload } from "../../api/canary-status.ts";
import type { Fact } from "../fact.ts";
import type { Snapshot, Workload } from "./snapshot.ts";

type Workloads = Pick<Snapshot, "target" | "primary">;

/** The record of what is there now; a Deployment that cannot be seen keeps its last one. */
export function seenWorkloads(
  { target, primary }: Workloads,
  before: CanaryStatus["workloads"],
): CanaryStatus["workloads"] {
  const seen = {
    ...before,
    ...(target.kind === "Known" && { target: toSeen(target.value) }),
    ...(primary.kind === "Known" && { primary: toSeen(primary.value) }),
  };
  return Object.keys(seen).length === 0 ? undefined : seen;
}

/** Tells whether the record is of what is there now. */
export function areWorkloadsSeen({ target, primary }: Workloads, { workloads }: CanaryStatus) {
  return isSeen(target, workloads?.target) && isSeen(primary, workloads?.primary);
}

function isSeen(workload: Fact<Workload>, seen: SeenWorkload | undefined): boolean {
  if (workload.kind !== "Known") return true;
  const { uid, generation, templateHash } = workload.value;
  return seen?.uid === uid && seen.generation === generation && seen.templateHash === templateHash;
}

function toSeen({ uid, generation, templateHash, replicas }: Workload): SeenWorkload {
  return { uid, generation, templateHash, replicas };
}

/**
 * Tells whether phase and message are about this template of the target. `status.observedTargetGeneration` follows the
 * target's generation only then: **once it is at least the Deployment's `metadata.generation`, the status speaks of the
 * template in that Deployment**, and its phase says how that template fares. Changes of replicas, Serin's own included,
 * are caught up with: at once while nothing is under way, else within half a minute.
 */
export function speaksOf(status: CanaryStatus, templateHash: string): boolean {
  const { phase, release, lastPromotedHash, lastFailedHash } = status;
  switch (phase) {
    case "Progressing":
    case "Waiting":
    case "Promoting":
      return templateHash === release?.templateHash;
    case "Initialized":
    case "Finalising":
    case "Succeeded":
      return templateHash === lastPromotedHash;
    case "Failed":
      return templateHash === lastFailedHash;
    case "Suspended":
    case "Terminating":
      return [release?.templateHash, lastPromotedHash, lastFailedHash].includes(templateHash);
    case "Initializing":
    case undefined:
      return lastPromotedHash === undefined || templateHash === lastPromotedHash;
  }
}
