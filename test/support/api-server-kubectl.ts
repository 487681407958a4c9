/** Runs the real kubectl against an embedded API server on the loopback interface. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../src/ports/clock.ts";
import { type ApiServer, createApiServer } from "../../src/sandbox/api-server/api-server.ts";
import { listenLoopback } from "../../src/sandbox/api-server/listen.ts";

/** Another kubectl than the one on the PATH can be named to try a version. */
const KUBECTL = process.env["KUBECTL"] ?? "kubectl";
const OLDEST_MINOR = 32;
const COMMAND_TIMEOUT_MS = 30_000;

/** Whether there is a kubectl new enough to be promised. */
export function hasKubectl(): boolean {
  try {
    const text = execFileSync(KUBECTL, ["version", "--client", "-o", "json"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const { clientVersion } = JSON.parse(text.toString());
    return (
      Number(clientVersion.major) === 1 && Number.parseInt(clientVersion.minor, 10) >= OLDEST_MINOR
    );
  } catch {
    return false;
  }
}

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Kubectl {
  readonly server: ApiServer;
  readonly url: string;
  /** Runs one command; `env` is added to the environment. */
  run(args: string, env?: Record<string, string>): Promise<Result>;
  /** Runs one command whose arguments are given one by one. */
  exec(args: readonly string[], env?: Record<string, string>): Promise<Result>;
  /** Starts a command that goes on until it is stopped, and waits for each text in its output. */
  start(args: string): Running;
  /** Writes a file and gives its path. */
  file(name: string, text: string): string;
  close(): Promise<void>;
}

export interface Running {
  seen(text: string): Promise<string>;
  stop(): Promise<void>;
}

const wallClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer: (delayMs, fire) => {
    const timer = setTimeout(fire, delayMs).unref();
    return () => clearTimeout(timer);
  },
  nextTurn: () =>
    new Promise((resolve) => {
      setImmediate(resolve);
    }),
};

function outputOf(child: ChildProcess): { readonly out: () => string; readonly err: () => string } {
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
  return { out: () => out, err: () => err };
}

function finished(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => child.once("close", (code) => resolve(code ?? -1)));
}

export async function startKubectl(): Promise<Kubectl> {
  const server = createApiServer({ clock: wallClock });
  const listener = await listenLoopback((request) => server.fetch(request), 0);
  const url = `http://127.0.0.1:${listener.port}`;
  const home = mkdtempSync(join(tmpdir(), "serin-kubectl-"));
  const file = (name: string, text: string): string => {
    const path = join(home, name);
    writeFileSync(path, text);
    return path;
  };
  const kubeconfig = file(
    "kubeconfig",
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "sandbox", cluster: { server: url } }],
      users: [{ name: "sandbox", user: {} }],
      contexts: [
        { name: "sandbox", context: { cluster: "sandbox", user: "sandbox", namespace: "default" } },
      ],
      "current-context": "sandbox",
    }),
  );
  const spawnKubectl = (
    args: readonly string[],
    env: Record<string, string>,
    timeout?: number,
  ): ChildProcess =>
    spawn(KUBECTL, args, {
      cwd: home,
      env: { ...process.env, HOME: home, KUBECONFIG: kubeconfig, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout,
    });
  const exec: Kubectl["exec"] = async (args, env = {}) => {
    const child = spawnKubectl(args, env, COMMAND_TIMEOUT_MS);
    const output = outputOf(child);
    const code = await finished(child);
    return { code, out: output.out(), err: output.err() };
  };
  const start: Kubectl["start"] = (args) => {
    const child = spawnKubectl(args.split(" "), {});
    const output = outputOf(child);
    const ended = finished(child);
    return {
      seen: async (text) => {
        while (!output.out().includes(text)) {
          await Promise.race([
            new Promise((resolve) => child.stdout?.once("data", resolve)),
            ended,
          ]);
          if (child.exitCode !== null && !output.out().includes(text))
            throw new Error(`kubectl ended: ${output.out()}${output.err()}`);
        }
        return output.out();
      },
      stop: async () => {
        child.kill();
        await ended;
      },
    };
  };
  return {
    server,
    url,
    exec,
    run: (args, env) => exec(args.split(" "), env),
    start,
    file,
    close: async () => {
      server.close();
      await listener.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
