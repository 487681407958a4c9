/**
 * Shares the event loop: whoever has many small things to do in a row pauses between them, so that answers are read,
 * writes go out and urgent keys get their turn. Knows nothing of what is done.
 */
import type { Clock } from "../ports/clock.ts";
import { turnMs } from "./limits.ts";

/** To be awaited after each small thing: goes on at once until the turn is used up, then in the next one. */
export type Pause = () => Promise<void>;

/** One for each who works by itself: the turn that it measures is its own. */
export function paced(clock: Pick<Clock, "monotonic" | "nextTurn">): Pause {
  let endsAt = clock.monotonic();
  return async () => {
    if (clock.monotonic() < endsAt) return;
    await clock.nextTurn();
    endsAt = clock.monotonic() + turnMs;
  };
}
