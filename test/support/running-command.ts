/** The `serin` command as a real process: its output as it comes, its end, and no process left behind by a test. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** How a process ended: by itself with a code, or by a signal. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningCommand {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  signal(name: "SIGTERM" | "SIGINT" | "SIGKILL"): void;
  /** Resolves when the process is gone and its output is complete. */
  readonly ended: Promise<Ending>;
}

export interface CommandOptions {
  /** Replaces the environment but for PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** For Node itself, before the program's file. */
  readonly nodeArguments?: readonly string[];
  /** Another file than the checkout's, such as a bundle. */
  readonly program?: string;
}

const running = new Set<RunningCommand>();

/** Runs `serin` with these arguments from the checkout. */
export function startCommand(
  commandArguments: readonly string[],
  { env = {}, nodeArguments = [], program = "src/main.ts" }: CommandOptions = {},
): RunningCommand {
  const child = spawn(process.execPath, [...nodeArguments, program, ...commandArguments], {
    cwd: root,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  const command: RunningCommand = {
    pid: child.pid ?? 0,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    signal: (name) => void child.kill(name),
    ended,
  };
  running.add(command);
  void ended.finally(() => running.delete(command));
  return command;
}

/** Runs `serin` to its end. */
export async function runCommand(
  commandArguments: readonly string[],
  options?: CommandOptions,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const command = startCommand(commandArguments, options);
  const { code } = await command.ended;
  return { code, stdout: command.stdout(), stderr: command.stderr() };
}

/** For the end of a test: whatever it left running is killed. */
export async function killCommands(): Promise<void> {
  const left = [...running];
  for (const command of left) command.signal("SIGKILL");
  await Promise.all(left.map((command) => command.ended));
}
