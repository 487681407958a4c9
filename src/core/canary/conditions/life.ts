/** Conditions that say where a Canary is in its life: Ready, Reconciling and Stalled by kstatus's meaning, and Promoted. */
import type { CanaryStatus } from "../../../api/canary-status.ts";
import type { ConditionClaim } from "../../../api/conditions.ts";
import { assessLoss } from "../loss.ts";
import { activePhase } from "../phases.ts";
import type { Situation } from "../situation.ts";
import { assessStall } from "../stall.ts";

/** True while a failed or reverted release's traffic has not been seen to stop. */
function isDraining(status: CanaryStatus): boolean {
  return status.drain !== undefined && status.drain.confirmedAt === undefined;
}

/** The word for what is under way, the same in Ready and Reconciling; undefined while nothing is. */
function underWay(status: CanaryStatus) {
  switch (status.phase) {
    case "Initialized":
    case "Succeeded":
      return undefined;
    case "Progressing":
    case "Waiting":
    case "Promoting":
    case "Finalising":
      return status.phase;
    case "Failed":
      return isDraining(status) ? "RollingBack" : undefined;
    case "Terminating":
      return status.phase;
    case "Suspended":
      return undefined;
    case "Initializing":
    case undefined:
      return "Initializing";
  }
}

/** Ready: the promoted version serves and nothing is under way. */
export function ready(status: CanaryStatus, situation: Situation): ConditionClaim {
  const type = "Ready";
  const message = status.message ?? "";
  if (status.phase === "Terminating")
    return { type, status: "False", reason: "Terminating", message };
  if (situation.acceptance.kind === "Refused")
    return { type, status: "False", reason: "NotAccepted", message: situation.acceptance.message };
  const stall = assessStall(situation.snapshot, situation.now);
  if (stall !== undefined && status.phase !== "Failed")
    return { type, status: "False", reason: "Stalled", message: stall.message };
  const reason = underWay(status);
  if (reason !== undefined) return { type, status: "False", reason, message };
  if (status.phase === "Suspended") return readyThough(status, message);
  if (status.phase === "Failed") return { type, status: "False", reason: "Failed", message };
  return status.phase === "Succeeded"
    ? { type, status: "True", reason: "Succeeded", message }
    : { type, status: "True", reason: "Initialized", message };
}

/** A suspended Canary that has nothing to do is no reason for a pipeline to wait. */
function readyThough(status: CanaryStatus, message: string): ConditionClaim {
  const phase = activePhase(status);
  return phase === "Initialized" || phase === "Succeeded"
    ? { type: "Ready", status: "True", reason: "Suspended", message }
    : { type: "Ready", status: "False", reason: "Suspended", message };
}

/** Reconciling: Serin is on its way to what is asked. Never together with Stalled, as kstatus has it. */
export function reconciling(status: CanaryStatus, situation: Situation): ConditionClaim {
  const type = "Reconciling";
  const message = status.message ?? "";
  if (stalled(status, situation).status === "True")
    return { type, status: "False", reason: "Stalled", message };
  if (status.phase === "Suspended") return { type, status: "False", reason: "Suspended", message };
  const reason = underWay(status);
  return reason === undefined
    ? { type, status: "False", reason: "Idle", message }
    : { type, status: "True", reason, message };
}

/** Stalled: nothing goes on until a human changes something. */
export function stalled(status: CanaryStatus, situation: Situation): ConditionClaim {
  const loss = assessLoss({ ...situation.snapshot, status });
  if (loss !== undefined)
    return { type: "Stalled", status: "True", reason: loss.reason, message: loss.message };
  if (situation.acceptance.kind === "Refused" && status.phase !== "Terminating")
    return {
      type: "Stalled",
      status: "True",
      reason: "NotAccepted",
      message: situation.acceptance.message,
    };
  const stall = assessStall(situation.snapshot, situation.now);
  if (stall !== undefined)
    return { type: "Stalled", status: "True", reason: stall.reason, message: stall.message };
  if (activePhase(status) === "Failed" && !isDraining(status))
    return {
      type: "Stalled",
      status: "True",
      reason: "ReleaseFailed",
      message: status.message ?? "",
    };
  return { type: "Stalled", status: "False", reason: "NotStalled", message: "" };
}

/** Promoted: the primary runs the target's template. */
export function promoted(status: CanaryStatus): ConditionClaim {
  switch (activePhase(status)) {
    case "Initialized":
    case "Succeeded":
    case "Finalising":
      return { type: "Promoted", status: "True", reason: "Promoted", message: "" };
    case "Progressing":
    case "Waiting":
      return { type: "Promoted", status: "False", reason: "ReleaseRunning", message: "" };
    case "Promoting": {
      const isRestoring = status.release?.promotion?.step === "Restore";
      return {
        type: "Promoted",
        status: "False",
        reason: isRestoring ? "Restoring" : "Promoting",
        message: "",
      };
    }
    case "Failed":
      return { type: "Promoted", status: "False", reason: "ReleaseFailed", message: "" };
    case "Terminating":
      return { type: "Promoted", status: "False", reason: "Terminating", message: "" };
    case "Suspended":
    case "Initializing":
    case undefined:
      return { type: "Promoted", status: "False", reason: "Initializing", message: "" };
  }
}
