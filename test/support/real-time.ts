/** Waiting in real time, for tests of real processes; all others step a Clock. */
import { setTimeout as sleep } from "node:timers/promises";

const defaultPollMs = 50;

/** Asks every `pollMs` until it holds; fails with `what` after `withinMs`. Returns the milliseconds it took. */
export async function eventually(
  what: string,
  withinMs: number,
  holds: () => boolean | Promise<boolean>,
  pollMs = defaultPollMs,
): Promise<number> {
  const startedAt = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedAt > withinMs)
      throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(pollMs);
  }
  return performance.now() - startedAt;
}
