/** The `serin` command as a process: exit codes, what it loads, and a controller that finds no API server. */

import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { serinCrdTexts } from "../../src/compose/manifests.ts";
import { startReplica } from "../support/replica.ts";
import { killCommands, runCommand } from "../support/running-command.ts";
import { kubeconfig } from "../support/served-world.ts";

afterEach(killCommands);

/** Preloaded into a process: writes the address of every module that it loads to stderr when it ends. */
const listModules = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  import { writeSync } from "node:fs";
  const loaded = [];
  registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
  process.on("exit", () => writeSync(2, loaded.join("\\n")));
`)}`;

/** A free port of loopback, taken. */
async function listen() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" ? address?.port : undefined,
    async close() {
      server.close();
      await once(server, "close");
    },
  };
}

/** Packages that a command has loaded files of, but for the checkout's own. */
async function packagesLoadedBy(
  ...commandArguments: readonly string[]
): Promise<readonly string[]> {
  const { stderr } = await runCommand(commandArguments, {
    nodeArguments: ["--import", listModules],
  });
  expect(stderr).toContain("/src/main.ts");
  const names = [...stderr.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)].map(
    ([, name = ""]) => name,
  );
  return [...new Set(names)].toSorted();
}

describe("a command whose output goes into a pipe", { timeout: 20_000 }, () => {
  const shell = async (line: string): Promise<string> => {
    const { stdout } = await promisify(execFile)("sh", ["-c", line], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      maxBuffer: 16 * 2 ** 20,
    });
    return stdout;
  };
  const crds = `"${process.execPath}" src/main.ts crds`;

  it("writes all of it, however late the reader comes", async () => {
    const all = (await serinCrdTexts()).join("---\n");
    // A pipe holds 64 KiB by itself: what ends too early ends there.
    expect(all.length).toBeGreaterThan(65_536);
    expect(await shell(`${crds} | { sleep 1; cat; }`)).toBe(all);
  });

  it("ends in peace when the reader has had enough", async () => {
    const heard = await shell(`{ { ${crds} 2>&3; echo "code $?" >&3; } | true; } 3>&1`);
    expect(heard).toBe("code 0\n");
  });
});

describe("the serin command", { timeout: 30_000 }, () => {
  it.each([["--help"], ["controller", "--help"], ["bogus"]])(
    "loads neither a Kubernetes client nor anything else of size for: %s %s",
    async (...words) => {
      expect(await packagesLoadedBy(...words)).toEqual(["commander", "zod"]);
    },
  );

  it("loads no Kubernetes client to lint or to print the definitions", async () => {
    const packages = await packagesLoadedBy("lint", "-R", "deploy/examples");
    expect(packages).toContain("yaml");
    expect(packages).not.toContain("@kubernetes/client-node");
    expect(await packagesLoadedBy("crds")).toEqual(["commander", "yaml", "zod"]);
    expect(await packagesLoadedBy("--version")).toEqual(["commander", "zod"]);
  });

  it("ends with 0 after help, 2 after wrong flags, 1 when it failed", async () => {
    expect(await runCommand(["--help"])).toMatchObject({ code: 0, stderr: "" });
    expect(await runCommand(["controller", "--qps", "many"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "serin: --qps many: give a number from 1 to 1000\n",
    });
    expect(await runCommand(["controller", "--kubeconfig", "/nowhere"])).toMatchObject({
      code: 1,
      stdout: "",
    });
  });

  it("says which port is taken", async () => {
    const { port, close } = await listen();
    const ended = await runCommand(["sandbox", "--port", String(port)]);
    await close();
    expect(ended).toMatchObject({
      code: 1,
      stderr: `serin: port ${port} is taken; give another, or 0 for a free one\n`,
    });
  });
});

describe("a controller that finds no API server", { timeout: 30_000 }, () => {
  it("is alive and not ready, says why, and ends with 0 as soon as it is told to", async () => {
    const folder = await mkdtemp(join(tmpdir(), "serin-test-"));
    const path = join(folder, "config");
    // Bound and given back: nobody listens there.
    const closed = await listen();
    await closed.close();
    const { port } = closed;
    await writeFile(path, kubeconfig(`http://127.0.0.1:${port}`, "secret-token"));
    const replica = await startReplica({ name: "alone", kubeconfig: path });
    await expect.poll(async () => (await replica.get("/readyz")).text).toContain("ECONNREFUSED");
    const { status, text } = await replica.get("/readyz");
    expect(status).toBe(503);
    expect(text).toMatch(
      /^\[-\] caches: (\d+) of \1 caches are not filled yet: GET \S+: ECONNREFUSED$/m,
    );
    expect(await replica.get("/healthz")).toMatchObject({ status: 200 });
    const before = performance.now();
    replica.command.signal("SIGTERM");
    expect(await replica.command.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(replica.log().some(({ level }) => level === "warn")).toBe(true);
    expect(replica.command.stdout()).not.toContain("secret-token");
    await rm(folder, { recursive: true });
  });
});
