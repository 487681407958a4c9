/** A view of a Clock for one process of several: once it is killed its timers never fire again, while it is frozen they wait. */
import type { Clock } from "../../src/ports/clock.ts";
import type { FreezingPoint } from "./freezing-point.ts";

export interface KillableClock extends Clock {
  kill(): void;
}

export function createKillableClock(clock: Clock, ice: FreezingPoint): KillableClock {
  let isDead = false;
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimer(delayMs, fire) {
      let isOver = false;
      const cancel = clock.setTimer(delayMs, () =>
        ice.due(() => {
          if (!isDead && !isOver) fire();
        }),
      );
      return () => {
        isOver = true;
        cancel();
      };
    },
    // As a timer: whoever is killed or frozen gets no turn.
    async nextTurn() {
      await clock.nextTurn();
      await new Promise<void>((resolve) => {
        ice.due(() => {
          if (!isDead) resolve();
        });
      });
    },
    kill: () => {
      isDead = true;
    },
  };
}
