/**
 * How far the clocks of Prometheus servers are from ours, by the Date of their answers: an instant that is asked for
 * is one of theirs. Knows nothing of queries.
 */
import type { Clock } from "../../../ports/clock.ts";
import {
  MAX_CLOCK_DIFFERENCE_BELIEVED_MS,
  MAX_CLOCK_DIFFERENCE_MS,
  MAX_SERVER_CLOCKS,
} from "./limits.ts";
import { createLru } from "./lru.ts";

export interface ServerClocks {
  /** The server's time at an instant of ours, both milliseconds since the epoch. */
  atServer(address: string, atMs: number): number;
  /**
   * Takes in the Date header of an answer that has just come. True if its server was asked for a wrong instant: what it
   * said is not of now, and is to be asked for again.
   */
  isCorrectedBy(address: string, date: string | undefined): boolean;
}

export function createServerClocks(clock: Pick<Clock, "now">): ServerClocks {
  const aheadMs = createLru<number>(MAX_SERVER_CLOCKS);
  return {
    atServer: (address, atMs) => atMs + (aheadMs.get(address) ?? 0),
    isCorrectedBy(address, date) {
      const seenAt = Date.parse(date ?? "");
      const seenMs = seenAt - clock.now();
      if (!(Math.abs(seenMs) <= MAX_CLOCK_DIFFERENCE_BELIEVED_MS)) return false;
      const isRight = Math.abs(seenMs - (aheadMs.get(address) ?? 0)) <= MAX_CLOCK_DIFFERENCE_MS;
      // Close to ours it is taken for ours: a Date knows no fractions of a second.
      if (!isRight) aheadMs.set(address, Math.abs(seenMs) <= MAX_CLOCK_DIFFERENCE_MS ? 0 : seenMs);
      return !isRight;
    },
  };
}
