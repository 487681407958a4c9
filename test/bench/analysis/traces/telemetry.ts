/** What a method may do and see: set the canary's weight, let time pass, ask Prometheus. */
import type { Tally } from "./tally.ts";

export type Version = "canary" | "stable";

export interface Telemetry {
  /** Percent of the traffic that the canary gets from now on, in steps of 5. */
  setWeight(percent: number): void;
  /** Lets time pass until this second since the first traffic. */
  advance(second: number): void;
  /**
   * What was counted between the first and the last sample of each series in the window that ends now; undefined where
   * no series has two samples.
   */
  increase(version: Version, windowSeconds: number): Tally | undefined;
  /** The same between the last two samples of each series. */
  latestIncrease(version: Version, windowSeconds: number): Tally | undefined;
  /** Everything that was counted since the start, as last scraped. */
  total(version: Version): Tally;
}

/** How a release ended, and at which second since its first traffic. */
export interface Ending {
  readonly kind: "RolledBack" | "Promoted" | "Held";
  readonly second: number;
}
