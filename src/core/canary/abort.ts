/**
 * How long an abort stands. Serin removes the annotation once it was answered, so that the same words can be used
 * again; where something puts it back, for example a manifest from Git, it is answered once a minute at most.
 */
import { abortAnnotation } from "../../api/names.ts";
import { fromInstant } from "../instant.ts";
import { abortAgainMs, abortRemovalMs } from "../limits.ts";
import { abortAsked } from "./command-answer.ts";
import type { RemoveAbort } from "./decision.ts";
import { type Guard, met, unmet } from "./guard.ts";
import type { Situation } from "./situation.ts";

/** Until when (ms) the abort that stands there counts as answered; undefined when it is still to be answered. */
export function abortAnsweredUntil(s: Situation): number | undefined {
  const answeredAt = abortAnsweredAt(s);
  if (answeredAt === undefined || s.now >= answeredAt + abortAgainMs) return undefined;
  return answeredAt + abortAgainMs;
}

/** The removal of an abort that was just answered; one that is put back after that is left alone for a while. */
export function planAbortRemoval(s: Situation): readonly RemoveAbort[] {
  const { abort } = s.snapshot.commands;
  const answeredAt = abortAnsweredAt(s);
  if (abort === undefined || answeredAt === undefined) return [];
  return s.now < answeredAt + abortRemovalMs ? [{ kind: "RemoveAbort", value: abort }] : [];
}

/** No release begins where somebody just said that there shall be none. */
export function noAbortStands({ snapshot }: Situation): Guard {
  return snapshot.commands.abort === undefined
    ? met("")
    : unmet(
        `annotation ${abortAnnotation} stands: no release starts before it is gone, also from where it comes`,
      );
}

function abortAnsweredAt(s: Situation): number | undefined {
  const { abort } = s.snapshot.commands;
  const { lastCommand } = s.status;
  if (abort === undefined || lastCommand?.action !== "abort") return undefined;
  return lastCommand.reason === abortAsked(s, abort).reason
    ? fromInstant(lastCommand.at)
    : undefined;
}
