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
  readonly priority: Priority;
}

interface Delayed {
  readonly dueAt: number;
  readonly priority: Priority;
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
  /** Running keys that were not urgent: only they take a worker. */
  #workers = 0;
  #isOpen = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Takes keys from now on. While it is closed, adding does nothing: whoever opens it adds every key. */
  open(): void {
    this.#isOpen = true;
  }

  /** Starts no more work, forgets what waits, and resolves when what runs has ended. */
  async close(): Promise<void> {
    this.#isOpen = false;
    this.#waiting.clear();
    this.#again.clear();
    for (const delayed of this.#delayed.values()) delayed.cancel();
    this.#delayed.clear();
    this.#options.onDepth?.(0);
    await Promise.all(this.#running.values());
  }

  /** Keys that wait or run; delayed ones do not count. */
  get depth(): number {
    return this.#waiting.size + this.#running.size;
  }

  /** Adds a key now. Adding twice is adding once, with the higher priority. */
  add(key: string, priority: Priority = "Normal"): void {
    if (!this.#isOpen) return;
    const wanted = higher(this.#cancelDelay(key), priority);
    if (this.#running.has(key)) {
      this.#again.set(key, higher(this.#again.get(key), wanted));
      return;
    }
    const waiting = this.#waiting.get(key);
    this.#waiting.set(key, {
      since: waiting?.since ?? this.#options.clock.monotonic(),
      priority: higher(waiting?.priority, wanted),
    });
    this.#dispatch();
  }

  /** Adds a key after a delay, unless it is added before; of several delays the earliest counts, and the higher priority. */
  addAfter(key: string, delayMs: number, priority: Priority = "Normal"): void {
    if (!this.#isOpen) return;
    if (delayMs <= 0) {
      this.add(key, priority);
      return;
    }
    const now = this.#options.clock.monotonic();
    const earlier = this.#delayed.get(key);
    earlier?.cancel();
    const dueAt = Math.min(now + delayMs, earlier?.dueAt ?? Number.POSITIVE_INFINITY);
    this.#delayed.set(key, {
      dueAt,
      priority: higher(earlier?.priority, priority),
      cancel: this.#options.clock.setTimer(dueAt - now, () => this.add(key)),
    });
  }

  /** Forgets what waits for a key that is gone. */
  forget(key: string): void {
    this.#cancelDelay(key);
    this.#waiting.delete(key);
    this.#again.delete(key);
  }

  /** The priority that the delayed key had. */
  #cancelDelay(key: string): Priority | undefined {
    const delayed = this.#delayed.get(key);
    delayed?.cancel();
    this.#delayed.delete(key);
    return delayed?.priority;
  }

  #dispatch(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.#begin(...next);
    this.#options.onDepth?.(this.#waiting.size);
  }

  #next(): readonly [string, Waiting] | undefined {
    for (const entry of this.#waiting) if (entry[1].priority === "Urgent") return entry;
    return this.#workers < maxWorkers ? this.#waiting.entries().next().value : undefined;
  }

  #begin(key: string, { since, priority }: Waiting): void {
    this.#waiting.delete(key);
    this.#options.onLag?.(this.#options.clock.monotonic() - since);
    if (priority === "Normal") this.#workers += 1;
    this.#running.set(key, this.#run(key, priority));
  }

  async #run(key: string, priority: Priority): Promise<void> {
    // The key has to count as running before its work begins, which may add it again at once.
    await Promise.resolve();
    try {
      await this.#options.work(key);
    } finally {
      this.#running.delete(key);
      if (priority === "Normal") this.#workers -= 1;
      const again = this.#again.get(key);
      this.#again.delete(key);
      if (again === undefined) this.#dispatch();
      else this.add(key, again);
    }
  }
}

function higher(a: Priority | undefined, b: Priority): Priority {
  return a === "Urgent" || b === "Urgent" ? "Urgent" : "Normal";
}
