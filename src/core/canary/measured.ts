/** When a Canary costs queries and watches: only while something is decided on them. */
import type { CanaryStatus } from "../../api/canary-status.ts";
import { activePhase, isInStage, isReleaseRunning } from "./phases.ts";

/** True while metrics must be read: a release runs, or traffic is on its way off the target, or off a primary that is to go. */
export function isMeasured(status: CanaryStatus): boolean {
  if (status.drain !== undefined && status.drain.confirmedAt === undefined) return true;
  return isReleaseRunning(status) || status.deletion?.step === "Shift";
}

/** True while the pods of both versions are evidence. */
export function arePodsEvidence(status: CanaryStatus): boolean {
  return isInStage(status) || activePhase(status) === "Promoting";
}
