/** Words for a decision, few enough for the cell of a table. */
import type { CanaryStatus, ReleaseStatus, StageStatus } from "../api/canary-status.ts";
import type { Action, Decision } from "../core/canary/decision.ts";
import { isMirror, wordStage } from "../core/canary/stages.ts";

/** What becomes of a Canary by a decision; empty where nothing does. */
export function wordDecision(before: CanaryStatus, decision: Decision): string {
  switch (decision.kind) {
    case "Converge":
      return decision.actions.map(wordAction).join(", ");
    case "Stall":
      return "stalled";
    case "Transition":
    case "Rollback":
      return wordChange(before, decision.status);
  }
}

function wordAction(action: Action): string {
  switch (action.kind) {
    case "SetWeight":
      return `routes to ${action.canaryWeight} %`;
    case "SetMirror":
      return `copies to ${action.percentage} %`;
    case "CreateObjects":
      return "routing objects created";
    case "CreatePrimary":
      return "primary created";
    case "Scale":
      return `${action.role.toLowerCase()} to ${action.replicas} pods`;
    case "CopyTemplate":
      return "template copied";
    case "RestoreTemplate":
      return "old template written back";
    case "ConfirmTemplate":
      return "template confirmed";
    case "RemoveAbort":
      return "annotation removed";
    case "KeepSpec":
      return "spec kept";
    case "FindSpec":
      return "spec looked for";
    case "SetFinalizer":
      return action.wanted ? "finalizer set" : "Canary gone";
    case "DeletePrimary":
      return "primary deleted";
    case "RemoveGenerated":
      return action.part === "Route" ? "generated route deleted" : "its subsets deleted";
    case "ReadNamespace":
      return "namespace looked at";
  }
}

function wordChange(before: CanaryStatus, after: CanaryStatus): string {
  const changes = [wordPhase(before, after), wordWeight(before, after), wordStep(before, after)];
  return changes.filter((change) => change !== "").join(", ");
}

function wordPhase(before: CanaryStatus, after: CanaryStatus): string {
  if (after.phase === before.phase || after.phase === undefined) return "";
  const reason = after.waiting === undefined ? "" : ` (${after.waiting.reason})`;
  return `→ ${after.phase}${reason}`;
}

function wordWeight({ canaryWeight: before = 0 }: CanaryStatus, after: CanaryStatus): string {
  const { canaryWeight = 0 } = after;
  return canaryWeight === before ? "" : `${before} → ${canaryWeight} %`;
}

/** The step that is begun, or what was seen; a phase that begins says it all. */
function wordStep(before: CanaryStatus, after: CanaryStatus): string {
  const step = stepOf(after);
  if (step !== undefined && step !== stepOf(before)) return step;
  if (before.phase !== after.phase) return "";
  return wordRelease(before, after) ?? "";
}

function stepOf({ phase, initialisation, release, deletion }: CanaryStatus): string | undefined {
  if (phase === "Initializing") return initialisation?.step;
  if (phase === "Promoting") return release?.promotion?.step;
  return phase === "Terminating" ? deletion?.step : undefined;
}

function wordRelease(before: CanaryStatus, after: CanaryStatus): string | undefined {
  return (
    wordRetreat(before.release, after.release) ??
    wordDrain(before, after) ??
    wordStageChange(before.release?.stage, after.release?.stage)
  );
}

function wordRetreat(
  before: ReleaseStatus | undefined,
  after: ReleaseStatus | undefined,
): string | undefined {
  if (before?.retreats !== after?.retreats) return "retreat";
  const isOver = before?.retreat !== undefined && after?.retreat === undefined;
  return isOver ? "first stage again" : undefined;
}

function wordDrain({ drain: before }: CanaryStatus, { drain }: CanaryStatus): string | undefined {
  if (before === undefined || drain === undefined) return undefined;
  if (drain.confirmedAt !== before.confirmedAt) return "requests seen to have stopped";
  if (drain.unconfirmed !== before.unconfirmed) return "people told";
  return drain.routedAt === before.routedAt ? undefined : "routes seen";
}

function wordStageChange(
  before: StageStatus | undefined,
  after: StageStatus | undefined,
): string | undefined {
  if (before === undefined || after === undefined) return undefined;
  if (after.index !== before.index) return `stage ${wordStage(after)}`;
  if (after.trafficConfirmedAt !== before.trafficConfirmedAt) return "traffic proven";
  if (after.routedAt !== before.routedAt) return "routes seen";
  const isMirrorSet = after.shiftedAt !== before.shiftedAt && isMirror(after);
  return isMirrorSet ? wordStage(after) : undefined;
}
