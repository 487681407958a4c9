/** What people read of a Canary about which nothing in particular is to be said: where it stands. */
import type { CanaryStatus } from "../../api/canary-status.ts";

/** One sentence by phase, with the images or the reason of the last release. */
export function restingMessage(status: CanaryStatus): string {
  switch (status.phase) {
    case "Initialized":
      return "the primary serves all traffic; waiting for a new version";
    case "Succeeded":
      return succeeded(status);
    case "Failed":
      return failed(status);
    case "Waiting":
      return status.waiting?.message ?? "the release waits";
    case "Progressing":
      return status.release?.retreat === undefined
        ? "the release goes on"
        : `retreated, without a verdict: ${status.release.retreat.message}`;
    case "Promoting":
    case "Finalising":
      return "the promotion goes on";
    case "Terminating":
      return status.message ?? "the Canary is being deleted";
    case "Suspended":
      return "suspended by spec.suspend: nothing is written but a rollback until it is false";
    case "Initializing":
    case undefined:
      return "the spec is accepted";
  }
}

function succeeded({ release }: CanaryStatus): string {
  const message = `${release?.images.join(", ") ?? ""} is promoted and serves all traffic`;
  return release?.unproven === true ? `${message}, unproven` : message;
}

function failed({ release, drain }: CanaryStatus): string {
  const because = release?.rollback?.message;
  if (because === undefined)
    return "this version failed before and is not tried again by itself; push another one, or retry it";
  const isOff = drain === undefined || drain.confirmedAt !== undefined;
  return isOff
    ? `rolled back: ${because}; the promoted version serves all traffic`
    : `rolling back: ${because}`;
}
