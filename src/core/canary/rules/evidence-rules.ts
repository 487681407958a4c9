/** Rules that take a version off: evidence against it, or another template in its place. They come first. */
import type { CanaryStatus, RollbackStatus } from "../../../api/canary-status.ts";
import { fromInstant, toInstant } from "../../instant.ts";
import { clip } from "../clip.ts";
import type { Decision } from "../decision.ts";
import type { Evidence } from "../evidence.ts";
import { type Guard, met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { endedFacts, releaseStarted, rollbackStartedFacts } from "../notices.ts";
import { stagePhases } from "../phases.ts";
import { failRelease, newRelease, recordRelease } from "../release.ts";
import type { Situation } from "../situation.ts";
import { wantedMirror } from "../stages.ts";
import {
  hasFailedTemplate,
  hasPrimaryCapacity,
  hasPromotedTemplate,
  isCopied,
} from "./promotion-rules.ts";
import type { Rule } from "./rule.ts";

/** The rule that stands before everything but deletion and abort. */
export const rollBack: Rule = {
  name: "rollBack",
  doc: "Evidence against the new version: all traffic to the primary, at once. No verdict where another template was pushed before.",
  from: [...stagePhases, "Promoting"],
  leadsTo: ["Failed", "Initialized"],
  isAwaited: false,
  when: (s) => (isBeyondReturn(s) ? unmet("the primary is being replaced") : against(s)),
  decide: (s, message) => {
    const release = s.status.release;
    if (release === undefined || s.evidence === undefined)
      return { kind: "Stall", rule: "rollBack", reason: "ReleaseFailed", message };
    if (hasNewTemplate(s)) return endWithoutVerdict(s, message);
    const off = takenOff(s.status, s.now);
    return {
      kind: "Rollback",
      rule: "rollBack",
      status: nextStatus(
        s,
        failRelease(off, release, toRollback(s.evidence, s.now), s.now),
        `rolling back: ${message}`,
        [
          {
            reason: "RollbackStarted",
            message,
            facts: rollbackStartedFacts(s, s.evidence, s.evidence.reason),
          },
        ],
      ),
    };
  },
};

/** The way back once the copy was made. */
export const restorePrimary: Rule = {
  name: "restorePrimary",
  doc: "Evidence, or another template, while the primary is being replaced: its old template is written back first.",
  from: ["Promoting"],
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    if (s.status.release?.promotion?.step === "Restore")
      return unmet("the old template is being written back");
    if (!isBeyondReturn(s)) return unmet("the primary still has its old template");
    const evidence = against(s);
    if (evidence.holds) return evidence;
    return hasNewTemplate(s) ? met("the target got another template") : missedPromotion(s);
  },
  decide: (s, message) => {
    const { release } = s.status;
    if (release?.promotion === undefined)
      return { kind: "Stall", rule: "restorePrimary", reason: "ReleaseFailed", message };
    const rollback =
      s.evidence === undefined || hasNewTemplate(s)
        ? toPlainRollback(s, clip(message))
        : toRollback(s.evidence, s.now);
    const promotion = { ...release.promotion, step: "Restore" as const, since: toInstant(s.now) };
    return {
      kind: "Transition",
      rule: "restorePrimary",
      status: nextStatus(
        s,
        { ...s.status, release: { ...release, promotion, rollback } },
        `giving the primary its old template back: ${message}`,
        [
          {
            reason: "RollbackStarted",
            message,
            facts: rollbackStartedFacts(s, s.evidence, rollback.reason),
          },
        ],
      ),
    };
  },
};

const revert: Rule = {
  name: "revert",
  doc: "The target got the promoted template back during a release.",
  from: [...stagePhases, "Promoting"],
  leadsTo: ["Initialized"],
  isAwaited: false,
  when: (s) => {
    if (isBeyondReturn(s)) return unmet("the primary is being replaced");
    return hasPromotedTemplate(s)
      ? met("the target has the promoted template again")
      : unmet("the target has a template that is not promoted");
  },
  decide: (s, message) => {
    const { lastFailedHash: _, ...status } = takenOff({ ...s.status, phase: "Initialized" }, s.now);
    return {
      kind: endingKind(s),
      rule: "revert",
      status: nextStatus(s, recordRelease(status, "Reverted", "TemplateReverted", s.now), message, [
        { reason: "Reverted", message, facts: endedFacts(s) },
      ]),
    };
  },
};

const refuseFailed: Rule = {
  name: "refuseFailed",
  doc: "During a release the target got the template that failed last: weight to 0, and nothing starts by itself.",
  from: [...stagePhases, "Promoting"],
  leadsTo: ["Failed"],
  isAwaited: false,
  when: (s) =>
    !isBeyondReturn(s) && hasNewTemplate(s) && hasFailedTemplate(s)
      ? met("the target got the template that failed last, which is not tried again by itself")
      : unmet("the target's template has not failed"),
  decide: (s, message) => {
    const ended = recordRelease(takenOff(s.status, s.now), "Superseded", "NewRevision", s.now);
    return {
      kind: endingKind(s),
      rule: "refuseFailed",
      status: nextStatus(s, { ...ended, phase: "Failed" }, message, [
        { reason: "Superseded", message, facts: endedFacts(s) },
      ]),
    };
  },
};

const supersede: Rule = {
  name: "supersede",
  doc: "Another template during a release: weight to 0, then start again with it.",
  from: [...stagePhases, "Promoting"],
  leadsTo: ["Progressing"],
  isAwaited: false,
  when: (s) => {
    if (isBeyondReturn(s)) return unmet("the primary is being replaced");
    return hasNewTemplate(s) && s.spec !== undefined
      ? met("the target got another template")
      : unmet("the target's template is the one under release");
  },
  decide: (s, message) => {
    const { target, primary } = s.snapshot;
    if (target.kind !== "Known" || s.spec === undefined)
      return { kind: "Stall", rule: "supersede", reason: "TargetMissing", message };
    const releases = (s.status.releases ?? 0) + 1;
    const ended = recordRelease(takenOff(s.status, s.now), "Superseded", "NewRevision", s.now);
    const { value } = target;
    const primaryReplicas =
      primary.kind === "Known" ? primary.value.replicas : s.status.release?.primaryReplicas;
    const begun = newRelease(value, primaryReplicas ?? 0, s.spec, {
      now: s.now,
      count: releases,
      before: s.status.release,
    });
    // Another spec may name other routes: those that carry traffic now must be found until they carry none.
    const { specRevision, claims } = s.status.release ?? {};
    const release = {
      ...begun,
      ...(specRevision !== undefined && { specRevision }),
      ...(claims !== undefined && { claims }),
    };
    return {
      kind: endingKind(s),
      rule: "supersede",
      status: nextStatus(
        s,
        { ...withoutDrain(ended), phase: "Progressing", releases, release },
        message,
        [
          { reason: "Superseded", message, facts: endedFacts(s), part: String(releases) },
          releaseStarted(s, release, s.spec),
        ],
      ),
    };
  },
};

/** In the order of the table. */
export const evidenceRules: readonly Rule[] = [
  rollBack,
  restorePrimary,
  revert,
  refuseFailed,
  supersede,
];

/**
 * Nobody can say which template's pods gave the evidence: the one that was released is not called failed, nor the one
 * that was pushed, which is released by itself.
 */
function endWithoutVerdict(s: Situation, message: string): Decision {
  const off = takenOff(s.status, s.now);
  const [outcome, reason] = hasPromotedTemplate(s)
    ? (["Reverted", "TemplateReverted"] as const)
    : (["Superseded", "NewRevision"] as const);
  const phase = hasFailedTemplate(s) ? "Failed" : "Initialized";
  const ended = recordRelease({ ...off, phase }, outcome, reason, s.now);
  return {
    kind: "Rollback",
    rule: "rollBack",
    status: nextStatus(s, ended, message, [{ reason: outcome, message, facts: endedFacts(s) }]),
  };
}

/** From the copy on the primary cannot simply be given the traffic back. */
export function isBeyondReturn(s: Situation): boolean {
  return s.phase === "Promoting" && (isCopied(s) || s.status.release?.promotion?.step !== "Copy");
}

function against(s: Situation): Guard {
  if (s.evidence === undefined) return unmet("nothing speaks against the new version");
  const { message } = s.evidence;
  return met(
    hasNewTemplate(s)
      ? `the target got another template meanwhile, and this may be of its pods, so the release ends without a verdict: ${message}`
      : message,
  );
}

function hasNewTemplate(s: Situation): boolean {
  const { target } = s.snapshot;
  return target.kind === "Known" && target.value.templateHash !== s.status.release?.templateHash;
}

/** The primary must become available in time, counted from when it was seen with the new template. */
function missedPromotion(s: Situation): Guard {
  const { promotion } = s.status.release ?? {};
  if (promotion?.step !== "Available" || s.spec === undefined)
    return unmet("the primary was not seen with the new template yet");
  // Late, and there: whoever could not write for a while must not take it for a failure.
  if (hasPrimaryCapacity(s).holds) return unmet("the primary is available");
  const { since } = promotion;
  const dueAt = fromInstant(since) + s.spec.progressDeadlineSeconds * 1000;
  return s.now >= dueAt
    ? met(
        `the primary did not become available with the new template within ${s.spec.progressDeadlineSeconds} s`,
      )
    : unmet("the primary has time to become available", dueAt);
}

/** Live traffic, or copies of it, are not left to another version's pods until a status is written. */
function endingKind({ status }: Situation): "Rollback" | "Transition" {
  return (status.canaryWeight ?? 0) + wantedMirror(status) > 0 ? "Rollback" : "Transition";
}

/** Status with no weight on the target, and the drain of what it had. */
export function takenOff(status: CanaryStatus, now: number): CanaryStatus {
  return { ...status, canaryWeight: 0, drain: { startedAt: toInstant(now) } };
}

function withoutDrain(status: CanaryStatus): CanaryStatus {
  const { drain: _, ...rest } = status;
  return rest;
}

function toRollback(evidence: Evidence, now: number): RollbackStatus {
  return {
    reason: evidence.reason,
    message: clip(evidence.message),
    ...(evidence.metric !== undefined && { metric: evidence.metric }),
    ...(evidence.value !== undefined && { value: round(evidence.value) }),
    ...(evidence.limit !== undefined && { limit: evidence.limit }),
    detectedAt: toInstant(evidence.detectedAt),
    decidedAt: toInstant(now),
  };
}

/** Why a promotion is taken back without evidence. */
export function toPlainRollback(s: Situation, message: string): RollbackStatus {
  const at = toInstant(s.now);
  return {
    reason: hasNewTemplate(s) ? "NewRevision" : "PromotionFailed",
    message,
    detectedAt: at,
    decidedAt: at,
  };
}

/** Three decimals are enough for people, and what they compare it with has no more. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
