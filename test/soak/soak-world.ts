/** Everything around the controllers of a soak: the world, and the ways to its API server, Prometheus and Slack. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import { silentLog } from "../../src/cli/silent-log.ts";
import { composeSandboxWorld, type SandboxWorld } from "../../src/compose/sandbox-world.ts";
import { createSeededRandom } from "../support/seeded-random.ts";
import { kubeconfig, tokenOf } from "../support/served-world.ts";
import { shopNamespace } from "../support/shop.ts";
import { type FaultyServer, serveFaultily } from "./faulty-server.ts";

export const providerName = "slack";

export interface SoakWorld {
  readonly sandbox: SandboxWorld;
  readonly api: FaultyServer;
  readonly prometheus: FaultyServer;
  readonly slack: FaultyServer;
  /** Uniform in [0, 1), seeded. */
  readonly random: () => number;
  /** `server`: another address of the API server. */
  kubeconfigFor(client: string, server?: string): Promise<string>;
  close(): Promise<void>;
}

/** `slackHost`: another name of the loopback interface, by which alerts are sent. */
export async function createSoakWorld(slackHost = "127.0.0.1"): Promise<SoakWorld> {
  const random = createSeededRandom(7);
  const sandbox = composeSandboxWorld({
    clock: createSystemClock(),
    log: silentLog,
    random,
    scrapeMs: 1_000,
    tickMs: 500,
    podStartMs: { min: 200, max: 600 },
  });
  await sandbox.start();
  const api = await serveFaultily((request) => sandbox.api.fetch(request));
  const prometheus = await serveFaultily((request) => sandbox.prometheus.fetch(request));
  const slack = await serveFaultily(async (request) => {
    await request.text();
    return new Response("ok");
  });
  await createProvider(sandbox, `http://${slackHost}:${slack.port}`);
  const folder = await mkdtemp(join(tmpdir(), "serin-soak-"));
  return {
    sandbox,
    api,
    prometheus,
    slack,
    random,
    async kubeconfigFor(client, server = api.address) {
      const path = join(folder, `${client}.yaml`);
      await writeFile(path, kubeconfig(server, tokenOf(client)));
      return path;
    },
    async close() {
      await Promise.all([api.close(), prometheus.close(), slack.close()]);
      await sandbox.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function createProvider({ admin }: SandboxWorld, address: string): Promise<void> {
  const post = (path: string, body: object) => admin.request({ method: "POST", path, body });
  const metadata = { name: providerName };
  await post("/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: shopNamespace },
  });
  await post(`/api/v1/namespaces/${shopNamespace}/secrets`, {
    apiVersion: "v1",
    kind: "Secret",
    metadata,
    stringData: { address: `${address}/services/T/B/X` },
  });
  await post(`/apis/serin.dev/v1alpha1/namespaces/${shopNamespace}/alertproviders`, {
    apiVersion: "serin.dev/v1alpha1",
    kind: "AlertProvider",
    metadata,
    spec: { slack: { secretRef: { name: providerName, key: "address" } } },
  });
}
