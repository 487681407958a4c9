/** Times that Serin promises; tests hold it to nothing tighter. */
import type { CanaryStatus } from "../../../src/api/canary-status.ts";

/** From the onset of a fault beyond a limit to weight 0, by the Canary's own status. */
export function rollbackBoundMs({ rollbackBoundSeconds }: CanaryStatus): number {
  if (rollbackBoundSeconds === undefined) throw new Error("the status has no rollback bound");
  return rollbackBoundSeconds * 1_000;
}

/** From the death of a leader until the next one is seen to hold the lease: its 15 s, and a renewal's 2 s. */
export const takeoverMs = 17_000;
/** From SIGTERM to the leader to the next one's lead. */
export const handoverMs = 2_000;
