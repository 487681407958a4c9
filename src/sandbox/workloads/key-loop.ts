/**
 * Calls one function for keys that may need work, each key by one call at a time, and again later when it fails or
 * asks for it. Idle, it holds no timer. Knows nothing of what a key stands for.
 */
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { reconcileConcurrency, retryBaseMs, retryCapMs } from "./limits.ts";

export interface KeyLoopOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves to the milliseconds after which the key wants another look; undefined = when something changes. */
  readonly reconcile: (key: string) => Promise<number | undefined>;
}

export interface KeyLoop {
  enqueue(key: string): void;
  /** No further call begins; resolves when those under way have ended. */
  stop(): Promise<void>;
  start(): void;
}

export function createKeyLoop(options: KeyLoopOptions): KeyLoop {
  return new Loop(options);
}

class Loop implements KeyLoop {
  readonly #options: KeyLoopOptions;
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #timers = new Map<string, CancelTimer>();
  readonly #failures = new Map<string, number>();
  #started = false;

  constructor(options: KeyLoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#started = true;
    this.#fill();
  }

  enqueue(key: string): void {
    this.#waiting.add(key);
    this.#fill();
  }

  async stop(): Promise<void> {
    this.#started = false;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#waiting.clear();
    await Promise.all(this.#running.values());
  }

  /** Starts as many waiting keys as there is room for; a key under way waits for its own end. */
  #fill(): void {
    if (!this.#started) return;
    for (const key of this.#waiting) {
      if (this.#running.size >= reconcileConcurrency) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.set(key, this.#work(key));
    }
  }

  async #work(key: string): Promise<void> {
    this.#cancel(key);
    try {
      const againMs = await this.#options.reconcile(key);
      this.#failures.delete(key);
      if (againMs !== undefined) this.#later(key, againMs);
    } catch (error) {
      this.#retry(key, error);
    }
    this.#running.delete(key);
    this.#fill();
  }

  #retry(key: string, error: unknown): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const because = error instanceof Error ? error.message : String(error);
    this.#options.log.debug({ key, because, failures }, "simulated work failed, trying again");
    this.#later(key, Math.min(retryCapMs, retryBaseMs * 2 ** (failures - 1)));
  }

  #later(key: string, delayMs: number): void {
    if (!this.#started) return;
    this.#cancel(key);
    const cancel = this.#options.clock.setTimer(delayMs, () => {
      this.#timers.delete(key);
      this.enqueue(key);
    });
    this.#timers.set(key, cancel);
  }

  #cancel(key: string): void {
    this.#timers.get(key)?.();
    this.#timers.delete(key);
  }
}
