/** The `serin` command as people and pipelines run it: a process of its own, with their kubeconfig. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { type Child, startChild } from "./child.ts";
import { type Environment, root } from "./environment.ts";

export interface CommandResult {
  readonly code: number | undefined;
  readonly output: string;
}

export interface RunningCommand {
  readonly child: Child;
  result(): Promise<CommandResult>;
}

export function startCommand(
  { folder, controlPlane }: Environment,
  args: readonly string[],
): RunningCommand {
  const [name = "serin"] = args;
  const child = startChild({
    name,
    command: process.execPath,
    args: [join(root, "src/main.ts"), ...args, `--kubeconfig=${controlPlane.adminKubeconfig}`],
    folder: mkdtempSync(join(folder, "command-")),
    cwd: root,
  });
  return {
    child,
    result: async () => ({ code: await child.whenEnded(), output: child.log() }),
  };
}
