/** Moves a fleet through virtual time: each due timer in turn, and everything that it sets off before the next. */
import type { ManualClock } from "../support/manual-clock.ts";
import type { Fleet, FleetController } from "./fleet.ts";

export async function advanceFleet(
  { api }: Fleet,
  { controller, requests }: FleetController,
  clock: ManualClock,
  ms: number,
): Promise<void> {
  const end = clock.monotonic() + ms;
  const trace = () =>
    [api.undeliveredEvents(), controller.busy(), requests.length, clock.pending()].join(" ");
  const settle = async () => {
    // What waits for a token or a time stays busy: quiet is when nothing changes any more.
    const quietTurns = 8;
    for (let quiet = 0, before = ""; quiet < quietTurns; ) {
      await new Promise<void>((resume) => {
        setImmediate(resume);
      });
      const now = trace();
      quiet = now === before ? quiet + 1 : 0;
      before = now;
    }
  };
  await settle();
  for (let due = clock.nextDueAt(); due !== undefined && due <= end; due = clock.nextDueAt()) {
    clock.advanceTo(due);
    await settle();
  }
  clock.advanceTo(end);
}
