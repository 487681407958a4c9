/**
 * Rules for what is nobody's proven fault: an incident that stable shares, or no data. Traffic is taken off without a
 * verdict; what stable does then tells whether the canary was the cause, and when to start again.
 */
import type {
  CanaryStatus,
  DrainStatus,
  RetreatStatus,
  RollbackStatus,
} from "../../../api/canary-status.ts";
import type { FailureReason } from "../../../api/conditions.ts";
import { toInstant } from "../../instant.ts";
import { maxRetreats } from "../../limits.ts";
import { clip } from "../clip.ts";
import type { Decision } from "../decision.ts";
import { met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { resumedFacts, retreatedFacts, rolledBackFacts } from "../notices.ts";
import { stagePhases } from "../phases.ts";
import { failRelease } from "../release.ts";
import { restingMessage } from "../resting-message.ts";
import {
  assessRetreat,
  blindAt,
  hasRecoveredAtOnce,
  isStableWell,
  type RetreatCause,
} from "../retreat.ts";
import type { Situation } from "../situation.ts";
import { waitingStatus } from "../wait.ts";
import { firstStage, restartedPhase } from "./first-stage.ts";
import type { Rule } from "./rule.ts";

const retreat: Rule = {
  name: "retreat",
  doc: "Stable is beyond a limit together with the new version, or no usable data came for too long: all traffic to the primary, without a verdict.",
  from: stagePhases,
  leadsTo: [["Waiting", "Progressing"]],
  isAwaited: false,
  when: (s) => {
    const cause = assessRetreat(s);
    return cause === undefined
      ? unmet("neither an incident of both versions nor a lack of data", blindAt(s))
      : met(cause.message);
  },
  decide: (s, message) => {
    const cause = assessRetreat(s);
    const { release } = s.status;
    const stage = firstStage(s);
    if (release === undefined || cause === undefined || stage === undefined)
      return { kind: "Stall", rule: "retreat", reason: "ReleaseFailed", message };
    const retreats = (release.retreats ?? 0) + 1;
    // Warm-up, evidence and limits begin anew with the traffic, and nobody's word is needed any more.
    const { firstTrafficAt: _, byHand: __, ...kept } = release;
    const status: CanaryStatus = {
      ...s.status,
      ...restartedPhase(s),
      canaryWeight: 0,
      drain: { startedAt: toInstant(s.now) },
      release: { ...kept, stage, retreats, retreat: toStatus(cause, s.now) },
    };
    return {
      kind: "Rollback",
      rule: "retreat",
      status: nextStatus(s, status, `retreating, without a verdict: ${message}`, [
        {
          reason: "Retreated",
          message,
          facts: retreatedFacts(s, cause),
          part: String(retreats),
        },
      ]),
    };
  },
};

const blameCanary: Rule = {
  name: "blameCanary",
  doc: "Stable recovered as soon as the new version had no traffic: it was the cause, and the release fails.",
  from: stagePhases,
  leadsTo: ["Failed"],
  isAwaited: false,
  when: hasRecoveredAtOnce,
  decide: (s, message) => {
    const { release, drain } = s.status;
    if (release?.retreat === undefined)
      return { kind: "Stall", rule: "blameCanary", reason: "ReleaseFailed", message };
    const off = { ...s.status, canaryWeight: 0 };
    const rollback = toRollback(release.retreat, drain, message);
    const status = failRelease(off, release, rollback, s.now);
    const said = restingMessage(status);
    const isOff = drain?.confirmedAt !== undefined;
    const facts = rolledBackFacts(s, status);
    return {
      kind: "Transition",
      rule: "blameCanary",
      // Where callers still reach it, the drain tells when they stopped.
      status: nextStatus(
        s,
        status,
        said,
        isOff ? [{ reason: "RolledBack", message: said, facts }] : [],
      ),
    };
  },
};

/** The traffic was off before it was known why: what was decided and seen then is the rollback. */
function toRollback(
  retreat: RetreatStatus,
  drain: DrainStatus | undefined,
  message: string,
): RollbackStatus {
  const { stableValue: _, ...known } = retreat;
  return {
    ...known,
    reason: "CanaryHarmsStable" satisfies FailureReason,
    message: clip(message),
    ...(drain?.routedAt !== undefined && { appliedAt: drain.routedAt }),
    ...(drain?.confirmedAt !== undefined && { confirmedAt: drain.confirmedAt }),
  };
}

const resumeRelease: Rule = {
  name: "resumeRelease",
  doc: "Stable is well again after a retreat: the release starts again at its first stage, or waits for a human after the third.",
  from: stagePhases,
  leadsTo: [["Progressing", "Waiting"]],
  isAwaited: true,
  when: isStableWell,
  decide: (s, message) => {
    const { release } = s.status;
    const stage = firstStage(s);
    const { drain: _, ...status } = s.status;
    if (release === undefined || stage === undefined)
      return { kind: "Stall", rule: "resumeRelease", reason: "ReleaseFailed", message };
    const { retreat: before, ...kept } = release;
    const resumed = { ...status, observedWeight: 0, release: { ...kept, stage } };
    return (release.retreats ?? 0) < maxRetreats || s.phase === "Waiting"
      ? resume(s, resumed, message)
      : wait(s, resumed, before);
  },
};

function resume(s: Situation, status: CanaryStatus, message: string): Decision {
  const notice = {
    reason: "Resumed",
    message,
    facts: resumedFacts(s),
    part: String(s.status.release?.retreats ?? 0),
  } as const;
  return {
    kind: "Transition",
    rule: "resumeRelease",
    status: nextStatus(s, status, message, [notice]),
  };
}

/** What comes back again and again will come back once more; people decide whether it may. */
function wait(s: Situation, status: CanaryStatus, before: RetreatStatus | undefined): Decision {
  const message = `retreated ${s.status.release?.retreats ?? 0} times, the last time because of ${before?.message ?? ""}; stable is well again: resume the release to try once more, or push another version`;
  return {
    kind: "Transition",
    rule: "resumeRelease",
    status: waitingStatus(s, status, "Retreated", message),
  };
}

/** In the order of the table. */
export const retreatRules: readonly Rule[] = [retreat, blameCanary, resumeRelease];

function toStatus(cause: RetreatCause, now: number): RetreatStatus {
  const { metric, value, stableValue, limit } = cause;
  return {
    reason: cause.reason,
    message: clip(cause.message),
    ...(metric !== undefined && { metric }),
    ...(value !== undefined && { value: round(value) }),
    ...(stableValue !== undefined && { stableValue: round(stableValue) }),
    ...(limit !== undefined && { limit }),
    detectedAt: toInstant(cause.detectedAt),
    decidedAt: toInstant(now),
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
