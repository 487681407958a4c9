/** A cluster for tests: embedded API server, simulated workloads and mesh, and a clock that stands still. */
import { createTransport, type Transport } from "../../../src/adapters/kubernetes/transport.ts";
import { createApiServer } from "../../../src/sandbox/api-server/api-server.ts";
import { createSimulatedMesh } from "../../../src/sandbox/mesh/simulated-mesh.ts";
import { isJsonObject, type JsonObject } from "../../../src/sandbox/workloads/json.ts";
import { createSimulatedWorkloads } from "../../../src/sandbox/workloads/simulated-workloads.ts";
import { fetchOf } from "../../support/embedded-api.ts";
import { createManualClock, settleTasks } from "../../support/manual-clock.ts";
import { createRecordingLog } from "../../support/recording-log.ts";

export type SimulatedCluster = Awaited<ReturnType<typeof startSimulatedCluster>>;

/** Mulberry32: the same numbers for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export async function startSimulatedCluster(seed = 1) {
  const clock = createManualClock();
  const random = seededRandom(seed);
  const log = createRecordingLog();
  const server = createApiServer({ clock, random });
  const requests: string[] = [];
  const fetch = fetchOf(server);
  const transport = createTransport({
    baseUrl: "http://embedded.invalid",
    fetch: (url, init) => {
      requests.push(`${init.method} ${url}`);
      return fetch(url, init);
    },
    clock,
    log,
    random,
    userAgent: "simulated-cluster",
    qps: 10_000,
    burst: 10_000,
  });
  await installIstioKinds(transport);
  await transport.request({ method: "POST", path: "/api/v1/namespaces", body: shop });
  const deps = { transport, clock, log, random };
  const workloads = createSimulatedWorkloads(deps);
  const mesh = createSimulatedMesh(deps);
  workloads.start();
  mesh.start();
  await settleTasks();
  return { ...api(transport), clock, log, mesh, workloads, server, transport, requests };
}

function api(transport: Transport) {
  const ask = async (path: string): Promise<JsonObject> => {
    const answer = await transport.request({ method: "GET", path });
    return isJsonObject(answer) ? answer : {};
  };
  return {
    get: ask,
    list: async (path: string): Promise<readonly JsonObject[]> => itemsOf(await ask(path)),
    create: (path: string, body: JsonObject) => transport.request({ method: "POST", path, body }),
    merge: (path: string, body: JsonObject) =>
      transport.request({ method: "PATCH", path, body, patch: "merge" }),
    annotatePods: async (app: string, annotations: Readonly<Record<string, string | null>>) => {
      const query = { labelSelector: `app=${app}` };
      const answer = await transport.request({ method: "GET", path: paths.pods(), query });
      for (const pod of isJsonObject(answer) ? itemsOf(answer) : []) {
        const path = paths.pods(String(at(pod, "metadata", "name")));
        const body = { metadata: { annotations } };
        await transport.request({ method: "PATCH", path, body, patch: "merge" });
      }
    },
    remove: (path: string) => transport.request({ method: "DELETE", path }),
  };
}

function itemsOf({ items }: JsonObject): readonly JsonObject[] {
  return Array.isArray(items) ? items.filter(isJsonObject) : [];
}

/** The value at a path of keys and list places; undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((found, step) => {
    if (Array.isArray(found)) return typeof step === "number" ? found[step] : undefined;
    return isJsonObject(found) ? found[String(step)] : undefined;
  }, value);
}

const shop: JsonObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };

async function installIstioKinds(transport: Transport): Promise<void> {
  for (const [kind, plural] of [
    ["VirtualService", "virtualservices"],
    ["DestinationRule", "destinationrules"],
  ] as const) {
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    await transport.request({ method: "POST", path, body: looseKind(kind, plural) });
  }
}

function looseKind(kind: string, plural: string): JsonObject {
  const group = "networking.istio.io";
  const any = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const schema = { openAPIV3Schema: { type: "object", properties: { spec: any } } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: "v1", served: true, storage: true, schema }],
    },
  };
}

export const inShop = (group: string, plural: string, name?: string): string => {
  const root = group === "" ? "/api/v1" : `/apis/${group}`;
  const end = name === undefined ? "" : `/${name}`;
  return `${root}/namespaces/shop/${plural}${end}`;
};

export const paths = {
  deployments: (name?: string) => inShop("apps/v1", "deployments", name),
  replicaSets: (name?: string) => inShop("apps/v1", "replicasets", name),
  pods: (name?: string) => inShop("", "pods", name),
  services: (name?: string) => inShop("", "services", name),
  virtualServices: (name?: string) => inShop("networking.istio.io/v1", "virtualservices", name),
  destinationRules: (name?: string) => inShop("networking.istio.io/v1", "destinationrules", name),
} as const;

export interface DeploymentChoices {
  readonly name?: string;
  readonly replicas?: number;
  readonly image?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly podAnnotations?: Readonly<Record<string, string>>;
  readonly spec?: JsonObject;
}

export function deployment(choices: DeploymentChoices = {}): JsonObject {
  const { name = "orders", replicas = 3, image = "orders:1", spec = {} } = choices;
  const labels = choices.labels ?? { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "shop" },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: choices.podAnnotations ?? {} },
        spec: { containers: [{ name: "app", image }] },
      },
      ...spec,
    },
  };
}

export function service(
  name: string,
  selector: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>> = {},
): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "shop", annotations },
    spec: { selector, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
  };
}

export function virtualService(host: string, http: readonly JsonObject[]): JsonObject {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: host, namespace: "shop" },
    spec: { hosts: [host], http },
  };
}
