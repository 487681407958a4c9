/**
 * A queue of keys: each key waits at most once, is worked on by one worker at a time, and comes back when it was
 * added meanwhile. Urgent keys go first and have workers of their own. Knows nothing of what the work is.
 */
import type { CancelTimer, Clock } from "../ports/clock.ts";
import { maxWorkers } from "./limits.ts";
import { type Pause, paced } from "./pace.ts";

export type Priority = "Normal" | "Urgent";

/** Works on one key; must not throw. */
export type Work = (key: string) => Promise<void>;

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
  readonly #pause: Pause;
  /** Keys that wait, and since when (monotonic, ms), first come first served. A key is in one of the two. */
  readonly #waiting: Readonly<Record<Priority, Map<string, number>>> = {
    Urgent: new Map(),
    Normal: new Map(),
  };
  readonly #delayed = new Map<string, Delayed>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Map<string, Priority>();
  /** Running keys that were not urgent: only they take a worker. */
  #workers = 0;
  #isOpen = false;
  #isDispatching = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#pause = paced(options.clock);
  }

  /** Takes keys from now on. While it is closed, adding does nothing: whoever opens it adds every key. */
  open(): void {
    this.#isOpen = true;
  }

  /** Starts no more work, forgets what waits, and resolves when what runs has ended. */
  async close(): Promise<void> {
    this.#isOpen = false;
    for (const waiting of Object.values(this.#waiting)) waiting.clear();
    this.#again.clear();
    for (const delayed of this.#delayed.values()) delayed.cancel();
    this.#delayed.clear();
    this.#options.onDepth?.(0);
    await Promise.all(this.#running.values());
  }

  /** Keys that wait or run; delayed ones do not count. */
  get depth(): number {
    return this.#waitingKeys + this.#running.size;
  }

  get #waitingKeys(): number {
    return this.#waiting.Urgent.size + this.#waiting.Normal.size;
  }

  /** Adds a key now. Adding twice is adding once, with the higher priority. */
  add(key: string, priority: Priority = "Normal"): void {
    if (!this.#isOpen) return;
    const wanted = higher(this.#cancelDelay(key), priority);
    if (this.#running.has(key)) {
      this.#again.set(key, higher(this.#again.get(key), wanted));
      return;
    }
    this.#wait(key, wanted);
    void this.#dispatch();
  }

  /** Whoever waits already keeps the place, unless it is to go before others. */
  #wait(key: string, wanted: Priority): void {
    const { Urgent, Normal } = this.#waiting;
    const since = Normal.get(key) ?? this.#options.clock.monotonic();
    if (wanted === "Urgent") Normal.delete(key);
    const isWaiting = Urgent.has(key) || Normal.has(key);
    if (!isWaiting) this.#waiting[wanted].set(key, since);
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
    for (const waiting of Object.values(this.#waiting)) waiting.delete(key);
    this.#again.delete(key);
  }

  /** The priority that the delayed key had. */
  #cancelDelay(key: string): Priority | undefined {
    const delayed = this.#delayed.get(key);
    delayed?.cancel();
    this.#delayed.delete(key);
    return delayed?.priority;
  }

  /**
   * Begins what may begin, one key after the other. Not before whoever adds keys has added them all, so that the urgent
   * ones are known, and never so many at a stretch that the writes of the first ones wait for the decisions on the last.
   */
  async #dispatch(): Promise<void> {
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    await Promise.resolve();
    while (this.#beginNext()) await this.#pause();
    this.#isDispatching = false;
    this.#options.onDepth?.(this.#waitingKeys);
  }

  #beginNext(): boolean {
    const mayBegin =
      this.#workers < maxWorkers ? (["Urgent", "Normal"] as const) : (["Urgent"] as const);
    for (const priority of mayBegin)
      for (const [key, since] of this.#waiting[priority]) {
        this.#begin(key, since, priority);
        return true;
      }
    return false;
  }

  #begin(key: string, since: number, priority: Priority): void {
    this.#waiting[priority].delete(key);
    this.#options.onLag?.(this.#options.clock.monotonic() - since);
    if (priority === "Normal") this.#workers += 1;
    // The key has to count as running before its work begins, which may add it again at once.
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running.set(key, promise);
    void this.#run(key, priority).finally(resolve);
  }

  async #run(key: string, priority: Priority): Promise<void> {
    try {
      await this.#options.work(key);
    } finally {
      this.#running.delete(key);
      if (priority === "Normal") this.#workers -= 1;
      const again = this.#again.get(key);
      this.#again.delete(key);
      if (again === undefined) void this.#dispatch();
      else this.add(key, again);
    }
  }
}

function higher(a: Priority | undefined, b: Priority): Priority {
  return a === "Urgent" || b === "Urgent" ? "Urgent" : "Normal";
}
