/** Runs the command that the arguments name, and turns whatever it ends with into an exit code and one sentence. */
import { CommanderError } from "commander";
import { ConfigError } from "../config.ts";
import { CommandError } from "./command-error.ts";
import { exitCodes } from "./exit-codes.ts";
import { printable } from "./printable.ts";
import { buildProgram } from "./program.ts";
import { type Surroundings, withGuardedOutput } from "./terminal.ts";
import { fillFor } from "./text-layout.ts";

/** Gives the command's exit code. */
export async function runCli(given: Surroundings): Promise<number> {
  const surroundings = withGuardedOutput(given);
  let exitCode: number = exitCodes.done;
  const program = buildProgram(surroundings, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...surroundings.argv], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
    const { stderr } = surroundings;
    stderr.write(`${fillFor(stderr, `serin: ${printable(messageOf(error))}`)}\n`);
    if (error instanceof CommandError) return error.exitCode;
    return error instanceof ConfigError ? exitCodes.wrongUsage : exitCodes.failed;
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isTaken = "code" in error && error.code === "EADDRINUSE" && "port" in error;
  return isTaken
    ? `port ${String(error.port)} is taken; give another, or 0 for a free one`
    : error.message;
}
