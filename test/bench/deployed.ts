/** The program and Node's options as deploy/ runs them, so that what is measured is what people run. */
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../../src/codegen/bundle.ts";

/** Of the container in deploy/base. */
export async function deployedNodeOptions(): Promise<readonly string[]> {
  const file = new URL("../../deploy/base/deployment.yaml", import.meta.url);
  const found = /name: NODE_OPTIONS\s+value: (.+)/.exec(await readFile(file, "utf8"))?.[1];
  if (found === undefined) throw new Error("deploy/base/deployment.yaml sets no NODE_OPTIONS");
  return found.trim().split(/ +/);
}

/** The one file that an image holds, made anew; its path. */
export async function deployedProgram(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "serin-bench-"));
  await bundle(folder);
  return join(folder, "serin.mjs");
}
