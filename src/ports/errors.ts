/**
 * The three errors an adapter may throw. Expected outcomes (a failed analysis, an invalid spec) are values,
 * not errors; one place in the controller maps these three to what happens next.
 */

/** The attempt failed for a reason that time may cure: the key is tried again with back-off. */
export class RetryableError extends Error {
  readonly reason: string;
  /** Earliest next attempt, in milliseconds from now, when the other side named one (Retry-After). */
  readonly afterMs: number | undefined;
  constructor(reason: string, message: string, afterMs?: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "RetryableError";
    this.reason = reason;
    this.afterMs = afterMs;
  }
}

/** A human must act; trying again without a change cannot help. Shown as condition Stalled with this reason. */
export class StallError extends Error {
  readonly reason: string;
  constructor(reason: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "StallError";
    this.reason = reason;
  }
}

/** A bug in Serin: logged, counted, and the key is stopped until it changes. */
export class InvariantError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "InvariantError";
  }
}
