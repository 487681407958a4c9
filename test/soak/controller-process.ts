/** A controller's process with the probe in it, as deploy/ starts Node: what the soak measures, and what it kills. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readlink } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { deployedNodeOptions } from "../bench/deployed.ts";
import { Inside, type Sample } from "./sample.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface ControllerProcess {
  readonly name: string;
  readonly pid: number;
  isRunning(): boolean;
  /** Last log lines at level error, and what came on stderr. */
  readonly complaints: readonly string[];
  sample(atMs: number): Promise<Sample>;
  metrics(): Promise<string>;
  kill(): Promise<void>;
  /** By SIGTERM; its exit code. */
  stop(): Promise<number | null>;
}

export interface ControllerProcessOptions {
  readonly name: string;
  readonly kubeconfig: string;
  readonly metricsServer: string;
  readonly leakBytes: number;
}

const maxComplaints = 50;

/** Resolves once it is ready. */
export async function startController(
  options: ControllerProcessOptions,
): Promise<ControllerProcess> {
  const { name, kubeconfig, metricsServer, leakBytes } = options;
  const probe = fileURLToPath(new URL("probe.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    [
      ...(await deployedNodeOptions()),
      "--expose-gc",
      "--disable-warning=ExperimentalWarning",
      `--import=${probe}`,
      "src/main.ts",
      "controller",
      `--kubeconfig=${kubeconfig}`,
      `--identity=${name}`,
      "--own-namespace=default",
      `--metrics-server=${metricsServer}`,
      "--health-port=0",
      "--health-reach=Loopback",
    ],
    {
      cwd: root,
      env: { PATH: process.env["PATH"], SOAK_LEAK_BYTES: String(leakBytes) },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    },
  );
  const die = () => child.kill("SIGKILL");
  process.once("exit", die);
  child.once("close", () => process.removeListener("exit", die));
  const complaints: string[] = [];
  const complain = (text: string): void => {
    if (complaints.length < maxComplaints) complaints.push(`${name}: ${text}`);
  };
  child.stderr?.setEncoding("utf8").on("data", complain);
  const port = portIn(child, complain);
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", (code) => resolve(code));
  });
  const gone = ended.then((code): never => {
    throw new Error(`${name} ended with ${code}: ${complaints.join("\n")}`);
  });
  // Nobody may be waiting for it at that moment.
  gone.catch(() => undefined);
  const address = `http://127.0.0.1:${await Promise.race([port, gone])}`;
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  // A connection of its own each time: one kept would count as the process's.
  const get = async (path: string) =>
    (await fetch(`${address}${path}`, { headers: { connection: "close" } })).text();
  return {
    name,
    pid: child.pid ?? 0,
    isRunning,
    complaints,
    metrics: () => get("/metrics"),
    sample: (atMs) => Promise.race([takeSample(child, atMs, () => get("/metrics")), gone]),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    async stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** Reads the log as it comes, so that the process never waits for its reader. */
function portIn(child: ChildProcess, complain: (line: string) => void): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const port = /"port":(\d+)/.exec(line)?.[1];
      if (port !== undefined) resolve(Number(port));
      if (line.includes('"level":"error"')) complain(line);
    }
  });
  return promise;
}

async function takeSample(
  child: ChildProcess,
  atMs: number,
  metrics: () => Promise<string>,
): Promise<Sample> {
  const lines = (await metrics()).split("\n");
  const { handles, sockets } = await openFiles(child.pid ?? 0);
  const answer = new Promise<unknown>((resolve) => {
    child.once("message", resolve);
  });
  child.send("sample");
  const inside = Inside.parse(await answer);
  return {
    atMs,
    ...inside,
    handles,
    sockets,
    series: lines.filter((line) => line !== "" && !line.startsWith("#")).length,
    isLeading: lines.includes("serin_leader 1"),
  };
}

async function openFiles(pid: number): Promise<{ handles: number; sockets: number }> {
  const folder = `/proc/${pid}/fd`;
  const entries = await readdir(folder);
  // One that was closed meanwhile is none.
  const targets = await Promise.all(
    entries.map((entry) => readlink(`${folder}/${entry}`).catch(() => "")),
  );
  const open = targets.filter((target) => target !== "");
  return {
    handles: open.length,
    sockets: open.filter((target) => target.startsWith("socket:")).length,
  };
}
