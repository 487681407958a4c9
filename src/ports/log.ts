/** Structured logging as a dependency: constant messages, facts in fields, never a secret. */

/** Facts of one log line by name; values must be safe to show and to serialise. */
export type LogFields = Readonly<Record<string, unknown>>;

/** A structured log; the message is a string literal, so that lines can be searched and counted. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A log that adds `fields` to every line. */
  child(fields: LogFields): Log;
}
