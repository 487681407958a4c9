/** The stage a release is in, and how people read of it. */
import type { StageStatus } from "../../../api/canary-status.ts";
import { neededReplicas } from "../capacity.ts";
import { type Guard, met, unmet } from "../guard.ts";
import { podTrouble } from "../pod-faults.ts";
import type { Situation } from "../situation.ts";
import { stageShare, wordStage } from "../stages.ts";

/** The current stage, while a release has one. */
export function stageOf(s: Situation): StageStatus | undefined {
  return s.status.release?.stage;
}

/** "stage 2/4 (25 %)", or "stage 1/5 (mirror 10 %)". */
export function stageLabel(s: Situation): string {
  const stage = stageOf(s);
  const count = s.spec?.stages.length ?? 0;
  return stage === undefined ? "" : `stage ${stage.index + 1}/${count} (${wordStage(stage)})`;
}

/** The stage asks for a person's approval and has not got it. */
export function isUnapproved(s: Situation): boolean {
  const stage = stageOf(s);
  if (stage === undefined || stage.shiftedAt !== undefined || stage.approvedAt !== undefined)
    return false;
  return s.spec?.stages[stage.index]?.approval === "Manual";
}

/** Percent of the requests for which pods are due: a stage's own only once it may be entered. */
export function dueShare(s: Situation, stage: StageStatus): number {
  return isUnapproved(s) ? (s.status.canaryWeight ?? 0) : stageShare(stage);
}

/** The target has the pods that the stage's weight needs, all of the template under release. */
export function hasCapacity(s: Situation): Guard {
  const { target } = s.snapshot;
  const { release } = s.status;
  if (target.kind !== "Known") return unmet(target.because);
  if (release?.stage === undefined) return unmet("no stage has been entered");
  const needed = neededReplicas(release.primaryReplicas, dueShare(s, release.stage));
  const { availableReplicas, isRolledOut, templateHash } = target.value;
  if (templateHash === release.templateHash && isRolledOut && availableReplicas >= needed)
    return met("the pods are available");
  const trouble = podTrouble(s.snapshot);
  const because = trouble === undefined ? "" : `; ${trouble}`;
  return unmet(
    `${stageLabel(s)}: ${availableReplicas} of ${needed} canary pods are available${because}`,
  );
}
