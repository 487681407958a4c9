/** What goes wrong in a simulated world, drawn from its seed: writes that fail or are late, events that are lost, outages. */
import { RetryableError } from "../../src/ports/errors.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import type { ViewFaults } from "./delayed-view.ts";

/** How one write fares. */
export type WriteFate =
  | { readonly kind: "Passes"; readonly delayMs: number }
  /** Nothing was written. */
  | { readonly kind: "Refused"; readonly error: RetryableError }
  /** It is written, and its writer never learns it. */
  | { readonly kind: "AnswerLost"; readonly delayMs: number };

export type Provider = "Answers" | "Down" | "Empty" | "Slow";

const calmView: ViewFaults = { delayMs: 200, lostShare: 0, duplicatedShare: 0, relistMs: 0 };
const roughView: ViewFaults = {
  delayMs: 4_000,
  lostShare: 0.1,
  duplicatedShare: 0.2,
  relistMs: 20_000,
};
const writeTimeoutMs = 5_000;

export class Fate {
  readonly #clock: ManualClock;
  readonly #random: () => number;
  isApiUp = true;
  provider: Provider = "Answers";
  isWatchRough = false;
  /** Share of writes that fail in one way or another. */
  failingShare = 0;
  /** When anything last went wrong that may have delayed Serin, ms of wall time. */
  disturbedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: ManualClock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Everything works from now on. */
  calm(): void {
    this.isApiUp = true;
    this.provider = "Answers";
    this.isWatchRough = false;
    this.failingShare = 0;
    this.disturb();
  }

  disturb(): void {
    this.disturbedAt = this.#clock.now();
  }

  /** True while something is wrong, so that every instant of it counts as disturbed. */
  get isDisturbed(): boolean {
    return (
      !this.isApiUp || this.provider !== "Answers" || this.isWatchRough || this.failingShare > 0
    );
  }

  view(): ViewFaults {
    return this.isWatchRough ? roughView : calmView;
  }

  write(): WriteFate {
    if (!this.isApiUp)
      return { kind: "Refused", error: new RetryableError("Unreachable", "nobody answers") };
    if (this.#random() >= this.failingShare) return { kind: "Passes", delayMs: this.#delay(20) };
    this.disturb();
    const draw = this.#random();
    if (draw < 0.3)
      return { kind: "Refused", error: new RetryableError("Conflict", "the object changed") };
    if (draw < 0.5)
      return { kind: "Refused", error: new RetryableError("ServerError", "HTTP 500") };
    if (draw < 0.6)
      return { kind: "Refused", error: new RetryableError("TooManyRequests", "HTTP 429", 1_000) };
    if (draw < 0.8) return { kind: "Passes", delayMs: this.#delay(writeTimeoutMs) };
    return { kind: "AnswerLost", delayMs: this.#delay(writeTimeoutMs) };
  }

  lostAnswer(): RetryableError {
    return new RetryableError("Timeout", "no answer within 5 s");
  }

  /** Resolves once the time has passed; at once for none. */
  wait(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#clock.setTimer(ms, resolve);
    });
  }

  #delay(longestMs: number): number {
    return Math.floor(this.#random() * longestMs);
  }
}
