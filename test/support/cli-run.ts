/** The `serin` command in this process: what it writes and how it ends. */
import { runCli } from "../../src/cli/cli.ts";

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** As a terminal of this width; left out: a pipe. */
  readonly columns?: number;
}

export interface CliEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end with these arguments. */
export async function runSerin(argv: readonly string[], options: CliOptions = {}): Promise<CliEnd> {
  const output = { stdout: "", stderr: "" };
  const terminal = options.columns === undefined ? {} : { isTTY: true, columns: options.columns };
  const into = (name: keyof typeof output) => ({
    ...terminal,
    write: (text: string) => {
      output[name] += text;
    },
  });
  const code = await runCli({
    argv,
    env: options.env ?? {},
    stdin: linesOf(options.stdin ?? ""),
    stdout: into("stdout"),
    stderr: into("stderr"),
    cwd: options.cwd ?? "/",
    signal: options.signal ?? new AbortController().signal,
  });
  return { code, ...output };
}

async function* linesOf(text: string): AsyncGenerator<string> {
  for (const line of text.split(/(?<=\n)/)) yield line;
}
