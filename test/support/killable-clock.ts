/** A view of a Clock for one process of several: once it is killed its timers never fire again. */
import type { Clock } from "../../src/ports/clock.ts";

export interface KillableClock extends Clock {
  kill(): void;
}

export function createKillableClock(clock: Clock): KillableClock {
  let isDead = false;
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimer: (delayMs, fire) =>
      clock.setTimer(delayMs, () => {
        if (!isDead) fire();
      }),
    kill: () => {
      isDead = true;
    },
  };
}
