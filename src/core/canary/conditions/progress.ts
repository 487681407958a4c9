/** Conditions that say how a release gets on: Accepted, CanaryAvailable, TrafficShifted, AnalysisPassed. */
import type {
  CanaryStatus,
  DrainStatus,
  Phase,
  ReleaseStatus,
  StageStatus,
} from "../../../api/canary-status.ts";
import { type ConditionClaim, isFailureReason } from "../../../api/conditions.ts";
import { wordPoints } from "../../analysis/assess-comparison.ts";
import type { Check } from "../../analysis/check.ts";
import type { Acceptance } from "../acceptance.ts";
import { neededReplicas } from "../capacity.ts";
import type { Freeze } from "../freeze.ts";
import { isInStage } from "../phases.ts";
import type { Situation } from "../situation.ts";
import { mayBeginBesideStable } from "../stable-guard.ts";
import { stageShare } from "../stages.ts";
import { splitMismatch } from "../traffic-fit.ts";

/** Accepted: releases can be made. */
export function accepted({ acceptance, snapshot }: Situation): ConditionClaim {
  const type = "Accepted";
  switch (acceptance.kind) {
    case "Accepted":
      return {
        type,
        status: "True",
        reason: "Accepted",
        message: acceptedMessage(acceptance, snapshot.freeze),
      };
    case "Refused":
      return { type, status: "False", reason: acceptance.reason, message: acceptance.message };
    case "Unknown":
      return { type, status: "Unknown", reason: "Pending", message: acceptance.because };
  }
}

/** What people read of a spec that is accepted: the bound, what it is as well to know, and that an edit of it waits. */
export function acceptedMessage(acceptance: Accepted, freeze: Freeze): string {
  const isDeferred = freeze.kind === "Held" && freeze.isEdited;
  const message = warnedMessage(acceptance);
  return isDeferred ? `${message}; the edited spec takes effect with the next release` : message;
}

type Accepted = Extract<Acceptance, { kind: "Accepted" }>;

/** The bound, and what it is as well to know. */
export function warnedMessage({ boundSeconds, warnings }: Accepted): string {
  const bound =
    boundSeconds === undefined
      ? "no metric rolls a release back; crashing pods do"
      : `a fault beyond a limit is rolled back within ${boundSeconds} s`;
  return [bound, ...warnings.map((warning) => `warning: ${warning}`)].join("; ");
}

/** CanaryAvailable: the new version has the pods that its weight needs. */
export function canaryAvailable(status: CanaryStatus, { snapshot }: Situation): ConditionClaim {
  const type = "CanaryAvailable";
  if (snapshot.target.kind !== "Known")
    return { type, status: "Unknown", reason: "Pending", message: snapshot.target.because };
  const { availableReplicas, replicas, isRolledOut } = snapshot.target.value;
  const message = `${availableReplicas} of ${replicas} pods available`;
  const failure = podFailure(status);
  if (failure !== undefined) return { type, status: "False", reason: failure, message };
  if (!isInStage(status) && status.phase !== "Promoting")
    return { type, status: "False", reason: "Idle", message };
  return isRolledOut && availableReplicas >= neededBy(status)
    ? { type, status: "True", reason: "Available", message }
    : { type, status: "False", reason: "ScalingUp", message };
}

function neededBy({ release, waiting, canaryWeight = 0 }: CanaryStatus): number {
  const next = release?.stage === undefined ? 0 : stageShare(release.stage);
  // What was not approved yet needs no pods.
  const share = waiting?.reason === "Approval" ? canaryWeight : next;
  return neededReplicas(release?.primaryReplicas ?? 1, share);
}

function podFailure(status: CanaryStatus) {
  const reason = status.phase === "Failed" ? status.release?.rollback?.reason : undefined;
  const failures = ["CanaryCrashing", "CanaryUnready", "ProgressDeadlineExceeded"] as const;
  return failures.find((failure) => failure === reason);
}

/** TrafficShifted: live traffic goes where the weights send it. */
export function trafficShifted(status: CanaryStatus, { snapshot }: Situation): ConditionClaim {
  const type = "TrafficShifted";
  if (snapshot.routes.kind !== "Known")
    return { type, status: "Unknown", reason: "Pending", message: snapshot.routes.because };
  const message = status.message ?? "";
  if (status.drain !== undefined && status.drain.confirmedAt === undefined)
    return draining(status.drain, message);
  if (status.canaryWeight === 0)
    return { type, status: "True", reason: "Stable", message: "all traffic goes to the primary" };
  const mismatch = splitMismatch({ ...snapshot, status });
  if (mismatch !== undefined)
    return { type, status: "False", reason: "TrafficSplitMismatch", message: mismatch };
  return staged(status.release?.stage, message);
}

function draining(drain: DrainStatus, message: string): ConditionClaim {
  const type = "TrafficShifted";
  return drain.unconfirmed === true
    ? { type, status: "False", reason: "DrainUnconfirmed", message }
    : { type, status: "False", reason: "DrainPending", message };
}

function staged(stage: StageStatus | undefined, message: string): ConditionClaim {
  const type = "TrafficShifted";
  if (stage?.routedAt === undefined)
    return { type, status: "False", reason: "RoutePending", message };
  return stage.trafficConfirmedAt === undefined
    ? { type, status: "False", reason: "TrafficPending", message }
    : {
        type,
        status: "True",
        reason: "Confirmed",
        message: `${stage.weight} % to the new version`,
      };
}

/** Phases that a release reaches only by holding every limit. */
const passedPhases: readonly Phase[] = ["Promoting", "Finalising", "Succeeded"];

/** AnalysisPassed: the new version's metrics hold their limits. */
export function analysisPassed(status: CanaryStatus, situation: Situation): ConditionClaim {
  const { checks } = situation;
  const type = "AnalysisPassed";
  const { release } = status;
  if (release === undefined) return { type, status: "Unknown", reason: "NoRelease", message: "" };
  const failure = release.rollback?.reason;
  if (failure !== undefined && isFailureReason(failure))
    return { type, status: "False", reason: failure, message: release.rollback?.message ?? "" };
  const held = isInStage(status) ? heldBack(release, { ...situation, status }) : undefined;
  if (held !== undefined) return held;
  return release.unproven === true ? unproven : analysed(status, checks);
}

function heldBack({ retreat }: ReleaseStatus, situation: Situation): ConditionClaim | undefined {
  const type = "AnalysisPassed";
  if (retreat !== undefined)
    return { type, status: "Unknown", reason: "Retreated", message: retreat.message };
  const begin = mayBeginBesideStable(situation);
  return begin.holds
    ? undefined
    : { type, status: "Unknown", reason: "StableBeyondLimit", message: begin.because };
}

const unproven: ConditionClaim = {
  type: "AnalysisPassed",
  status: "Unknown",
  reason: "Unproven",
  message: "the release goes on without evidence, as the spec asks",
};

function analysed(status: CanaryStatus, checks: readonly Check[]): ConditionClaim {
  const type = "AnalysisPassed";
  const { phase } = status;
  if (isInStage(status)) return measured(checks);
  return phase !== undefined && passedPhases.includes(phase)
    ? { type, status: "True", reason: "ReleasePassed", message: "" }
    : { type, status: "Unknown", reason: "NoRelease", message: "" };
}

function measured(checks: readonly Check[]): ConditionClaim {
  const type = "AnalysisPassed";
  const open = checks.find((check) => check.verdict !== "Pass");
  if (open === undefined)
    return {
      type,
      status: "True",
      reason: "LimitsHeld",
      message: wordPassed(checks),
    };
  const message = `${open.metric}: ${open.message}`;
  switch (open.verdict) {
    case "Error":
      return { type, status: "Unknown", reason: "ProviderError", message };
    case "NoData":
      return { type, status: "Unknown", reason: "NoData", message };
    case "Pass":
    case "Fail":
    case "Inconclusive":
      return { type, status: "Unknown", reason: "Measuring", message };
  }
}

/** What was proven of each metric. */
function wordPassed(checks: readonly Check[]): string {
  const parts = checks.map(({ metric, compared }) => {
    if (compared === undefined) return `${metric} by its limit alone`;
    return compared.excluded === undefined
      ? `${metric} by its limit`
      : `${metric}, an excess above ${wordPoints(compared.excluded)} points over stable is excluded`;
  });
  return parts.join("; ");
}
