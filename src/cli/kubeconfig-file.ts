/** The kubeconfig by which kubectl finds the sandbox. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { stringify } from "yaml";

/** Writes it in one step: whoever waits for the file never reads half of it. */
export async function writeKubeconfig(path: string, server: string): Promise<void> {
  const name = "serin-sandbox";
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: "default" } }],
    users: [{ name, user: {} }],
  };
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.unfinished`;
  await writeFile(unfinished, stringify(config), { mode: 0o600 });
  await rename(unfinished, path);
}
