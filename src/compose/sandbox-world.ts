/**
 * A whole world in one process: API server, workloads, mesh and Prometheus, with every CRD and the shipped templates
 * installed. What `serin sandbox`, the demo and the controller's tests run in; the controller itself is not in it.
 */
import type { RawObject } from "../adapters/kubernetes/raw-object.ts";
import {
  createTransport,
  type Transport,
  type TransportOptions,
} from "../adapters/kubernetes/transport.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { type ApiServer, createApiServer } from "../sandbox/api-server/api-server.ts";
import { istioCrds } from "../sandbox/crds/istio.ts";
import { createSimulatedMesh, type SimulatedMesh } from "../sandbox/mesh/simulated-mesh.ts";
import { createPrometheus, type EmbeddedPrometheus } from "../sandbox/prometheus/prometheus.ts";
import { createSimulatedWorkloads } from "../sandbox/workloads/simulated-workloads.ts";
import { serinCrds, shippedTemplates } from "./manifests.ts";

export interface SandboxWorldOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in [0, 1); a seeded one makes a run repeatable. */
  readonly random: () => number;
  /** Between two scrapes. Default 1,000. */
  readonly scrapeMs?: number;
  /** Between two rounds of simulated requests. Default 250. */
  readonly tickMs?: number;
  /** From a change of routes to its effect in the mesh. Default 300. */
  readonly propagationMs?: number;
  /** How much later the mesh hears of VirtualServices than of all else. Default 0. */
  readonly routesLateMs?: number;
  readonly podStartMs?: { readonly min: number; readonly max: number };
}

export interface SandboxWorld {
  readonly api: ApiServer;
  readonly prometheus: EmbeddedPrometheus;
  readonly mesh: SimulatedMesh;
  /** Requests as an administrator, without a limit on their rate. */
  readonly admin: Transport;
  /** Requests of workloads and mesh under way. */
  simulating(): number;
  /** Installs what belongs in it and starts to simulate. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Address under which the API server is known in process; nothing listens there. */
export const inProcessAddress = "http://sandbox.invalid";

/** Puts the parts together; nothing runs before `start`. */
export function composeSandboxWorld(options: SandboxWorldOptions): SandboxWorld {
  const { clock, log, random } = options;
  const api = createApiServer({ clock, log, random });
  const admin = inProcessTransport(api, { clock, log, random, userAgent: "serin-sandbox" });
  // The simulators write as what they stand for, so that Serin's own writes can be told from theirs.
  const transport = inProcessTransport(api, {
    clock,
    log,
    random,
    userAgent: "kube-controller-manager",
    fieldManager: "kube-controller-manager",
  });
  const shared = { transport, clock, log, random };
  const workloads = createSimulatedWorkloads({
    ...shared,
    ...(options.podStartMs !== undefined && { podStartMs: options.podStartMs }),
  });
  const mesh = createSimulatedMesh({
    ...shared,
    ...(options.tickMs !== undefined && { tickMs: options.tickMs }),
    ...(options.propagationMs !== undefined && { propagationMs: options.propagationMs }),
    ...(options.routesLateMs !== undefined && { routesLateMs: options.routesLateMs }),
  });
  const prometheus = createPrometheus({
    targets: mesh.targets(),
    clock,
    scrapeMs: options.scrapeMs ?? 1_000,
  });
  return {
    api,
    prometheus,
    mesh,
    admin,
    simulating: () => transport.inFlight,
    async start() {
      for (const crd of [...istioCrds, ...(await serinCrds())]) await create(admin, crd);
      for (const template of await shippedTemplates()) await create(admin, template);
      workloads.start();
      mesh.start();
      prometheus.start();
    },
    async stop() {
      prometheus.stop();
      await mesh.stop();
      await workloads.stop();
      api.close();
    },
  };
}

type InProcessOptions = Pick<TransportOptions, "clock" | "log" | "random" | "userAgent"> &
  Partial<TransportOptions>;

/** A transport whose requests never leave the process. */
function inProcessTransport(api: ApiServer, options: InProcessOptions): Transport {
  return createTransport({
    baseUrl: inProcessAddress,
    qps: 100_000,
    burst: 100_000,
    fetch: async (url, { streaming: _streaming, ...init }) => api.fetch(new Request(url, init)),
    ...options,
  });
}

async function create(transport: Transport, object: object): Promise<void> {
  const { apiVersion, kind } = toManifest(object);
  const path = collectionPaths[`${apiVersion}/${kind}`];
  if (path !== undefined) await transport.request({ method: "POST", path, body: object });
}

function toManifest(object: object): { readonly apiVersion: string; readonly kind: string } {
  const { apiVersion = "", kind = "" }: Partial<RawObject> = object;
  return { apiVersion, kind };
}

const collectionPaths: Readonly<Record<string, string>> = {
  "apiextensions.k8s.io/v1/CustomResourceDefinition":
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
  "serin.dev/v1alpha1/ClusterAnalysisTemplate": "/apis/serin.dev/v1alpha1/clusteranalysistemplates",
};
