/** The end of a command that did not do what it was asked: one sentence that names the fix, and the exit code. */
import type { ExitCode } from "./exit-codes.ts";

export class CommandError extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}
