/** Back to the first stage with nothing proven: what was measured at a weight says nothing once that was taken away. */
import type { CanaryStatus, StageStatus } from "../../../api/canary-status.ts";
import type { Situation } from "../situation.ts";
import { enterStage } from "../stages.ts";

/** The first stage, about to be entered; undefined while the spec is unreadable. */
export function firstStage(s: Situation): StageStatus | undefined {
  return s.spec === undefined ? undefined : enterStage(s.spec.stages, 0, s.now);
}

/** The phase of a release whose stages begin again: an approval is not next any more, every other wait goes on. */
export function restartedPhase({ status }: Situation): Pick<CanaryStatus, "phase"> {
  return status.waiting?.reason === "Approval" ? { phase: "Progressing" } : {};
}
