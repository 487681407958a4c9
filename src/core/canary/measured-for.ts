/** Whose measurements a status asks for: what was measured for another release, or another attempt, speaks of something else. */
import type { CanaryStatus } from "../../api/canary-status.ts";
import { isMirror } from "./stages.ts";

/**
 * Whose measurements a status asks for: the release's, or the initialisation's before the first. Copies are counted by
 * those who got them, live requests by their callers: the two are never held against each other. A release that retreated
 * is measured anew: what was judged before says nothing about its next attempt.
 */
export function measuredFor({ release }: CanaryStatus): string {
  if (release === undefined) return "initialisation";
  const attempt = release.retreats === undefined ? release.id : `${release.id}/${release.retreats}`;
  return isMirror(release.stage) ? `${attempt}${ofCopies}` : attempt;
}

/** What the name of a measurement of copies ends with. */
export const ofCopies = "/mirror";
