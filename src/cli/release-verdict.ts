/**
 * How one push of a template fares, by the status alone: the release before, which may have ended just now, is never
 * taken for it, and one that came after is told apart.
 */
import type { CanaryStatus, ReleaseRecord } from "../api/canary-status.ts";
import { problemOf } from "./canary-words.ts";

/** What was pushed: the Deployment as it was when the wait began. */
export interface Push {
  readonly generation: number;
  readonly templateHash: string;
}

export type ReleaseVerdict =
  /** The controller has not looked at this generation of the Deployment yet. */
  | { readonly kind: "NotSeen" }
  | { readonly kind: "Running" }
  | { readonly kind: "Promoted" }
  | { readonly kind: "Failed"; readonly because: string }
  | { readonly kind: "Overtaken"; readonly outcome: "Superseded" | "Reverted" }
  | { readonly kind: "NeedsHuman"; readonly reason: string; readonly because: string };

/** `generation` is the Canary's own: an old refusal of a spec that was mended since says nothing. */
export function judgeRelease(status: CanaryStatus, generation: number, push: Push): ReleaseVerdict {
  const isSeen = (status.observedTargetGeneration ?? 0) >= push.generation;
  const ended = isSeen ? judgeEnd(status, push.templateHash) : undefined;
  if (ended !== undefined) return ended;
  return judgeHindrance(status, generation, isSeen) ?? { kind: isSeen ? "Running" : "NotSeen" };
}

/** Undefined while it is under way. */
function judgeEnd(status: CanaryStatus, hash: string): ReleaseVerdict | undefined {
  const { lastPromotedHash, lastFailedHash, history } = status;
  if (isUnderWay(status, hash)) return undefined;
  if (lastPromotedHash === hash) return { kind: "Promoted" };
  if (lastFailedHash === hash)
    return isOff(status) ? { kind: "Failed", because: whyFailed(status, hash) } : undefined;
  if (isAboutToBeRetried(status, hash)) return undefined;
  return judgeRecord(history?.find(({ id }) => id.startsWith(`${hash}-`)));
}

/** A retry was just granted, and its release has not begun. */
function isAboutToBeRetried({ phase, release }: CanaryStatus, hash: string): boolean {
  return phase === "Failed" && release?.templateHash === hash;
}

/** The end of a failed release is told when its traffic is gone, or cannot be seen to be. */
function isOff({ phase, drain }: CanaryStatus): boolean {
  const isDraining = phase === "Failed" && drain !== undefined;
  return !isDraining || drain.confirmedAt !== undefined || drain.unconfirmed === true;
}

/** Of a push without a trace another one is the reason: this one was never tried. */
function judgeRecord(record: ReleaseRecord | undefined): ReleaseVerdict {
  switch (record?.outcome) {
    case "Succeeded":
      return { kind: "Promoted" };
    case "Failed":
      return { kind: "Failed", because: record.reason };
    case "Reverted":
      return { kind: "Overtaken", outcome: "Reverted" };
    case "Superseded":
    case undefined:
      return { kind: "Overtaken", outcome: "Superseded" };
  }
}

function isUnderWay({ phase, release }: CanaryStatus, hash: string): boolean {
  switch (phase) {
    case undefined:
    case "Initializing":
      return true;
    case "Progressing":
    case "Waiting":
    case "Promoting":
    case "Finalising":
    case "Suspended":
    case "Terminating":
      return release?.templateHash === hash;
    case "Initialized":
    case "Succeeded":
    case "Failed":
      return false;
  }
}

function whyFailed({ release, history, message }: CanaryStatus, hash: string): string {
  const rollback = release?.templateHash === hash ? release.rollback : undefined;
  if (rollback !== undefined) {
    const isGone = rollback.confirmedAt !== undefined;
    const traffic = isGone
      ? "it gets no live requests any more"
      : "its traffic was not seen to stop";
    return `${rollback.reason}: ${rollback.message}; ${traffic}`;
  }
  const record = history?.find(
    ({ id, outcome }) => id.startsWith(`${hash}-`) && outcome === "Failed",
  );
  return record === undefined
    ? (message ?? "this version failed before")
    : `this version failed before: ${record.reason}`;
}

function judgeHindrance(
  status: CanaryStatus,
  generation: number,
  isSeen: boolean,
): ReleaseVerdict | undefined {
  const problem = problemOf(status);
  if (problem !== undefined && (status.observedGeneration ?? 0) >= generation)
    return needsHuman(problem.reason, problem.message);
  // Before this push is seen, it is the release before that waits.
  if (status.phase === "Waiting" && isSeen) return needsHuman(...waitOf(status));
  if (status.phase === "Suspended")
    return needsHuman("Suspended", "nothing goes on until spec.suspend is cleared");
  return status.phase === "Terminating"
    ? needsHuman("Terminating", "the Canary is being deleted")
    : undefined;
}

function waitOf({ waiting, message = "" }: CanaryStatus): [reason: string, because: string] {
  return waiting === undefined ? ["Waiting", message] : [waiting.reason, waiting.message];
}

function needsHuman(reason: string, because: string): ReleaseVerdict {
  return { kind: "NeedsHuman", reason, because };
}
