/**
 * Time as a dependency. Every timer, timeout and timestamp of Serin comes from a Clock, so that tests
 * can step it and promised times are asserted exactly.
 */

/** Cancels a timer; calling it again, or after the timer fired, does nothing. */
export type CancelTimer = () => void;

/** The two times of a process and its timers. */
export interface Clock {
  /** Wall time, milliseconds since the Unix epoch. May jump; use it for timestamps people read. */
  now(): number;
  /** Monotonic time in milliseconds from an arbitrary origin. Never jumps; use it for durations and leases. */
  monotonic(): number;
  /** Calls `fire` once after `delayMs` (0 or more) unless cancelled first. Does not keep the process alive. */
  setTimer(delayMs: number, fire: () => void): CancelTimer;
  /** Resolves in the next turn of the event loop: by then what has come in was read, and what was written is on its way. */
  nextTurn(): Promise<void>;
}
