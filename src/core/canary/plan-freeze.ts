/** When the spec of a release is to be kept. Its traffic never waits behind this, only its raises do. */
import type { Action } from "./decision.ts";
import { isInStage } from "./phases.ts";
import { isAccepted } from "./rules/spec-rules.ts";
import type { Situation } from "./situation.ts";

/** Empty when it is kept, or may not be yet. */
export function planFreeze(s: Situation): readonly Action[] {
  const { freeze } = s.snapshot;
  const revision = s.status.release?.specRevision;
  switch (freeze.kind) {
    case "Unknown":
      return revision === undefined ? [] : [{ kind: "FindSpec", revision }];
    case "Held":
      return isToKeepAgain(s) ? [{ kind: "KeepSpec", content: freeze.content }] : [];
    case "Due":
      if (freeze.next.kind !== "Known" || freeze.next.value.isSaved || !mayKeep(s)) return [];
      if (freeze.held !== undefined && !isOff(s)) return [];
      return [{ kind: "KeepSpec", content: freeze.next.value.content }];
    case "None":
    case "Lost":
      return [];
  }
}

/** Somebody deleted it while it is in force: it is still known, and written down again. With its Canary it may go first. */
function isToKeepAgain({ snapshot: { freeze, deletion } }: Situation): boolean {
  return freeze.kind === "Held" && !freeze.isSaved && !deletion.isAsked;
}

function mayKeep(s: Situation): boolean {
  return (isInStage(s.status) || s.phase === "Promoting") && isAccepted(s).holds;
}

/** Until then the routes of the release before must stay known: another spec may name others. */
function isOff({ snapshot: { routes } }: Situation): boolean {
  if (routes.kind !== "Known") return false;
  const { canaryWeight, isUniform, mirror } = routes.value;
  return canaryWeight === 0 && isUniform && mirror === undefined;
}
