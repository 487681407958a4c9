/** A Log that keeps its lines, for tests that read what operators would. */
import type { Log, LogFields } from "../../src/ports/log.ts";

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly fields: LogFields;
  readonly message: string;
}

export interface RecordingLog extends Log {
  readonly lines: LogLine[];
}

export function createRecordingLog(lines: LogLine[] = [], own: LogFields = {}): RecordingLog {
  const write = (level: LogLine["level"]) => (fields: LogFields, message: string) => {
    lines.push({ level, fields: { ...own, ...fields }, message });
  };
  return {
    lines,
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields) => createRecordingLog(lines, { ...own, ...fields }),
  };
}
