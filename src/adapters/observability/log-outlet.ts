/**
 * The way of log lines to a pipe or a file that may be slow, full or gone: nothing waits for it, nothing ends by it, and no more than
 * a bounded backlog is kept. What is lost is counted, and told where lines get through again.
 */
import type { Clock } from "../../ports/clock.ts";
import { maxLogBacklogChars } from "./limits.ts";

/** Standard output, as a stream or a file. */
export interface LogTarget {
  /** Tells `done` of an error, as of a reader that is gone, or throws it, as a file on a full disk does. */
  write(text: string, done: (error?: Error | null) => void): unknown;
  /** Of a stream: what was taken and not yet written. */
  readonly writableLength?: number;
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
  const lose = (): void => {
    lost += 1;
    onLost();
  };
  const isFull = (): boolean => (target.writableLength ?? 0) > maxLogBacklogChars;
  const pass = (line: string, failed: () => void): void => {
    try {
      target.write(line, (error) => {
        if (error instanceof Error) failed();
      });
    } catch {
      failed();
    }
  };
  return {
    write(line) {
      if (isFull()) return lose();
      const untold = lost;
      lost = 0;
      // Where the line does not get through, this one does not either, and stays to be told.
      if (untold > 0)
        pass(lostLines(untold, clock), () => {
          lost += untold;
        });
      pass(line, lose);
    },
  };
}

function lostLines(count: number, clock: Clock): string {
  const time = new Date(clock.now()).toISOString();
  return `${JSON.stringify({ level: "warn", time, count, msg: lostLinesMessage })}\n`;
}

/** Where a log goes on after lines of it could not be written. */
const lostLinesMessage = "log lines were lost";
