/**
 * The way of log lines to a pipe or a file that may be slow, full or gone: nothing waits for it, nothing ends by it, and no more than
 * a bounded backlog is kept. What is lost is counted, and told where lines get through again.
 */
import type { Clock } from "../../ports/clock.ts";
import { maxLogBacklogChars } from "./limits.ts";

/** Standard output, as a stream or a file. */
export interface LogTarget {
  /** May throw, as for a file on a full disk. */
  write(text: string): unknown;
  /** Of a stream: what was taken and not yet written. */
  readonly writableLength?: number;
  /** Of a stream: false once its reader is gone. */
  readonly writable?: boolean;
}

export interface LogOutletOptions {
  readonly target: LogTarget;
  readonly clock: Clock;
  /** Told of each line that is lost. */
  readonly onLost: () => void;
}

/** Gets whole lines; never throws and never waits. */
export function createLogOutlet({ target, clock, onLost }: LogOutletOptions): {
  write(line: string): void;
} {
  let lost = 0;
  const pass = (line: string): boolean => {
    if (target.writable === false || (target.writableLength ?? 0) > maxLogBacklogChars)
      return false;
    try {
      target.write(line);
      return true;
    } catch {
      return false;
    }
  };
  return {
    write(line) {
      if (lost > 0 && pass(lostLines(lost, clock))) lost = 0;
      if (lost === 0 && pass(line)) return;
      lost += 1;
      onLost();
    },
  };
}

function lostLines(count: number, clock: Clock): string {
  const time = new Date(clock.now()).toISOString();
  return `${JSON.stringify({ level: "warn", time, count, msg: lostLinesMessage })}\n`;
}

/** Where a log goes on after lines of it could not be written. */
const lostLinesMessage = "log lines were lost";
