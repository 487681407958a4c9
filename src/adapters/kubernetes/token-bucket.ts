/** Who may send now: a rate with a burst, first come first served. Knows nothing of requests. */
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import { RetryableError } from "../../ports/errors.ts";
import { MAX_WAITING_REQUESTS } from "./limits.ts";

export interface TokenBucket {
  /**
   * Resolves when the caller may send. Throws RetryableError `ClientThrottled` when too many wait already,
   * `Aborted` when `signal` aborts first.
   */
  take(signal?: AbortSignal): Promise<void>;
  readonly waiting: number;
}

export interface TokenBucketOptions {
  readonly clock: Clock;
  /** Tokens per second, above 0. */
  readonly qps: number;
  /** Most tokens that can be saved up, at least 1. */
  readonly burst: number;
  readonly maxWaiting?: number;
}

export function createTokenBucket(options: TokenBucketOptions): TokenBucket {
  const { clock, qps, burst, maxWaiting = MAX_WAITING_REQUESTS } = options;
  const waiters = new Set<() => void>();
  let tokens = burst;
  let filledAt = clock.monotonic();
  let timer: CancelTimer | undefined;

  function takeNow(): boolean {
    const now = clock.monotonic();
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1_000) * qps);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  }

  function serve(): void {
    timer = undefined;
    for (const grant of waiters) {
      if (!takeNow()) break;
      waiters.delete(grant);
      grant();
    }
    schedule();
  }

  function schedule(): void {
    if (timer !== undefined || waiters.size === 0) return;
    // Rounded up: a timer that fires a fraction early would find 0.999 of a token.
    timer = clock.setTimer(Math.ceil(((1 - tokens) / qps) * 1_000), serve);
  }

  return {
    async take(signal) {
      if (signal?.aborted === true) throw gaveUp();
      if (waiters.size === 0 && takeNow()) return;
      if (waiters.size >= maxWaiting) throw new RetryableError("ClientThrottled", FULL_MESSAGE);
      const turn = waitIn(waiters, signal);
      schedule();
      await turn;
    },
    get waiting() {
      return waiters.size;
    },
  };
}

const gaveUp = (): RetryableError =>
  new RetryableError("Aborted", "given up before the client's rate limit let it go");

const FULL_MESSAGE = "too many requests wait for the client's rate limit";

function waitIn(waiters: Set<() => void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const grant = (): void => {
      signal?.removeEventListener("abort", leave);
      resolve();
    };
    const leave = (): void => {
      waiters.delete(grant);
      reject(gaveUp());
    };
    waiters.add(grant);
    signal?.addEventListener("abort", leave, { once: true });
  });
}
