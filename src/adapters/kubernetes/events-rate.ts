/** How many Events one object may cause: a burst, then one per interval. Remembers a bounded number of objects. */
import type { Clock } from "../../ports/clock.ts";
import { EVENT_BURST, EVENT_REFILL_MS, MAX_EVENT_OBJECTS } from "./limits.ts";

export class EventRates {
  readonly #clock: Clock;
  /** By object, the longest unused first. */
  readonly #budgets = new Map<string, { readonly tokens: number; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one from the object's budget, if there is one left. */
  allow(uid: string): boolean {
    const at = this.#clock.monotonic();
    const last = this.#budgets.get(uid);
    const earned = last === undefined ? 0 : (at - last.at) / EVENT_REFILL_MS;
    const tokens = Math.min(EVENT_BURST, (last?.tokens ?? EVENT_BURST) + earned);
    const isAllowed = tokens >= 1;
    this.#budgets.delete(uid);
    this.#budgets.set(uid, { tokens: isAllowed ? tokens - 1 : tokens, at });
    const [oldest] = this.#budgets.keys();
    if (this.#budgets.size > MAX_EVENT_OBJECTS && oldest !== undefined) {
      this.#budgets.delete(oldest);
    }
    return isAllowed;
  }
}
