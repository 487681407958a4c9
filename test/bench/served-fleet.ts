/** A fleet in a process of its own, seen from the measuring one: what it is told, and what it tells. */
import { fork } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { kubeconfig } from "../support/served-world.ts";

/** What the fleet's process is told to do. */
export const Order = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("Break"), names: z.array(z.string()) }),
  z.object({ kind: z.literal("Report") }),
]);
export type Order = z.infer<typeof Order>;

const Patched = z.object({ name: z.string(), startedAt: z.number(), endedAt: z.number() });
/** One write of a VirtualService; monotonic ms of the fleet's process. */
export type Patched = z.infer<typeof Patched>;

const Ready = z.object({
  kind: z.literal("Ready"),
  api: z.string(),
  prometheus: z.string(),
  names: z.array(z.string()),
});
const Report = z.object({
  kind: z.literal("Report"),
  patches: z.array(Patched),
  /** When each answer that judges an error rate was handed over. */
  answers: z.array(z.number()),
});
const Told = z.discriminatedUnion("kind", [Ready, Report]);
export type Told = z.infer<typeof Told>;

export interface ServedFleet {
  /** Path of a kubeconfig for its API server. */
  readonly kubeconfig: string;
  readonly prometheus: string;
  /** How many Canaries there are. */
  readonly canaries: number;
  /** Canaries in a release. */
  readonly names: readonly string[];
  breakVersions(names: readonly string[]): void;
  report(): Promise<z.infer<typeof Report>>;
  close(): Promise<void>;
}

export interface ServedFleetOptions {
  readonly idle: number;
  readonly running: number;
  readonly intervalSeconds: number;
}

/** Resolves when both servers listen. */
export async function serveFleet(options: ServedFleetOptions): Promise<ServedFleet> {
  const file = fileURLToPath(new URL("fleet-server.ts", import.meta.url));
  const { idle, running, intervalSeconds } = options;
  const child = fork(file, [idle, running, intervalSeconds].map(String));
  const ended = new Promise<never>((_resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the fleet's process ended with ${code}`)));
  });
  const told = () =>
    new Promise<Told>((resolve) => {
      child.once("message", (message) => resolve(Told.parse(message)));
    });
  const next = () => Promise.race([told(), ended]);
  const send = (order: Order) => void child.send(order);
  const ready = Ready.parse(await next());
  const folder = await mkdtemp(join(tmpdir(), "serin-bench-"));
  const path = join(folder, "kubeconfig.yaml");
  await writeFile(path, kubeconfig(ready.api, "bench"));
  return {
    kubeconfig: path,
    prometheus: ready.prometheus,
    canaries: idle + running,
    names: ready.names,
    breakVersions: (names) => send({ kind: "Break", names: [...names] }),
    async report() {
      const answer = next();
      send({ kind: "Report" });
      return Report.parse(await answer);
    },
    async close() {
      child.removeAllListeners("exit");
      child.kill();
      await rm(folder, { recursive: true });
    },
  };
}
