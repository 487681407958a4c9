/** What speaks against the version under release. Only this fails a release; missing data never does. */
import type { FailureReason } from "../../api/conditions.ts";
import type { Check } from "../analysis/check.ts";
import { isInStage } from "./phases.ts";
import { assessPods, type PodFault } from "./pod-faults.ts";
import type { Snapshot } from "./snapshot.ts";
import { unreachable } from "./traffic-fit.ts";
import { isUndecided } from "./undecided.ts";

export interface Evidence {
  readonly reason: FailureReason;
  readonly message: string;
  readonly metric: string | undefined;
  readonly value: number | undefined;
  readonly limit: number | undefined;
  /** When it was first seen, ms. */
  readonly detectedAt: number;
}

/** The strongest evidence first: a limit broken, then pods that crash, then pods that do not serve, then the deadlines. */
export function assessEvidence(
  snapshot: Snapshot,
  checks: readonly Check[],
  now: number,
): Evidence | undefined {
  if (snapshot.status.release === undefined) return undefined;
  return (
    failedCheck(snapshot, checks, now) ??
    unmeasured(
      assessPods(snapshot, now) ??
        unreachable(snapshot, now) ??
        undecidedStage(snapshot, checks, now),
    )
  );
}

/** Beside stable that breaks the same limit in the same checks it is an incident of both, and a stage retreats from it. */
function failedCheck(
  { status }: Snapshot,
  checks: readonly Check[],
  now: number,
): Evidence | undefined {
  const failed = checks.find(
    (check) =>
      check.verdict === "Fail" &&
      check.onFail === "Rollback" &&
      !(check.isShared && isInStage(status)),
  );
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

function unmeasured(
  fault: PodFault | Pick<Evidence, "reason" | "message" | "detectedAt"> | undefined,
): Evidence | undefined {
  return fault && { ...fault, metric: undefined, value: undefined, limit: undefined };
}

/** Numbers that lead nowhere speak against a version only where the spec says so. */
function undecidedStage(
  { spec, status }: Snapshot,
  checks: readonly Check[],
  now: number,
): Pick<Evidence, "reason" | "message" | "detectedAt"> | undefined {
  if (spec.kind !== "Known" || spec.value.analysis.onInconclusive.action !== "Rollback")
    return undefined;
  const undecided = isUndecided(spec.value, status, checks, now);
  return undecided.holds
    ? { reason: "Inconclusive", message: undecided.message, detectedAt: now }
    : undefined;
}
