/** Rules that end a release whose target or routes somebody deleted. What comes back does not bring the release back. */
import type { CanaryStatus, ReleaseStatus, RollbackStatus } from "../../../api/canary-status.ts";
import { toInstant } from "../../instant.ts";
import { clip } from "../clip.ts";
import { type Guard, met, unmet } from "../guard.ts";
import { type Loss, missingRoutes, missingTarget } from "../loss.ts";
import { nextStatus } from "../next-status.ts";
import { type Notice, occurrence, releaseFacts, stableFacts } from "../notices.ts";
import { stagePhases } from "../phases.ts";
import { failRelease } from "../release.ts";
import type { Situation } from "../situation.ts";
import { isBeyondReturn, takenOff } from "./evidence-rules.ts";
import type { Rule } from "./rule.ts";

const loseTarget: Rule = {
  name: "loseTarget",
  doc: "The target was deleted during a release: all traffic to the primary, at once. From the copy on the promotion goes on.",
  from: [...stagePhases, "Promoting"],
  leadsTo: ["Failed"],
  isAwaited: false,
  when: (s) => {
    const lost = missingTarget(s.snapshot);
    if (lost === undefined) return unmet("");
    const isOff = isBeyondReturn(s) && s.status.canaryWeight === 0;
    return isOff ? unmet("all traffic goes to the primary") : met(lost.message);
  },
  decide: (s, message) => {
    const { release } = s.status;
    const lost = missingTarget(s.snapshot);
    if (release === undefined || lost === undefined)
      return { kind: "Stall", rule: "loseTarget", reason: "TargetMissing", message };
    // The version has passed every stage: that its pods are gone says nothing against it.
    const status = isBeyondReturn(s)
      ? { ...s.status, canaryWeight: 0 }
      : takenOff(failed(s, release, lost), s.now);
    return {
      kind: "Rollback",
      rule: "loseTarget",
      status: nextStatus(s, status, message, [stalledNotice(s, lost)]),
    };
  },
};

/** Nothing can be written to routes that are not there, so the pods go: that takes the traffic off. */
const loseRoutes: Rule = {
  name: "loseRoutes",
  doc: "The routes were deleted during a release: it fails, and the target's pods go. From the copy on the old template is written back first.",
  from: [...stagePhases, "Promoting"],
  leadsTo: ["Failed"],
  isAwaited: false,
  when: (s) => {
    // A spec that is not held to may name routes that were never there.
    if (s.snapshot.freeze.kind !== "Held") return unmet("");
    const lost = missingRoutes(s.snapshot);
    return lost === undefined ? unmet("") : isGoingOn(s, lost);
  },
  decide: (s, message) => {
    const { release } = s.status;
    const lost = missingRoutes(s.snapshot);
    if (release === undefined || lost === undefined)
      return { kind: "Stall", rule: "loseRoutes", reason: "RouteMissing", message };
    const status = isBeyondReturn(s)
      ? { ...s.status, release: restoring(s, release, lost) }
      : { ...failed(s, release, lost), canaryWeight: 0 };
    return {
      kind: "Transition",
      rule: "loseRoutes",
      status: nextStatus(s, status, message, [stalledNotice(s, lost)]),
    };
  },
};

/** In the order of the table. */
export const lossRules: readonly Rule[] = [loseTarget, loseRoutes];

function isGoingOn(s: Situation, lost: Loss): Guard {
  const isRestoring = s.status.release?.promotion?.step === "Restore";
  return isRestoring ? unmet("the old template is being written back") : met(lost.message);
}

function failed(s: Situation, release: ReleaseStatus, lost: Loss): CanaryStatus {
  return failRelease(s.status, release, toRollback(s, lost), s.now);
}

function restoring(s: Situation, release: ReleaseStatus, lost: Loss): ReleaseStatus {
  const { promotion } = release;
  return {
    ...release,
    ...(promotion !== undefined && {
      promotion: { ...promotion, step: "Restore" as const, since: toInstant(s.now) },
    }),
    rollback: toRollback(s, lost),
  };
}

/** Kept in words that stay true once it is back. */
function toRollback(s: Situation, { reason, because }: Loss): RollbackStatus {
  const at = toInstant(s.now);
  return {
    reason,
    message: clip(`lost during the release: ${because}`),
    detectedAt: at,
    decidedAt: at,
  };
}

function stalledNotice(s: Situation, { reason, message }: Loss): Notice {
  const facts = { cause: reason, ...releaseFacts(s), ...stableFacts(s) };
  return { reason: "Stalled", message, facts, part: occurrence(s) };
}
