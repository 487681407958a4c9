/** A real program as a child process: its output in a file, its readiness, its end by its pid and no other way. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Folder of its log. */
  readonly folder: string;
  /** Added to a nearly empty environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  isRunning(): boolean;
  signal(name: "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): void;
  /** SIGTERM, and SIGKILL to what is still there after `graceMs`. Resolves when it is gone. */
  stop(graceMs?: number): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  log(): string;
  /** Resolves when it is gone, with its exit code; undefined where a signal ended it. */
  whenEnded(): Promise<number | undefined>;
}

const running = new Set<ChildProcess>();
// A suite that is itself cut short leaves nothing behind; setpriv does the same where even this does not run.
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

const setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));

export function startChild({ name, command, args, folder, env, cwd }: ChildOptions): Child {
  const logFile = join(folder, `${name}.log`);
  const output = openSync(logFile, "a");
  const wrapped = setpriv === undefined ? [] : [setpriv, "--pdeathsig", "KILL"];
  const [program = command, ...words] = [...wrapped, command, ...args];
  const child = spawn(program, words, {
    stdio: ["ignore", output, output],
    env: { PATH: process.env["PATH"], HOME: folder, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  running.add(child);
  const gone = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  }).finally(() => running.delete(child));
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const log = () => readFileSync(logFile, "utf8");
  return {
    name,
    pid: child.pid ?? 0,
    logFile,
    isRunning,
    log,
    signal: (signal) => void child.kill(signal),
    async whenEnded() {
      await gone;
      return child.exitCode ?? undefined;
    },
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
    async stop(graceMs = 10_000) {
      // A stopped process hears nothing else.
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      await Promise.race([gone, sleep(graceMs, undefined, { ref: false })]);
      if (isRunning()) child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Asks until it is so; fails at once, with the end of the log, if the process ends meanwhile. */
export async function whenReady(
  child: Child,
  withinMs: number,
  isReady: () => Promise<boolean>,
): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    if (!child.isRunning()) throw new Error(`${child.name} ended:\n${tail(child.log())}`);
    if (await isReady().catch(() => false)) return;
    if (performance.now() - startedAt > withinMs)
      throw new Error(`${child.name} is not ready after ${withinMs} ms:\n${tail(child.log())}`);
    await sleep(100);
  }
}

function tail(text: string): string {
  return text.split("\n").slice(-30).join("\n");
}
