/** Stages, of whichever kind: what one asks for, which comes next, how people read of it. */
import type { Stage } from "../../api/canary-spec.ts";
import type { CanaryStatus, StageStatus } from "../../api/canary-status.ts";
import { toInstant } from "../instant.ts";
import { isInStage } from "./phases.ts";

/** The status of the stage at `index` (from 0) as it is entered at `now` (ms); the last one's weight where there is none. */
export function enterStage(stages: readonly Stage[], index: number, now: number): StageStatus {
  const { mirror, weight } = stages[index] ?? { weight: 100 };
  const enteredAt = toInstant(now);
  const count = Math.max(1, stages.length);
  return mirror === undefined
    ? { index, count, kind: "Weight", weight: weight ?? 0, enteredAt }
    : { index, count, kind: "Mirror", weight: 0, mirrorPercentage: mirror.percentage, enteredAt };
}

/**
 * Place of the stage that comes after this one; undefined after the last. After a weight it is found by weight, not by
 * place: stages that were edited meanwhile neither repeat nor skip one.
 */
export function indexAfter(stages: readonly Stage[], stage: StageStatus): number | undefined {
  const index = isMirror(stage)
    ? stages.findIndex((_, place) => place > stage.index)
    : stages.findIndex(({ weight }) => weight !== undefined && weight > stage.weight);
  return index === -1 ? undefined : index;
}

/** True for a stage that copies requests. */
export function isMirror(stage: Pick<StageStatus, "kind"> | undefined): boolean {
  return stage?.kind === "Mirror";
}

/** True where no stage before gave the new version live requests. */
export function isFirstWeight(stages: readonly Stage[], { index }: StageStatus): boolean {
  return stages.slice(0, index).every(({ weight }) => weight === undefined);
}

/** Percent of the requests for which the stage needs pods, live ones or copies. */
export function stageShare(stage: StageStatus): number {
  return stage.mirrorPercentage ?? stage.weight;
}

/** "25 %", or "mirror 10 %". */
export function wordStage(stage: Pick<StageStatus, "weight" | "mirrorPercentage">): string {
  const { mirrorPercentage, weight } = stage;
  return mirrorPercentage === undefined ? `${weight} %` : `mirror ${mirrorPercentage} %`;
}

/** "mirror 10 %, 10 %, 100 %". */
export function wordStages(stages: readonly Stage[]): string {
  return stages.map((_, index) => wordStage(enterStage(stages, index, 0))).join(", ");
}

/** Percent of the live requests that are to be copied by what was decided and persisted; 0 for none. */
export function wantedMirror(status: CanaryStatus): number {
  const stage = status.release?.stage;
  const isOn = isInStage(status) || status.phase === "Suspended";
  if (!isOn || stage?.shiftedAt === undefined) return 0;
  return stage.mirrorPercentage ?? 0;
}
