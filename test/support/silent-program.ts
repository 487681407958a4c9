/** The command line as it is defined, for tests that read what it offers: nothing of it runs or writes. */
import { buildProgram } from "../../src/cli/program.ts";

const output = { write: () => undefined };

export const silentProgram = buildProgram(
  {
    argv: [],
    env: {},
    stdin: new Blob([]).stream(),
    stdout: output,
    stderr: output,
    cwd: "/",
    signal: new AbortController().signal,
  },
  () => undefined,
);
