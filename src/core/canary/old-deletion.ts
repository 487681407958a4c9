/** What a restored status says of a deletion that nobody asks for any more. What a deletion does is not decided here. */
import type { Snapshot } from "./snapshot.ts";

/**
 * The snapshot of a Canary that is not being deleted, although its status, from a backup, says so: it is begun anew, as
 * one whose status was lost, since nobody knows how far its end had come.
 */
export function forgetOldDeletion(snapshot: Snapshot): Snapshot {
  const { status, deletion } = snapshot;
  if (deletion.isAsked || (status.deletion === undefined && status.phase !== "Terminating"))
    return snapshot;
  const { deletion: _, phase, ...kept } = status;
  const isEnding = phase === "Terminating" || phase === undefined;
  return { ...snapshot, status: isEnding ? kept : { ...kept, phase } };
}
