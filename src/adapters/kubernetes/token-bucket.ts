/** Who may send now: a rate with a burst, first come first served in each of two lanes. Knows nothing of requests. */
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import { RetryableError } from "../../ports/errors.ts";
import { BACKGROUND_SHARE, MAX_WAITING_REQUESTS } from "./limits.ts";

/** Whoever is in the background gives way to everybody else, but for a share of the tokens. */
export type Lane = "Normal" | "Background";

export interface TokenBucket {
  /**
   * Resolves when the caller may send. Throws RetryableError `ClientThrottled` when too many wait in the lane already,
   * `Aborted` when `signal` aborts first.
   */
  take(signal?: AbortSignal, lane?: Lane): Promise<void>;
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
  const queue = createQueue();
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
    while (queue.size > 0 && takeNow()) queue.grantNext();
    schedule();
  }

  function schedule(): void {
    if (timer !== undefined || queue.size === 0) return;
    // Rounded up: a timer that fires a fraction early would find 0.999 of a token.
    timer = clock.setTimer(Math.ceil(((1 - tokens) / qps) * 1_000), serve);
  }

  return {
    async take(signal, lane = "Normal") {
      if (signal?.aborted === true) throw gaveUp();
      if (queue.size === 0 && takeNow()) return;
      const waiters = queue.lanes[lane];
      if (waiters.size >= maxWaiting) throw new RetryableError("ClientThrottled", FULL_MESSAGE);
      const turn = waitIn(waiters, signal);
      schedule();
      await turn;
    },
    get waiting() {
      return queue.size;
    },
  };
}

/** Those who wait, and whose turn it is. */
function createQueue() {
  const lanes: Readonly<Record<Lane, Set<() => void>>> = {
    Normal: new Set(),
    Background: new Set(),
  };
  /** Others who went since somebody in the background did. */
  let passedBy = 0;

  function nextLane(): Lane {
    const isItsTurn = lanes.Normal.size === 0 || passedBy + 1 >= BACKGROUND_SHARE;
    return lanes.Background.size > 0 && isItsTurn ? "Background" : "Normal";
  }

  return {
    lanes,
    get size() {
      return lanes.Normal.size + lanes.Background.size;
    },
    grantNext(): void {
      const lane = nextLane();
      passedBy = lane === "Background" ? 0 : passedBy + 1;
      const [grant] = lanes[lane];
      if (grant === undefined) return;
      lanes[lane].delete(grant);
      grant();
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
