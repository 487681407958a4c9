/** What is known of the world. A fact that could not be read says so; nothing is guessed from its absence. */

/** Read, and there. */
export interface Known<T> {
  readonly kind: "Known";
  readonly value: T;
}
/** Read, and not there, or there and unusable: a condition reason and a sentence that names the fix. */
export interface Missing {
  readonly kind: "Missing";
  readonly reason: string;
  readonly because: string;
}
/** Not read (yet): no rule raises the canary's weight on it. */
export interface Unknown {
  readonly kind: "Unknown";
  readonly because: string;
}
export type Fact<T> = Known<T> | Missing | Unknown;

/** Wraps a value that was read. */
export function known<T>(value: T): Known<T> {
  return { kind: "Known", value };
}

/** Wraps the absence of a thing that was looked for. */
export function missing(reason: string, because: string): Missing {
  return { kind: "Missing", reason, because };
}

/** Wraps the absence of knowledge. */
export function unknown(because: string): Unknown {
  return { kind: "Unknown", because };
}
