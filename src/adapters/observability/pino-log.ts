/** Logs as lines of JSON by pino: one object per line, time from the Clock, secrets never. */
import { type DestinationStream, type Logger, pino } from "pino";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { redactFields } from "./redact.ts";

/** Least severe level that is written. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What the log needs from outside. */
export interface PinoLogDeps {
  readonly clock: Clock;
  readonly level: LogLevel;
  /** Gets whole lines; standard output in production. */
  readonly destination: DestinationStream;
}

function wrap(output: Logger): Log {
  const write =
    (level: LogLevel): Log[LogLevel] =>
    (fields, message) => {
      if (output.isLevelEnabled(level)) output[level](redactFields(fields), message);
    };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields) => wrap(output.child(redactFields(fields))),
  };
}

/** A log that writes to `destination`. */
export function createPinoLog({ clock, level, destination }: PinoLogDeps): Log {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    // Fields are serialised by redactFields already.
    serializers: { err: (value: unknown) => value },
  };
  return wrap(pino(options, destination));
}
