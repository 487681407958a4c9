/**
 * A world on loopback sockets under the machine's clock: what real controller processes are run against. Each client
 * has a kubeconfig with a token of its own, by which its requests are told from those of others.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import { composeSandboxWorld, type SandboxWorld } from "../../src/compose/sandbox-world.ts";
import { listenLoopback } from "../../src/sandbox/api-server/listen.ts";
import { createRecordingLog } from "./recording-log.ts";
import { createSeededRandom } from "./seeded-random.ts";

export interface ServedRequest {
  /** Who sent it: the name that the kubeconfig was made for. */
  readonly client: string;
  readonly method: string;
  readonly path: string;
  /** Monotonic, milliseconds. */
  readonly at: number;
}

export interface ServedWorld {
  readonly sandbox: SandboxWorld;
  readonly apiAddress: string;
  readonly prometheusAddress: string;
  /** Requests of clients with a kubeconfig, in order. */
  readonly requests: readonly ServedRequest[];
  /** Writes of a client to anything but Leases. */
  writesOf(client: string): readonly ServedRequest[];
  /** Path of a new kubeconfig for this client. */
  kubeconfigFor(client: string): Promise<string>;
  close(): Promise<void>;
}

/** The token in the kubeconfig of a client: a secret that no output may show. */
export function tokenOf(client: string): string {
  return `secret-token-of-${client}`;
}

/** Starts the world and its two servers. */
export async function serveWorld(): Promise<ServedWorld> {
  const clock = createSystemClock();
  const sandbox = composeSandboxWorld({
    clock,
    log: createRecordingLog(),
    random: createSeededRandom(1),
    scrapeMs: 1_000,
    tickMs: 500,
    podStartMs: { min: 200, max: 200 },
  });
  await sandbox.start();
  const requests: ServedRequest[] = [];
  const api = await listenLoopback((request) => {
    const client = request.headers.get("authorization")?.split("secret-token-of-")[1];
    const { method } = request;
    if (client !== undefined)
      requests.push({
        client,
        method,
        path: new URL(request.url).pathname,
        at: clock.monotonic(),
      });
    return sandbox.api.fetch(request);
  }, 0);
  const prometheus = await listenLoopback((request) => sandbox.prometheus.fetch(request), 0);
  const folder = await mkdtemp(join(tmpdir(), "serin-test-"));
  const apiAddress = `http://127.0.0.1:${api.port}`;
  return {
    sandbox,
    apiAddress,
    prometheusAddress: `http://127.0.0.1:${prometheus.port}`,
    requests,
    writesOf: (client) =>
      requests.filter(
        (request) =>
          request.client === client &&
          request.method !== "GET" &&
          !request.path.includes("/leases"),
      ),
    async kubeconfigFor(client) {
      const path = join(folder, `${client}.yaml`);
      await writeFile(path, kubeconfig(apiAddress, tokenOf(client)));
      return path;
    },
    async close() {
      await Promise.all([api.close(), prometheus.close()]);
      await sandbox.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** A kubeconfig as people have them, for a server without TLS. */
export function kubeconfig(server: string, token: string): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    clusters: [{ name: "test", cluster: { server } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    users: [{ name: "test", user: { token } }],
  });
}
