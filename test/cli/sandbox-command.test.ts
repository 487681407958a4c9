/** `serin sandbox` from its start to Ctrl-C: it says how it is used, and the kubeconfig is there for as long as it runs. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../src/cli/cli.ts";

describe("serin sandbox", { timeout: 30_000 }, () => {
  let cwd = "";
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), "serin-sandbox-"));
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  function start(...flags: readonly string[]) {
    const output = { stdout: "", stderr: "" };
    const stop = new AbortController();
    const heard = Promise.withResolvers<void>();
    const into = (name: keyof typeof output) => ({
      write(text: string) {
        output[name] += text;
        heard.resolve();
      },
    });
    const code = runCli({
      argv: ["sandbox", ...flags],
      env: {},
      stdin: new Blob([]).stream(),
      stdout: into("stdout"),
      stderr: into("stderr"),
      cwd,
      signal: stop.signal,
    });
    return { code, output, stop, heard: heard.promise };
  }

  it("says how it is used, serves what the kubeconfig names, and takes it away at the end", async () => {
    const { code, output, stop, heard } = start();
    await heard;
    const path = join(cwd, ".serin", "kubeconfig");
    const server = /server: (http:\/\/127\.0\.0\.1:\d+)/.exec(await readFile(path, "utf8"))?.[1];
    expect(output.stdout.replaceAll(/127\.0\.0\.1:\d+/g, "ADDRESS")).toMatchSnapshot("usage");
    expect(output.stdout).toContain(`API server   ${server}`);
    const canaries = await fetch(`${server}/apis/serin.dev/v1alpha1/canaries`);
    expect(await canaries.json()).toMatchObject({ kind: "CanaryList", items: [] });
    const prometheus = /Prometheus {3}(http:\S+)/.exec(output.stdout)?.[1];
    expect((await fetch(`${prometheus}/-/ready`)).status).toBe(200);
    stop.abort();
    expect(await code).toBe(0);
    await expect(readFile(path, "utf8")).rejects.toThrow("ENOENT");
    await expect(fetch(`${server}/version`)).rejects.toThrow("fetch failed");
    expect(output.stderr).toBe("");
  });

  it("names the port that is taken, and leaves no kubeconfig", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, "127.0.0.1", () => {
        const address = other.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    const { code, output } = start("--port", String(port));
    expect(await code).toBe(1);
    expect(output.stderr).toContain(String(port));
    expect(output.stdout).toBe("");
    await expect(readFile(join(cwd, ".serin", "kubeconfig"), "utf8")).rejects.toThrow("ENOENT");
    await new Promise((resolve) => other.close(resolve));
  });

  it.each([
    ["--port", "65536"],
    ["--port", "-1"],
    ["--metrics-port", "http"],
    ["--metrics-port", ""],
  ])("refuses %s %j as wrong usage", async (flag, value) => {
    const { code, output } = start(`${flag}=${value}`);
    expect(await code).toBe(2);
    expect(output.stderr).toContain(`${flag} ${value}: give a port number`);
  });
});
