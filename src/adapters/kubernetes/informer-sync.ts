/** Whether a cache holds everything yet, and waiting for it. */
import { RetryableError } from "../../ports/errors.ts";

export interface SyncLatch {
  readonly isOpen: boolean;
  /** Why it is not open, as far as that is known; undefined once it is. */
  readonly because: string | undefined;
  /** Opens for good. */
  open(): void;
  /** Remembers what keeps it from opening, until something else does. */
  hold(because: string): void;
  /** Resolves once open; throws RetryableError `Aborted` when `signal` aborts first. */
  wait(signal?: AbortSignal): Promise<void>;
}

export function createSyncLatch(because: string): SyncLatch {
  const waiting = new Set<() => void>();
  let isOpen = false;
  let latestBecause = because;
  return {
    get isOpen() {
      return isOpen;
    },
    get because() {
      return isOpen ? undefined : latestBecause;
    },
    hold(reason) {
      latestBecause = reason;
    },
    open() {
      isOpen = true;
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
    wait(signal) {
      if (isOpen) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const giveUp = (): void => {
          waiting.delete(enter);
          reject(new RetryableError("Aborted", "given up before the cache had everything"));
        };
        const enter = (): void => {
          signal?.removeEventListener("abort", giveUp);
          resolve();
        };
        if (signal?.aborted === true) return giveUp();
        waiting.add(enter);
        signal?.addEventListener("abort", giveUp, { once: true });
      });
    },
  };
}
