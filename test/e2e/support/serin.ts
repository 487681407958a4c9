/** Serin's controller as a process of its own, with nothing but the roles of deploy/ and its health on loopback. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Child, startChild } from "./child.ts";
import { type Environment, ownNamespace, root } from "./environment.ts";
import { freePort } from "./free-port.ts";

export interface SerinProcess extends Child {
  /** Address of /healthz, /readyz and /metrics. */
  readonly health: string;
  /** Resolves once its caches are in. */
  whenReady(withinMs?: number): Promise<void>;
}

export interface SerinOptions {
  readonly name: string;
  /** Another kubeconfig than the one with the shipped roles, such as one by way of a faulty proxy. */
  readonly kubeconfig?: string;
  /** For Node itself, such as a shim by --import. */
  readonly nodeArguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Another way to Prometheus. */
  readonly metricsServer?: string;
  /** After the usual ones, which they win over. */
  readonly flags?: readonly string[];
  /** Another program than the sources, such as a bundle. */
  readonly program?: string;
}

/** What of an environment Serin is started in. */
export type SerinPlace = Pick<Environment, "folder" | "prometheus" | "serinKubeconfig">;

export async function startSerin(
  environment: SerinPlace,
  options: SerinOptions,
): Promise<SerinProcess> {
  const { name, kubeconfig = environment.serinKubeconfig } = options;
  const { nodeArguments = [], env = {}, flags = [], program = "src/main.ts" } = options;
  const metricsServer = options.metricsServer ?? environment.prometheus.address;
  const port = await freePort();
  const health = `http://127.0.0.1:${port}`;
  const child = startChild({
    name,
    command: process.execPath,
    args: [
      ...nodeArguments,
      program,
      "controller",
      `--kubeconfig=${kubeconfig}`,
      `--identity=${name}`,
      `--own-namespace=${ownNamespace}`,
      `--metrics-server=${metricsServer}`,
      `--health-port=${port}`,
      "--health-reach=Loopback",
      ...flags,
    ],
    folder: environment.folder,
    env,
    cwd: root,
  });
  const isReady = async () => (await fetch(`${health}/readyz`)).ok;
  return {
    ...child,
    health,
    async whenReady(withinMs = 30_000) {
      const startedAt = performance.now();
      while (!(await isReady().catch(() => false))) {
        if (!child.isRunning()) throw new Error(`${name} ended:\n${child.log().slice(-4_000)}`);
        if (performance.now() - startedAt > withinMs)
          throw new Error(`${name} is not ready:\n${child.log().slice(-4_000)}`);
        await sleep(100);
      }
    },
  };
}
