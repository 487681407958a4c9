/** The kubeconfig of the sandbox: whole when it is there, readable by kubectl, and nobody else's business. */
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { writeKubeconfig } from "../../src/cli/kubeconfig-file.ts";

describe("the kubeconfig file", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "serin-kubeconfig-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("names the server, in a folder that is made for it, readable by its owner alone", async () => {
    const path = join(folder, "a", "b", "kubeconfig");
    await writeKubeconfig(path, "http://127.0.0.1:4711");
    const config: unknown = parse(await readFile(path, "utf8"));
    expect(config).toMatchObject({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "serin-sandbox",
      clusters: [{ name: "serin-sandbox", cluster: { server: "http://127.0.0.1:4711" } }],
      contexts: [
        { name: "serin-sandbox", context: { cluster: "serin-sandbox", user: "serin-sandbox" } },
      ],
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("is replaced in one step, and leaves nothing unfinished behind", async () => {
    const path = join(folder, "kubeconfig");
    await writeKubeconfig(path, "http://127.0.0.1:1");
    const texts = new Set<string>();
    const read = async () => texts.add(await readFile(path, "utf8"));
    for (let port = 2; port < 40; port += 1)
      await Promise.all([
        writeKubeconfig(path, `http://127.0.0.1:${port}`),
        read(),
        read().then(read),
        read().then(read).then(read),
      ]);
    for (const text of texts) expect(parse(text)).toMatchObject({ kind: "Config" });
    expect(await readdir(folder)).toEqual(["kubeconfig"]);
  });
});
