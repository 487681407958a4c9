/** When the spec of a release is to be kept. Its traffic never waits behind this, only its raises do. */
import type { Action } from "./decision.ts";
import { isInStage } from "./phases.ts";
import { isAccepted } from "./rules/spec-rules.ts";
import type { Situation } from "./situation.ts";

/** Empty when it is kept, or may not be yet. */
export function planFreeze(s: Situation): readonly Action[] {
  const { freeze } = s.snapshot;
  const revision = s.status.release?.specRevision;
  if (freeze.kind === "Unknown" && revision !== undefined) return [{ kind: "FindSpec", revision }];
  // Somebody deleted it while it is in force: it is still known, and written down again.
  if (freeze.kind === "Held" && !freeze.isSaved)
    return [{ kind: "KeepSpec", content: freeze.content }];
  if (freeze.kind !== "Due" || freeze.next.kind !== "Known" || freeze.next.value.isSaved) return [];
  const isDue = isInStage(s.status) || s.phase === "Promoting";
  if (!isDue || !isAccepted(s).holds || (freeze.held !== undefined && !isOff(s))) return [];
  return [{ kind: "KeepSpec", content: freeze.next.value.content }];
}

/** Until then the routes of the release before must stay known: another spec may name others. */
function isOff({ snapshot: { routes } }: Situation): boolean {
  if (routes.kind !== "Known") return false;
  const { canaryWeight, isUniform, mirror } = routes.value;
  return canaryWeight === 0 && isUniform && mirror === undefined;
}
