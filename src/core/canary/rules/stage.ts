/** The stage a release is in, and how people read of it. */
import type { StageStatus } from "../../../api/canary-status.ts";
import type { Situation } from "../situation.ts";

/** The current stage, while a release has one. */
export function stageOf(s: Situation): StageStatus | undefined {
  return s.status.release?.stage;
}

/** "stage 2/4 (25 %)". */
export function stageLabel(s: Situation): string {
  const stage = stageOf(s);
  const count = s.spec?.stages.length ?? 0;
  return stage === undefined ? "" : `stage ${stage.index + 1}/${count} (${stage.weight} %)`;
}
