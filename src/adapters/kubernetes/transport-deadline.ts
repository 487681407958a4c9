/** How long an exchange may take, and ending it when it is over: by time, or because its caller gave up. */
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import { RetryableError } from "../../ports/errors.ts";

export interface Deadline {
  /** Aborts when the time is up or the caller gives up: for fetch. */
  readonly signal: AbortSignal;
  /** `work`, or the reason for the end as soon as the end comes: fetch and bodies need not obey the signal. */
  race<T>(work: Promise<T>): Promise<T>;
  /** Starts the time again, from now and for this long. */
  extend(timeoutMs: number): void;
  /** Stops the time and forgets the caller. */
  clear(): void;
}

export interface DeadlineOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** What the message calls the exchange. */
  readonly request: string;
  readonly signal?: AbortSignal | undefined;
}

export function startDeadline({ clock, timeoutMs, request, signal }: DeadlineOptions): Deadline {
  const controller = new AbortController();
  // Not one promise for Promise.race: a watch races once per chunk, and each race would stay on its list.
  const racing = new Set<(error: RetryableError) => void>();
  let ended: RetryableError | undefined;
  let cancelTimer: CancelTimer = () => undefined;

  function end(error: RetryableError): void {
    clear();
    ended = error;
    for (const reject of racing) reject(error);
    controller.abort(error);
  }
  const giveUp = (): void => end(new RetryableError("Aborted", `${request}: given up`));
  function clear(): void {
    cancelTimer();
    signal?.removeEventListener("abort", giveUp);
  }
  function extend(nextTimeoutMs: number): void {
    cancelTimer();
    if (ended !== undefined) return;
    cancelTimer = clock.setTimer(nextTimeoutMs, () => {
      end(new RetryableError("Timeout", `${request}: no answer within ${nextTimeoutMs} ms`));
    });
  }
  function race<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (ended === undefined) racing.add(reject);
      else reject(ended);
      work.then(resolve, reject).finally(() => racing.delete(reject));
    });
  }

  if (signal?.aborted === true) giveUp();
  else {
    signal?.addEventListener("abort", giveUp, { once: true });
    extend(timeoutMs);
  }
  return { signal: controller.signal, race, extend, clear };
}
