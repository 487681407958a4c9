/** Rules of the promotion: copy, available, shift; and the way back once the copy was made. */
import type { CanaryStatus, ReleaseRecord } from "../../../api/canary-status.ts";
import { fromInstant, toInstant } from "../../instant.ts";
import { every, type Guard, met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { endedFacts, type Notice, stableFacts } from "../notices.ts";
import { recordRelease } from "../release.ts";
import type { Situation } from "../situation.ts";
import type { Workload } from "../snapshot.ts";
import type { Rule } from "./rule.ts";

const recordCopied: Rule = {
  name: "recordCopied",
  doc: "The primary has the new template; its pods are being replaced.",
  from: ["Promoting"],
  leadsTo: [],
  isAwaited: true,
  when: (s) =>
    every(
      () => isStep(s, "Copy"),
      () =>
        isCopied(s)
          ? met("the primary's pods are being replaced")
          : unmet("the primary is being given the new template"),
    ),
  decide: (s, message) => {
    const { release } = s.status;
    const promotion = release?.promotion;
    if (release === undefined || promotion === undefined)
      return { kind: "Stall", rule: "recordCopied", reason: "ReleaseFailed", message };
    const available = { ...promotion, step: "Available" as const, since: toInstant(s.now) };
    const status = { ...s.status, release: { ...release, promotion: available } };
    return { kind: "Transition", rule: "recordCopied", status: nextStatus(s, status, message) };
  },
};

const shiftToPromoted: Rule = {
  name: "shiftToPromoted",
  doc: "The primary is available with the new version: it gets all traffic.",
  from: ["Promoting"],
  leadsTo: ["Finalising"],
  isAwaited: true,
  when: (s) =>
    every(
      () => isStep(s, "Available"),
      () => (isCopied(s) ? met("") : unmet("the primary lost the new template")),
      () => hasPrimaryCapacity(s),
    ),
  decide: (s, message) => {
    const { release } = s.status;
    if (release?.promotion === undefined)
      return { kind: "Stall", rule: "shiftToPromoted", reason: "ReleaseFailed", message };
    return {
      kind: "Transition",
      rule: "shiftToPromoted",
      status: nextStatus(
        s,
        {
          ...withoutFailedHash(s.status),
          phase: "Finalising",
          canaryWeight: 0,
          drain: { startedAt: toInstant(s.now) },
          lastPromotedHash: release.templateHash,
          release: {
            ...release,
            promotion: { ...release.promotion, step: "Shift", since: toInstant(s.now) },
          },
        },
        message,
      ),
    };
  },
};

const finishRestore: Rule = {
  name: "finishRestore",
  doc: "The primary is available with its old version again: it gets all traffic.",
  from: ["Promoting"],
  leadsTo: ["Failed", "Initialized"],
  isAwaited: true,
  when: (s) =>
    every(
      () => isStep(s, "Restore"),
      () => {
        const { primary } = s.snapshot;
        const saved = s.status.release?.promotion?.savedHash;
        return primary.kind === "Known" && isRestored(primary.value, saved)
          ? met("")
          : unmet("the primary is being given its old template back");
      },
      () => mayServeAgain(s),
    ),
  decide: (s, message) => {
    const { outcome, reason } = restoredAs(s);
    const status = recordRelease(restored(s, outcome), outcome, reason, s.now);
    const notices: readonly Notice[] = [
      ...(outcome === "Failed"
        ? []
        : [{ reason: outcome, message: why(s), facts: endedFacts(s) } as const]),
      ...(hasPrimaryCapacity(s).holds ? [] : [restoredShort(s, message)]),
    ];
    return {
      kind: "Rollback",
      rule: "finishRestore",
      status: nextStatus(s, status, message, notices),
    };
  },
};

/** In the order of the table. */
export const promotionRules: readonly Rule[] = [recordCopied, shiftToPromoted, finishRestore];

/** True once the primary carries the template under release. */
export function isCopied(s: Situation): boolean {
  const { primary } = s.snapshot;
  return primary.kind === "Known" && primary.value.templateHash === s.status.release?.templateHash;
}

/** True once the primary has its earlier template: under that hash, or written under it and read in another way since. */
export function isRestored(primary: Workload, savedHash: string | undefined): boolean {
  return primary.templateHash === savedHash || primary.markedHash === savedHash;
}

/** True when the target has the template that was promoted last. */
export function hasPromotedTemplate(s: Situation): boolean {
  const { target } = s.snapshot;
  return target.kind === "Known" && target.value.templateHash === s.status.lastPromotedHash;
}

/** True when the target has the template that failed last. */
export function hasFailedTemplate({ snapshot: { target }, status }: Situation): boolean {
  return target.kind === "Known" && target.value.templateHash === status.lastFailedHash;
}

function isStep(s: Situation, step: "Copy" | "Available" | "Restore"): Guard {
  return s.status.release?.promotion?.step === step ? met("") : unmet("");
}

/** The primary has as many pods available, all of its template, as when the release started. */
export function hasPrimaryCapacity(s: Situation): Guard {
  const { primary } = s.snapshot;
  if (primary.kind !== "Known") return unmet(primary.because);
  const { isRolledOut, availableReplicas } = primary.value;
  const needed = Math.max(1, s.status.release?.primaryReplicas ?? 1);
  return isRolledOut && availableReplicas >= needed
    ? met("the primary is available; giving it the traffic")
    : unmet(`the primary has ${availableReplicas} of ${needed} pods available with its template`);
}

/**
 * All its pods, or after the deadline any: what hinders the others, as a quota that the new version's pods have used
 * up, may end only when those have no traffic any more.
 */
function mayServeAgain(s: Situation): Guard {
  const capacity = hasPrimaryCapacity(s);
  const { primary } = s.snapshot;
  const { since } = s.status.release?.promotion ?? {};
  if (capacity.holds || since === undefined || s.spec === undefined) return capacity;
  const dueAt = fromInstant(since) + s.spec.progressDeadlineSeconds * 1000;
  if (s.now < dueAt) return unmet(capacity.because, dueAt);
  if (primary.kind !== "Known" || primary.value.availableReplicas === 0) return capacity;
  const waited = `and no more in ${s.spec.progressDeadlineSeconds} s`;
  return met(`${capacity.because}, ${waited}: all traffic goes to those it has`);
}

function restoredShort(s: Situation, message: string): Notice {
  const { reason = "PromotionFailed" } = s.status.release?.rollback ?? {};
  return {
    reason: "RestoredShort",
    message,
    facts: { ...endedFacts(s), ...stableFacts(s), cause: reason },
  };
}

/** A push during the promotion ends the release without a verdict; anything else fails it. */
function restoredAs(s: Situation): {
  readonly outcome: "Failed" | "Superseded" | "Reverted";
  readonly reason: string;
} {
  const reason = s.status.release?.rollback?.reason ?? "PromotionFailed";
  if (reason !== "NewRevision") return { outcome: "Failed", reason };
  return hasPromotedTemplate(s)
    ? { outcome: "Reverted", reason: "TemplateReverted" }
    : { outcome: "Superseded", reason };
}

function restored(s: Situation, outcome: ReleaseRecord["outcome"]): CanaryStatus {
  const { release } = s.status;
  const { primary } = s.snapshot;
  const isPromoted = release?.promotion?.savedHash === s.status.lastPromotedHash;
  const status: CanaryStatus = {
    ...(outcome === "Reverted" ? withoutFailedHash(s.status) : s.status),
    phase: outcome === "Failed" || hasFailedTemplate(s) ? "Failed" : "Initialized",
    canaryWeight: 0,
    drain: { startedAt: toInstant(s.now) },
    // What was saved may be read in another way by now.
    ...(isPromoted && primary.kind === "Known" && { lastPromotedHash: primary.value.templateHash }),
  };
  return outcome === "Failed" && release !== undefined
    ? { ...status, lastFailedHash: release.templateHash }
    : status;
}

function why(s: Situation): string {
  return s.status.release?.rollback?.message ?? "";
}

/** A version that failed may be tried again once another was promoted. */
function withoutFailedHash(status: CanaryStatus): CanaryStatus {
  const { lastFailedHash: _, ...rest } = status;
  return rest;
}
