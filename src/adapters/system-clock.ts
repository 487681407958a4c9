/** The one real Clock: the machine's time and timers. Nothing else in Serin may read either. */
import type { Clock } from "../ports/clock.ts";

/** Node fires a longer timer at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    // CLOCK_MONOTONIC: goes on while the process is stopped, but not while a machine is suspended.
    monotonic: () => performance.now(),
    setTimer(delayMs, fire) {
      const dueAt = performance.now() + delayMs;
      let timer: NodeJS.Timeout;
      const arm = (): void => {
        const leftMs = Math.max(0, dueAt - performance.now());
        timer = setTimeout(
          () => (leftMs > MAX_TIMER_MS ? arm() : fire()),
          Math.min(leftMs, MAX_TIMER_MS),
        );
        timer.unref();
      };
      arm();
      return () => clearTimeout(timer);
    },
    nextTurn: () =>
      new Promise((resolve) => {
        setImmediate(resolve);
      }),
  };
}
