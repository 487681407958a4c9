/** What a command needs of the process it runs in, and how its text is coloured there. */
import { styleText } from "node:util";
import { forTerminal } from "./printable.ts";

/** Where text goes. */
export interface TextOutput {
  /** `done` is called when it is written, or with the error that kept it from being. A file throws instead. */
  write(text: string, done?: (error?: Error | null) => void): unknown;
  /** True when a person looks at a terminal. */
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Of a stream: what was taken and not yet written. */
  readonly writableLength?: number;
}

export interface Surroundings {
  /** Arguments after the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<string | Uint8Array>;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** Folder the command was started in. */
  readonly cwd: string;
  /** Aborted when the command should end. */
  readonly signal: AbortSignal;
}

/** The same outputs; those that a person looks at show no sequences that others wrote. Pipes get what is written. */
export function withGuardedOutput(surroundings: Surroundings): Surroundings {
  const guard = (output: TextOutput): TextOutput =>
    output.isTTY !== true
      ? output
      : {
          isTTY: true,
          // Asked each time: windows change.
          get columns() {
            return output.columns ?? 80;
          },
          write: (text) => output.write(forTerminal(text)),
        };
  const { stdout, stderr } = surroundings;
  return { ...surroundings, stdout: guard(stdout), stderr: guard(stderr) };
}

/** Told of the exit code of a command that ended. */
export type Finish = (code: number) => void;

export type Colour = "green" | "red" | "cyan" | "dim" | "bold" | "yellow";
export type Paint = (colour: Colour, text: string) => string;

/** Colours for a person at a terminal who has not asked for none (NO_COLOR); elsewhere the text as it is. */
export function paintFor(output: TextOutput, env: Surroundings["env"]): Paint {
  const isPlain = (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  if (output.isTTY !== true || isPlain) return (_, text) => text;
  return (colour, text) => styleText(colour, text, { validateStream: false });
}
