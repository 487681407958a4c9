/** Rules by which a stage is left: on evidence, to the next stage or into the promotion. */
import type { CanaryStatus, ReleaseStatus, StageStatus } from "../../../api/canary-status.ts";
import { learnUnmanagedShare, trafficSince } from "../../analysis/traffic.ts";
import { fromOptionalInstant, toInstant } from "../../instant.ts";
import { unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { durationSeconds, type Notice, releaseFacts, stageFact } from "../notices.ts";
import type { Situation } from "../situation.ts";
import { enterStage, indexAfter, isMirror, wordStage } from "../stages.ts";
import type { Rule } from "./rule.ts";
import { stageLabel, stageOf } from "./stage.ts";
import { isPassedUnproven, isStagePassed } from "./stage-passed.ts";

const startPromotion: Rule = {
  name: "startPromotion",
  doc: "The last stage is passed: the primary is given the new version.",
  from: ["Progressing"],
  leadsTo: ["Promoting"],
  isAwaited: false,
  when: (s) => (nextIndex(s) === undefined ? isStagePassed(s) : unmet("")),
  decide: (s) => {
    const { release } = s.status;
    const isUnproven = release?.unproven === true || isPassedUnproven(s);
    const message = `every stage is passed${isUnproven ? ", unproven" : ""}; giving the primary the new version`;
    if (release?.stage === undefined)
      return { kind: "Stall", rule: "startPromotion", reason: "ReleaseFailed", message };
    const told = isUnproven ? { ...release, unproven: true } : release;
    return {
      kind: "Transition",
      rule: "startPromotion",
      status: nextStatus(s, promotionBegun(s, told), message, [
        stagePassed(s, release.stage, undefined),
        {
          reason: "PromotionStarted",
          message,
          facts: { ...releaseFacts(s), durationSeconds: durationSeconds(s) },
        },
      ]),
    };
  },
};

const advance: Rule = {
  name: "advance",
  doc: "The stage is passed: the next one begins.",
  from: ["Progressing"],
  leadsTo: [],
  isAwaited: true,
  when: isStagePassed,
  decide: (s) => {
    const { release } = s.status;
    const index = nextIndex(s);
    if (release?.stage === undefined || index === undefined || s.spec === undefined)
      return {
        kind: "Stall",
        rule: "advance",
        reason: "ReleaseFailed",
        message: "there is no next stage",
      };
    const stage = enterStage(s.spec.stages, index, s.now);
    const share = learnedShare(s, release.stage);
    const entered = {
      ...release,
      stage,
      ...(share !== undefined && { unmanagedShare: share }),
      ...(isPassedUnproven(s) && { unproven: true }),
    };
    return {
      kind: "Transition",
      rule: "advance",
      status: nextStatus(
        s,
        { ...s.status, release: entered },
        `bringing up pods for ${wordStage(stage)}`,
        [stagePassed(s, release.stage, isMirror(stage) ? undefined : stage.weight)],
      ),
    };
  },
};

/** In the order of the table. */
export const stageExitRules: readonly Rule[] = [startPromotion, advance];

/** Place of the next stage; undefined in the last one. */
export function nextIndex(s: Situation): number | undefined {
  const stage = stageOf(s);
  if (stage === undefined || s.spec === undefined) return undefined;
  return indexAfter(s.spec.stages, stage);
}

/** Status with which a promotion begins. */
export function promotionBegun(s: Situation, release: ReleaseStatus): CanaryStatus {
  const promotion = {
    step: "Copy" as const,
    since: toInstant(s.now),
    savedHash: templateToSave(s),
  };
  return { ...s.status, phase: "Promoting", release: { ...release, promotion } };
}

/** What the primary runs is saved, also where somebody changed it since it was promoted. */
function templateToSave(s: Situation): string {
  const { primary } = s.snapshot;
  const promoted = s.status.lastPromotedHash ?? "";
  if (primary.kind !== "Known") return promoted;
  const { templateHash, restoreHash } = primary.value;
  if (templateHash === s.status.release?.templateHash) return promoted;
  return restoreHash ?? templateHash;
}

function learnedShare(s: Situation, stage: StageStatus): number | undefined {
  const metrics = s.snapshot.metrics.kind === "Known" ? s.snapshot.metrics.value : [];
  const previous = s.status.release?.unmanagedShare;
  const traffic = trafficSince(metrics, fromOptionalInstant(stage.trafficConfirmedAt) ?? s.now);
  return traffic === undefined
    ? previous
    : learnUnmanagedShare(previous, stage.weight, traffic.canary, traffic.stable);
}

function stagePassed(s: Situation, stage: StageStatus, nextWeight: number | undefined): Notice {
  const values = s.checks.map((check) => `${check.metric}: ${check.message}`).join("; ");
  const passed = isStagePassed(s);
  const why = isPassedUnproven(s) && passed.holds ? passed.message : `is passed: ${values}`;
  return {
    reason: "StagePassed",
    message: `${stageLabel(s)} ${why}`,
    facts: {
      ...releaseFacts(s),
      stage: stageFact(s),
      weight: String(stage.weight),
      ...(nextWeight !== undefined && { nextWeight: String(nextWeight) }),
      durationSeconds: durationSeconds(s),
    },
    part: String(stage.index),
  };
}
