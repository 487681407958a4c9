/**
 * What one process sees of an object through its watch: the truth of a while ago. Events come late, twice, or not at
 * all until the next list; an own write shows at once.
 */
import type { Clock } from "../../src/ports/clock.ts";

export interface ViewFaults {
  /** Longest delay of an event, ms. */
  readonly delayMs: number;
  /** Share of events that never arrive; the next list shows what they told. */
  readonly lostShare: number;
  readonly duplicatedShare: number;
  /** Time from a lost event to the list that makes up for it, ms. */
  readonly relistMs: number;
}

export interface ViewDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** As they are now. */
  readonly faults: () => ViewFaults;
  readonly onEvent: () => void;
}

export interface Versioned {
  readonly version: number;
}

export class DelayedView<T extends Versioned> {
  readonly #read: () => T;
  readonly #deps: ViewDeps;
  #seen: T;

  constructor(read: () => T, deps: ViewDeps) {
    this.#read = read;
    this.#deps = deps;
    this.#seen = read();
  }

  get(): T {
    return this.#seen;
  }

  /** The truth has changed. */
  changed(): void {
    const { random, faults } = this.#deps;
    const { delayMs, lostShare, duplicatedShare, relistMs } = faults();
    const event = this.#read();
    if (random() < lostShare) {
      this.#arrive(() => this.#read(), relistMs * (0.5 + random()));
      return;
    }
    this.#arrive(() => event, delayMs * random());
    if (random() < duplicatedShare) this.#arrive(() => event, delayMs * random());
  }

  /** The answer to an own write. */
  answered(): void {
    this.#take(this.#read());
  }

  #arrive(read: () => T, afterMs: number): void {
    this.#deps.clock.setTimer(Math.floor(afterMs), () => this.#take(read()));
  }

  /** As a cache does: what is older than what is known is told, and not believed. */
  #take(value: T): void {
    if (value.version >= this.#seen.version) this.#seen = value;
    this.#deps.onEvent();
  }
}
