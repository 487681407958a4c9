/** A replica of the controller as a process of its own, seen from outside: health, metrics, log, end. */
import { z } from "zod";
import { eventually } from "./real-time.ts";
import { type RunningCommand, startCommand } from "./running-command.ts";

const LogLine = z.looseObject({
  level: z.string(),
  time: z.iso.datetime(),
  msg: z.string(),
  port: z.int().optional(),
  because: z.string().optional(),
});
export type LogLine = z.infer<typeof LogLine>;

export interface Replica {
  readonly name: string;
  readonly command: RunningCommand;
  /** Everything it has logged; throws when a line is not an entry of the log. */
  log(): readonly LogLine[];
  get(path: "/healthz" | "/readyz" | "/metrics"): Promise<{ status: number; text: string }>;
  isReady(): Promise<boolean>;
}

export interface ReplicaOptions {
  readonly name: string;
  readonly kubeconfig: string;
  readonly flags?: readonly string[];
  /** For Node itself, before the program's file. */
  readonly nodeArguments?: readonly string[];
  /** Replaces the environment but for PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** Another file than the checkout's, such as a bundle. */
  readonly program?: string;
}

/** Starts `serin controller`; resolves once it serves its health. */
export async function startReplica({
  name,
  kubeconfig,
  flags = [],
  nodeArguments = [],
  env = {},
  program,
}: ReplicaOptions): Promise<Replica> {
  const own = ["--kubeconfig", kubeconfig, "--identity", name, "--health-port", "0"];
  const command = startCommand(["controller", ...own, ...flags], {
    nodeArguments,
    env,
    ...(program !== undefined && { program }),
  });
  const log = () =>
    command
      .stdout()
      .split("\n")
      .slice(0, -1)
      .map((line) => LogLine.parse(JSON.parse(line)));
  let known: number | undefined;
  const port = () => (known ??= log().find((line) => line.port !== undefined)?.port);
  await eventually(`${name} serves its health`, 30_000, () => port() !== undefined);
  const get: Replica["get"] = async (path) => {
    const response = await fetch(`http://127.0.0.1:${port()}${path}`);
    return { status: response.status, text: await response.text() };
  };
  return { name, command, log, get, isReady: async () => (await get("/readyz")).status === 200 };
}
