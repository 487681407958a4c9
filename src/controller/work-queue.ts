/**
 * A queue of keys: each key waits at most once, is worked on by one worker at a time, and comes back when it was
 * added meanwhile. Urgent keys go first and have workers of their own. Knows nothing of what the work is.
 */
import type { CancelTimer, Clock } from "../ports/clock.ts";
import { maxWorkers } from "./limits.ts";

export type Priority = "Normal" | "Urgent";

/** Works on one key; must not throw. */
export type Work = (key: string) => Promise<void>;

interface Waiting {
  readonly since: number;
  priority: Priority;
}

interface Delayed {
  readonly dueAt: number;
  readonly cancel: CancelTimer;
}

export interface WorkQueueOptions {
  readonly clock: Clock;
  readonly work: Work;
  readonly onDepth?: (keys: number) => void;
  readonly onLag?: (lagMs: number) => void;
}

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Map<string, Waiting>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Map<string, Priority>();
  #isOpen = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Begins to work on what waits. */
  open(): void {
    this.#isOpen = true;
    this.#dispatch();
  }

  /** Starts no more work, forgets what waits, and resolves when what runs has ended. */
  async close(): Promise<void> {
    this.#isOpen = false;
    this.#waiting.clear();
    this.#again.clear();
    for (const delayed of this.#delayed.values()) delayed.cancel();
    this.#delayed.clear();
    await Promise.all(this.#running.values());
  }

  /** Keys that wait or run; delayed ones do not count. */
  get depth(): number {
    return this.#waiting.size + this.#running.size;
  }

  /** Adds a key now. Adding twice is adding once, with the higher priority. */
  add(key: string, priority: Priority = "Normal"): void {
    this.#cancelDelay(key);
    if (this.#running.has(key)) {
      this.#again.set(key, higher(this.#again.get(key), priority));
      return;
    }
    const waiting = this.#waiting.get(key);
    if (waiting === undefined)
      this.#waiting.set(key, { since: this.#options.clock.monotonic(), priority });
    else waiting.priority = higher(waiting.priority, priority);
    this.#dispatch();
  }

  /** Adds a key after a delay, unless it is added before; the earliest of several delays counts. */
  addAfter(key: string, delayMs: number, priority: Priority = "Normal"): void {
    if (delayMs <= 0) {
      this.add(key, priority);
      return;
    }
    const dueAt = this.#options.clock.monotonic() + delayMs;
    const earlier = this.#delayed.get(key);
    if (earlier !== undefined && earlier.dueAt <= dueAt) return;
    earlier?.cancel();
    const cancel = this.#options.clock.setTimer(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key, priority);
    });
    this.#delayed.set(key, { dueAt, cancel });
  }

  /** Forgets what waits for a key that is gone. */
  forget(key: string): void {
    this.#cancelDelay(key);
    this.#waiting.delete(key);
    this.#again.delete(key);
  }

  #cancelDelay(key: string): void {
    this.#delayed.get(key)?.cancel();
    this.#delayed.delete(key);
  }

  #dispatch(): void {
    while (this.#isOpen) {
      const next = this.#next();
      if (next === undefined) break;
      const waiting = this.#waiting.get(next);
      this.#waiting.delete(next);
      if (waiting !== undefined)
        this.#options.onLag?.(this.#options.clock.monotonic() - waiting.since);
      this.#running.set(next, this.#run(next));
    }
    this.#options.onDepth?.(this.#waiting.size);
  }

  #next(): string | undefined {
    for (const [key, waiting] of this.#waiting) if (waiting.priority === "Urgent") return key;
    if (this.#running.size >= maxWorkers) return undefined;
    return this.#waiting.keys().next().value;
  }

  async #run(key: string): Promise<void> {
    await this.#options.work(key);
    this.#running.delete(key);
    const again = this.#again.get(key);
    this.#again.delete(key);
    if (again !== undefined && this.#isOpen) this.add(key, again);
    else this.#dispatch();
  }
}

function higher(a: Priority | undefined, b: Priority): Priority {
  return a === "Urgent" || b === "Urgent" ? "Urgent" : "Normal";
}
