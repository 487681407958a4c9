/** Groups of phases that many rules share. What a phase means is said in the API; nothing is decided here. */
import type { CanaryStatus, Phase } from "../../api/canary-status.ts";

type LifeOf = Pick<CanaryStatus, "phase" | "suspended">;

/** A release is in one of its stages: it gets on by itself, or waits for a human or a clock. */
export const stagePhases: readonly Phase[] = ["Progressing", "Waiting"];

/** A release is under way, from its first stage until all traffic is back on the primary. */
const releasePhases: readonly Phase[] = [...stagePhases, "Promoting", "Finalising"];

/** The phase that a suspension is laid over; any other phase itself. */
export function activePhase({ phase, suspended }: LifeOf): Phase | undefined {
  return phase === "Suspended" ? suspended?.phase : phase;
}

/** True while a release is in one of its stages, suspended or not. */
export function isInStage(status: LifeOf): boolean {
  const phase = activePhase(status);
  return phase !== undefined && stagePhases.includes(phase);
}

/** True while a release is under way, suspended or not. */
export function isReleaseRunning(status: LifeOf): boolean {
  const phase = activePhase(status);
  return phase !== undefined && releasePhases.includes(phase);
}
