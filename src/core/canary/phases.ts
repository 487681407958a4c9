/** Groups of phases that many rules share. What a phase means is said in the API; nothing is decided here. */
import type { CanaryStatus, Phase } from "../../api/canary-status.ts";

/** A release is in one of its stages: it gets on by itself, or waits for a human or a clock. */
export const stagePhases: readonly Phase[] = ["Progressing", "Waiting"];

/** A release is under way, from its first stage until all traffic is back on the primary. */
const releasePhases: readonly Phase[] = [...stagePhases, "Promoting", "Finalising"];

/** True while a release is in one of its stages. */
export function isInStage({ phase }: Pick<CanaryStatus, "phase">): boolean {
  return phase !== undefined && stagePhases.includes(phase);
}

/** True while a release is under way. */
export function isReleaseRunning({ phase }: Pick<CanaryStatus, "phase">): boolean {
  return phase !== undefined && releasePhases.includes(phase);
}
