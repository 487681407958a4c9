/** An embedded API server with simulated workloads, one target Deployment, and the workloads adapter on them. */
import { createTransport, type Transport } from "../../../../src/adapters/kubernetes/transport.ts";
import { workloadInformers } from "../../../../src/adapters/kubernetes/workloads/informers.ts";
import { createWorkloads } from "../../../../src/adapters/kubernetes/workloads/workloads.ts";
import { istioInformers } from "../../../../src/adapters/traffic/istio/informers.ts";
import type { Fact } from "../../../../src/core/fact.ts";
import type { WorkloadScope } from "../../../../src/ports/workloads.ts";
import { createSimulatedWorkloads } from "../../../../src/sandbox/workloads/simulated-workloads.ts";
import { seededRandom } from "../../../sandbox/workloads/simulated-cluster.ts";
import { createContractServer } from "../../../support/contract-server.ts";
import { fetchOf } from "../../../support/embedded-api.ts";
import { createManualClock, settleTasks } from "../../../support/manual-clock.ts";
import { createRecordingLog } from "../../../support/recording-log.ts";

const scope = {
  namespace: "shop",
  canary: "orders",
  target: "orders",
  service: "orders",
  selectorLabel: undefined,
} as const;

export const deploymentPath = (name = ""): string => pathOf("apps", "deployments", name);
export const revisionPath = (name = ""): string => pathOf("apps", "controllerrevisions", name);
export const replicaSetPath = (name = ""): string => pathOf("apps", "replicasets", name);
export const podPath = (name = ""): string => pathOf("", "pods", name);

function pathOf(group: string, plural: string, name: string): string {
  const root = group === "" ? "/api/v1" : `/apis/${group}/v1`;
  return `${root}/namespaces/shop/${plural}${name === "" ? "" : `/${name}`}`;
}

export const template = (image: string, annotations: Readonly<Record<string, string>> = {}) => ({
  metadata: {
    labels: { app: "orders", tier: "web", "app.kubernetes.io/instance": "argo-app" },
    annotations,
  },
  spec: {
    containers: [{ name: "app", image }],
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 1,
            podAffinityTerm: {
              topologyKey: "kubernetes.io/hostname",
              labelSelector: { matchLabels: { tier: "web" } },
            },
          },
        ],
      },
    },
  },
});

export const deployment = (name = "orders", spec: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name,
    labels: { team: "shop", "app.kubernetes.io/instance": "argo-app", "helm.sh/chart": "orders-1" },
    annotations: {
      "argocd.argoproj.io/tracking-id": "argo-app:apps/Deployment:shop/orders",
      "kubectl.kubernetes.io/last-applied-configuration": "{}",
      "example.com/note": "mine",
    },
  },
  spec: {
    replicas: 2,
    revisionHistoryLimit: 3,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    selector: { matchLabels: { app: "orders", tier: "web" } },
    template: template("orders:1"),
    ...spec,
  },
});

// oxlint-disable-next-line typescript/no-explicit-any -- tests look into objects of every shape
type Seen = any;

export async function createWorkloadBed({ isSimulated = true, isStarted = true } = {}) {
  const clock = createManualClock();
  const server = createContractServer({ clock });
  const log = createRecordingLog();
  const common = { clock, log, random: seededRandom(1) };
  const served = fetchOf(server);
  const toServer = { ...common, baseUrl: "http://api.test", qps: 1e6, burst: 1e6 };
  const others = createTransport({ ...toServer, fetch: served, userAgent: "others" });
  const requests: string[] = [];
  let intercept: (request: string) => Promise<void> = () => Promise.resolve();
  const transport = createTransport({
    ...toServer,
    userAgent: "serin",
    fetch: async (url, init) => {
      const { pathname } = new URL(url);
      const request = `${init.method} ${pathname}`;
      if (init.method !== "GET") requests.push(request);
      await intercept(request);
      return served(url, init);
    },
  });
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
  await others.request({ method: "POST", path: "/api/v1/namespaces", body: namespace });
  const owner = await createOwner(others);
  const cluster = createSimulatedWorkloads({ ...common, transport: others });
  if (isSimulated) cluster.start();
  const { services } = istioInformers({ ...common, transport });
  const informers = { ...workloadInformers({ ...common, transport }), services };
  const all = Object.values(informers);
  if (isStarted) for (const informer of all) informer.start();
  const podChanges: string[] = [];
  const workloads = createWorkloads({
    ...common,
    transport,
    informers,
    onPodChange: ({ namespace, name }) => podChanges.push(`${namespace}/${name}`),
  });
  await settleTasks();
  const ask = (path: string): Promise<Seen> => others.request({ method: "GET", path });
  const ofCanary = { ...scope, canaryUid: owner.metadata.uid } satisfies WorkloadScope;
  const run = (ms = 60_000) => clock.run(ms);
  const target = () => valueOf(workloads.observe(ofCanary).target);
  return {
    scope: ofCanary,
    workloads,
    target,
    primary: () => valueOf(workloads.observe(ofCanary).primary),
    /** A target that runs, and its primary. */
    async start(): Promise<void> {
      await others.request({ method: "POST", path: deploymentPath(), body: deployment() });
      await run();
      await workloads.createPrimary(ofCanary, 2, target().templateHash);
      await run();
    },
    /** The target runs another image; the hash of its template. */
    async push(image: string): Promise<string> {
      const body = { spec: { template: template(image) } };
      await others.request({
        method: "PATCH",
        path: deploymentPath("orders"),
        body,
        patch: "merge",
      });
      await run();
      return target().templateHash;
    },
    requests,
    podChanges,
    log,
    /** Called before each request of the adapter reaches the server; may write, or throw instead of it. */
    intercept: (next: typeof intercept) => {
      intercept = next;
    },
    read: ask,
    list: async (path: string): Promise<Seen[]> => (await ask(path)).items,
    async create(path: string, body: object): Promise<void> {
      await others.request({ method: "POST", path, body });
      await settleTasks();
    },
    async merge(path: string, body: object): Promise<void> {
      await others.request({ method: "PATCH", path, body, patch: "merge" });
      await settleTasks();
    },
    async remove(path: string): Promise<void> {
      await others.request({ method: "DELETE", path });
      await settleTasks();
    },
    /** Lets time pass until everything simulated has settled. */
    run,
    settle: () => settleTasks(),
    /** No more watch events of Deployments reach the adapter. */
    freeze: async () => {
      await Promise.all(all.map((informer) => informer.stop()));
    },
  };
}

/** What is known; throws why it is not. */
export function valueOf<T>(fact: Fact<T>): T {
  if (fact.kind === "Known") return fact.value;
  throw new Error(fact.because);
}

/** Stands in for the Canary: what an owner that is not there owns is collected. */
async function createOwner(transport: Transport): Promise<Seen> {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "orders" } };
  const path = pathOf("", "configmaps", "");
  return transport.request({ method: "POST", path, body });
}

export type WorkloadBed = Awaited<ReturnType<typeof createWorkloadBed>>;
