/**
 * A shop whose calls are real: gRPC servers for the pods of each version, clients that istiod alone tells where to
 * call, and the clients' own counts as what Prometheus scrapes. Only the pods' containers are make-believe.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { z } from "zod";
import { findManifest, readManifests } from "../../support/manifests.ts";
import { eventually } from "../../support/real-time.ts";
import { type Belongings, belongingKinds, rememberBelongings } from "./belongings.ts";
import { type Child, startChild, whenReady } from "./child.ts";
import { root } from "./environment.ts";
import { freePort } from "./free-port.ts";
import type { Istiod } from "./istiod.ts";
import { createShop, type E2eShopOptions, type Shop, shopName } from "./shop.ts";
import type { Suite } from "./suite.ts";

/** Calls per second of each client. */
const callsPerSecond = 60;
const clientNames = ["client-a", "client-b"] as const;

export interface GrpcShop {
  readonly shop: Shop;
  readonly belongings: Belongings;
  readonly replicas: number;
  /** What the servers of all versions counted between two instants (milliseconds since the epoch). */
  calls(from?: number, to?: number): Promise<Calls>;
  /** What the clients counted since their start, by gRPC status. */
  answers(): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

export interface Calls {
  readonly stable: CallCount;
  readonly canary: CallCount;
}

export interface CallCount {
  readonly count: number;
  /** Milliseconds since the epoch; of no calls: 0. */
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface GrpcShopOptions extends Pick<E2eShopOptions, "namespace" | "replicas"> {
  /** Percent of INTERNAL by version (image tag). */
  readonly errorPercent: Readonly<Record<string, number>>;
}

interface Program {
  readonly child: Child;
  readonly address: string;
}

export async function createGrpcShop(
  { environment, admin }: Pick<Suite, "environment" | "admin">,
  { errorPercent, ...options }: GrpcShopOptions,
): Promise<GrpcShop> {
  const { namespace } = options;
  const folder = join(environment.folder, namespace);
  mkdirSync(folder);
  const start = (name: string, file: string, args: readonly string[], env = {}) =>
    startProgram({ name, file, args, env, folder });
  const shop = await createShop(admin, {
    ...options,
    spec,
    requestsPerSecond: 0,
    // The name is of no container's port, so that the pods' own addresses, where nobody is, are not called.
    port: { name: "grpc", port: 80, targetPort: "grpc" },
  });
  // Until its templates are there, Serin touches nothing.
  const belongings = await rememberBelongings(admin, shop, belongingKinds);
  const kubeconfig = environment.controlPlane.adminKubeconfig;
  const servers = await Promise.all(
    Object.entries(errorPercent).map(([version, percent]) => {
      const image = `example.com/${shopName}:${version}`;
      return start(`server-${version}`, "grpc-server", [
        kubeconfig,
        namespace,
        image,
        String(percent),
      ]);
    }),
  );
  const target = `xds:///${shopName}.${namespace}.svc.cluster.local:80`;
  const clients = await Promise.all(
    clientNames.map(async (name) => {
      const env = {
        GRPC_XDS_BOOTSTRAP_CONFIG: JSON.stringify(bootstrap(environment.istiod, namespace, name)),
      };
      const client = await start(name, "grpc-client", [target, String(callsPerSecond)], env);
      const { host } = new URL(client.address);
      environment.prometheus.addTarget(`${namespace}-${name}`, host, { namespace, pod: name });
      return client;
    }),
  );
  // Callers were there before Serin: until its templates are, the Canary is not accepted. (A grpc-js client that is told
  // of a cluster and, before it has it, of its end, takes a later one of that name for gone: its timer runs on.)
  await eventually("calls are answered", 90_000, () => everyClientIsAnswered(clients));
  for (const template of templates) await createTemplate(shop, template);
  return {
    shop,
    belongings,
    replicas: options.replicas ?? 1,
    calls: (from = 0, to = Date.now()) => countCalls(servers, from, to),
    answers: () => countAnswers(clients),
    async stop() {
      await Promise.all([...clients, ...servers].map(({ child }) => child.stop(3_000)));
    },
  };
}

/** The shipped templates for what callers see, with their limits. */
const templates = [
  { name: "istio-error-rate", max: 5 },
  // A bound of the histogram, and far off: latency is not what these tests are about.
  { name: "istio-latency-p99", max: 2_500 },
];

const spec = {
  stages: [10, 25, 50, 100].map((weight) => ({ weight, minSeconds: 10 })),
  analysis: {
    intervalSeconds: 2,
    warmupSeconds: 3,
    metrics: templates.map(({ name, max }) => ({
      name,
      templateRef: { kind: "AnalysisTemplate", name },
      limit: { max, consecutive: 2, minSamples: 20 },
      // What a comparison needs takes minutes at the rate of these clients.
      compare: null,
    })),
  },
};

/** As it is shipped, but for a Prometheus that scrapes every second. */
async function createTemplate({ api, namespace }: Shop, { name }: { name: string }): Promise<void> {
  const shipped = findManifest(
    readManifests("analysis-templates"),
    "ClusterAnalysisTemplate",
    name,
  );
  const provider = { prometheus: { scrapeSeconds: 1, timeoutSeconds: 2 } };
  await api.request({
    method: "POST",
    path: `/apis/serin.dev/v1alpha1/namespaces/${namespace}/analysistemplates`,
    body: { ...shipped, kind: "AnalysisTemplate", spec: { ...shipped.spec, provider } },
  });
}

/** As istiod wants proxyless clients to present themselves; grpc-js also wants a locality. */
function bootstrap({ xds }: Istiod, namespace: string, name: string) {
  return {
    xds_servers: [
      {
        server_uri: xds,
        channel_creds: [{ type: "insecure" }],
        server_features: ["xds_v3"],
      },
    ],
    node: {
      id: `sidecar~127.0.0.1~${name}.${namespace}~${namespace}.svc.cluster.local`,
      locality: {},
      metadata: {
        GENERATOR: "grpc",
        NAMESPACE: namespace,
        CLUSTER_ID: "Kubernetes",
        INSTANCE_IPS: "127.0.0.1",
      },
    },
  };
}

interface ProgramOptions {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** The last argument of each is the port that it answers on. */
async function startProgram({ file, args, ...rest }: ProgramOptions): Promise<Program> {
  const port = await freePort();
  const program = join(root, "test/e2e/programs", `${file}.ts`);
  const child = startChild({
    ...rest,
    command: process.execPath,
    args: [program, ...args, String(port)],
    cwd: root,
  });
  const address = `http://127.0.0.1:${port}`;
  await whenReady(child, 60_000, async () => (await fetch(address)).ok);
  return { child, address };
}

const Counted = z.record(
  z.string(),
  z.object({ count: z.number(), firstAt: z.number(), lastAt: z.number() }),
);
const none: CallCount = { count: 0, firstAt: 0, lastAt: 0 };

async function countCalls(servers: readonly Program[], from: number, to: number): Promise<Calls> {
  const counted = await Promise.all(
    servers.map(async ({ address }) =>
      Counted.parse(await (await fetch(`${address}/calls?from=${from}&to=${to}`)).json()),
    ),
  );
  const sum = (workload: string) =>
    counted.flatMap((calls) => calls[workload] ?? []).reduce(add, none);
  return { stable: sum(`${shopName}-primary`), canary: sum(shopName) };
}

function add(some: CallCount, more: CallCount): CallCount {
  if (some.count === 0) return more;
  return {
    count: some.count + more.count,
    firstAt: Math.min(some.firstAt, more.firstAt),
    lastAt: Math.max(some.lastAt, more.lastAt),
  };
}

async function countAnswers(clients: readonly Program[]): Promise<ReadonlyMap<string, number>> {
  const total = new Map<string, number>();
  for (const { address } of clients) {
    const text = await (await fetch(`${address}/metrics`)).text();
    for (const [, code = "", count] of text.matchAll(answerLine))
      total.set(code, (total.get(code) ?? 0) + Number(count));
  }
  return total;
}

const answerLine = /^istio_requests_total\{.*grpc_response_status="(\d+)".*\} (\d+)$/gm;

async function everyClientIsAnswered(clients: readonly Program[]): Promise<boolean> {
  const answers = await Promise.all(clients.map((client) => countAnswers([client])));
  return answers.every((counts) => (counts.get(String(status.OK)) ?? 0) > 0);
}
