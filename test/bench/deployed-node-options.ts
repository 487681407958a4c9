/** What deploy/ starts Node with, so that what is measured is what people run. */
import { readFile } from "node:fs/promises";

export async function deployedNodeOptions(): Promise<readonly string[]> {
  const file = new URL("../../deploy/base/deployment.yaml", import.meta.url);
  const found = /name: NODE_OPTIONS\s+value: (.+)/.exec(await readFile(file, "utf8"))?.[1];
  if (found === undefined) throw new Error("deploy/base/deployment.yaml sets no NODE_OPTIONS");
  return found.trim().split(/ +/);
}
