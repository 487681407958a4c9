/** Rules by which a release is held to the spec and the templates of its start. Rollbacks never wait for them. */
import type { CanarySpec } from "../../../api/canary-spec.ts";
import type { CanaryStatus, ReleaseStatus, StageStatus } from "../../../api/canary-status.ts";
import { claimsOf } from "../claims.ts";
import { met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { releaseFacts } from "../notices.ts";
import { isInStage, stagePhases } from "../phases.ts";
import type { Situation } from "../situation.ts";
import { stagesInForce } from "../skip-analysis.ts";
import { enterStage, wordStage } from "../stages.ts";
import type { Rule } from "./rule.ts";
import { isAccepted } from "./spec-rules.ts";

const freezeSpec: Rule = {
  name: "freezeSpec",
  doc: "The spec with its templates is kept in a ControllerRevision: the release is held to it from here on.",
  from: [...stagePhases, "Promoting"],
  leadsTo: [],
  isAwaited: true,
  when: (s) => {
    const { freeze } = s.snapshot;
    if (freeze.kind !== "Due") return unmet("");
    const accepted = isAccepted(s);
    if (!accepted.holds) return accepted;
    if (freeze.next.kind !== "Known") return unmet(freeze.next.because);
    const { isSaved, revision } = freeze.next.value;
    return isSaved && revision !== s.status.release?.specRevision
      ? met("bringing up the first stage")
      : unmet("the spec is being kept for this release");
  },
  decide: (s, message) => {
    const { freeze } = s.snapshot;
    const { release } = s.status;
    if (release === undefined || freeze.kind !== "Due" || freeze.next.kind !== "Known")
      return { kind: "Stall", rule: "freezeSpec", reason: "ReleaseFailed", message };
    const { content, revision } = freeze.next.value;
    const { stage } = release;
    const isUntouched = stage?.index === 0 && stage.shiftedAt === undefined;
    const frozen: ReleaseStatus = {
      // The spec may have been edited since the release was begun.
      ...(isUntouched ? begunUnder(content.spec, release, s.now) : release),
      specRevision: revision,
      claims: keptClaims(content.spec, s.snapshot.identity.namespace),
    };
    const told = isUntouched ? message : (s.status.message ?? message);
    return {
      kind: "Transition",
      rule: "freezeSpec",
      status: nextStatus(s, { ...s.status, release: frozen }, told),
    };
  },
};

function keptClaims(spec: CanarySpec, namespace: string): ReleaseStatus["claims"] {
  return claimsOf(spec, namespace).map(({ key, rules }) => ({
    key,
    ...(rules !== undefined && { rules: [...rules] }),
  }));
}

/** The release as it begins under this spec. */
function begunUnder(spec: CanarySpec, release: ReleaseStatus, now: number): ReleaseStatus {
  const { unproven: _, ...rest } = release;
  const stage = vouchedFor(release.stage, enterStage(stagesInForce(spec), 0, now));
  return { ...rest, ...(spec.skipAnalysis && { unproven: true }), stage };
}

/** What a person has said of the first stage meanwhile counts, if it is still the same. */
function vouchedFor(before: StageStatus | undefined, stage: StageStatus): StageStatus {
  if (before === undefined || wordStage(before) !== wordStage(stage)) return stage;
  const { approvedAt, byCommand } = before;
  return {
    ...stage,
    ...(approvedAt !== undefined && { approvedAt }),
    ...(byCommand !== undefined && { byCommand }),
  };
}

/** What was proven was proven under rules that nobody knows any more. */
const refreeze: Rule = {
  name: "refreeze",
  doc: "The spec that the release was held to is gone: it starts again at its first stage, under the spec as it is now.",
  from: [...stagePhases, "Promoting"],
  leadsTo: [["Waiting", "Progressing"]],
  isAwaited: false,
  when: ({ snapshot: { freeze }, status: { release } }) =>
    freeze.kind === "Lost" && release?.specRevision !== undefined ? met(freeze.because) : unmet(""),
  decide: (s, because) => {
    const { release } = s.status;
    if (release === undefined)
      return { kind: "Stall", rule: "refreeze", reason: "ReleaseFailed", message: because };
    const { specRevision: _, claims: __, ...unfrozen } = release;
    const message = isInStage(s.status)
      ? `${because}; starting again at the first stage under the spec as it is now`
      : `${because}; the promotion, all stages passed, goes on under the spec as it is now`;
    const status: CanaryStatus = isInStage(s.status)
      ? atFirstStage(s, unfrozen)
      : { ...s.status, release: unfrozen };
    return {
      kind: "Transition",
      rule: "refreeze",
      status: nextStatus(s, status, message, [
        {
          reason: "SpecRevisionLost",
          message,
          facts: releaseFacts(s),
          part: release.specRevision?.slice(-8) ?? "",
        },
      ]),
    };
  },
};

function atFirstStage(s: Situation, release: ReleaseStatus): CanaryStatus {
  const isAsked = s.status.waiting?.reason === "Approval";
  return {
    ...s.status,
    // What was to be approved is not next any more; every other wait goes on.
    ...(isAsked && { phase: "Progressing" as const }),
    canaryWeight: 0,
    observedWeight: 0,
    // A spec that cannot be read has no stages: the first one is entered anew once one is kept.
    release: { ...release, stage: enterStage(s.spec?.stages ?? [], 0, s.now) },
  };
}

/** In the order of the table. */
export const freezeRules: readonly Rule[] = [freezeSpec, refreeze];
