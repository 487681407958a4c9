/** How long to wait before the next attempt: doubling, capped, jittered. Knows nothing of what is attempted. */
import type { Clock } from "../../ports/clock.ts";

export interface Backoff {
  /** The wait before the next attempt, in milliseconds; each call is one more failure in a row. */
  next(): number;
  /** Starts again from the shortest wait. */
  reset(): void;
}

export interface BackoffOptions {
  readonly baseMs: number;
  readonly capMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The n-th wait is between half and all of min(capMs, baseMs · 2ⁿ). */
export function createBackoff({ baseMs, capMs, random }: BackoffOptions): Backoff {
  let failures = 0;
  return {
    next() {
      // Beyond 2^30 the cap has long decided; unbounded, the power would end as Infinity.
      const fullMs = Math.min(capMs, baseMs * 2 ** Math.min(failures, 30));
      failures += 1;
      return fullMs * (0.5 + random() / 2);
    },
    reset() {
      failures = 0;
    },
  };
}

/** Resolves after `delayMs`, or at once when `signal` aborts: the caller looks at the signal, nothing is thrown. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.setTimer(delayMs, end);
    signal.addEventListener("abort", end);
  });
}
