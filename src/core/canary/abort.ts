/**
 * How long an abort stands. Serin removes the annotation once it was answered, so that the same words can be used
 * again; where something puts it back, for example a manifest from Git, it is answered once a minute at most.
 */
import { abortAnnotation } from "../../api/names.ts";
import { fromInstant } from "../instant.ts";
import { abortAgainMs } from "../limits.ts";
import { abortWords } from "./command-answer.ts";
import type { RemoveAbort } from "./decision.ts";
import { type Guard, met, unmet } from "./guard.ts";
import type { Situation } from "./situation.ts";

/** True while the abort that stands there was answered and is still to be removed. */
export function isAbortAnswered({ snapshot, status }: Situation): boolean {
  const { abort } = snapshot.commands;
  return abort !== undefined && abortWords(abort) === status.openAbort;
}

/** Until when (ms) an abort that something put back is left alone; undefined for one that is not there again. */
export function abortReturnsAt(s: Situation): number | undefined {
  const { abort } = s.snapshot.commands;
  const { lastCommand } = s.status;
  if (abort === undefined || lastCommand?.action !== "abort") return undefined;
  if (lastCommand.reason !== abortWords(abort)) return undefined;
  const dueAt = fromInstant(lastCommand.at) + abortAgainMs;
  return s.now < dueAt ? dueAt : undefined;
}

/** The removal of an abort that was answered, whoever leads by now. */
export function planAbortRemoval(s: Situation): readonly RemoveAbort[] {
  const { abort } = s.snapshot.commands;
  return abort !== undefined && isAbortAnswered(s) ? [{ kind: "RemoveAbort", value: abort }] : [];
}

/** No release begins where somebody just said that there shall be none. */
export function noAbortStands({ snapshot }: Situation): Guard {
  return snapshot.commands.abort === undefined
    ? met("")
    : unmet(
        `annotation ${abortAnnotation} stands: no release starts before it is gone, also from where it comes`,
      );
}
