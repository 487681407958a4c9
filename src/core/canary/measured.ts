/** When a Canary costs queries and watches: only while something is decided on them. */
import type { CanaryStatus } from "../../api/canary-status.ts";

/** True while metrics must be read: a release runs, or traffic is on its way off the target. */
export function isMeasured(status: CanaryStatus): boolean {
  if (status.drain !== undefined && status.drain.confirmedAt === undefined) return true;
  return (
    status.phase === "Progressing" || status.phase === "Promoting" || status.phase === "Finalising"
  );
}

/** True while the pods of both versions are evidence. */
export function arePodsEvidence(status: CanaryStatus): boolean {
  return status.phase === "Progressing" || status.phase === "Promoting";
}
