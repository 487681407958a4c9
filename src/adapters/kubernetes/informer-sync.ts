/** Whether a cache holds everything yet, and waiting for it. */
import { RetryableError } from "../../ports/errors.ts";

export interface SyncLatch {
  readonly isOpen: boolean;
  /** Opens for good. */
  open(): void;
  /** Resolves once open; throws RetryableError `Aborted` when `signal` aborts first. */
  wait(signal?: AbortSignal): Promise<void>;
}

export function createSyncLatch(): SyncLatch {
  const waiting = new Set<() => void>();
  let isOpen = false;
  return {
    get isOpen() {
      return isOpen;
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
