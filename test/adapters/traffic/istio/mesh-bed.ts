/** An embedded API server with Istio's kinds, a running router on it, and the objects of one Canary. */
import { createTransport } from "../../../../src/adapters/kubernetes/transport.ts";
import type {
  HttpInit,
  HttpResponse,
} from "../../../../src/adapters/kubernetes/transport-exchange.ts";
import { istioInformers } from "../../../../src/adapters/traffic/istio/informers.ts";
import { createTrafficRouter } from "../../../../src/adapters/traffic/registry.ts";
import type { Routing } from "../../../../src/api/canary-spec.ts";
import type { RouteScope, TrafficRouter } from "../../../../src/ports/traffic-router.ts";
import { istioCrds } from "../../../../src/sandbox/crds/istio.ts";
import { type Answer, type Client, createClientOf } from "../../../support/api-server-client.ts";
import { type ContractServer, createContractServer } from "../../../support/contract-server.ts";
import { fetchOf } from "../../../support/embedded-api.ts";
import { createManualClock, settleTasks } from "../../../support/manual-clock.ts";
import { createRecordingLog } from "../../../support/recording-log.ts";

export const istioPath = (plural: string, name = "", namespace = "shop"): string =>
  `/apis/networking.istio.io/v1/namespaces/${namespace}/${plural}${name === "" ? "" : `/${name}`}`;
export const servicePath = (name = "", namespace = "shop"): string =>
  `/api/v1/namespaces/${namespace}/services${name === "" ? "" : `/${name}`}`;

export const scope: RouteScope = {
  namespace: "shop",
  canary: "orders",
  canaryUid: "uid-of-canary",
  service: "orders",
  selector: { label: "app", value: "orders" },
  routing: { istio: { virtualServices: [{ name: "orders" }], propagationSeconds: 5 } },
};

/** The scope with other routing. */
export function scopeWith(istio: Partial<NonNullable<Routing["istio"]>>): RouteScope {
  const { virtualServices = [{ name: "orders" }] } = istio;
  return {
    ...scope,
    routing: { istio: { propagationSeconds: 5, ...istio, virtualServices } },
  };
}

const toHost = (host: string, weight?: number) => ({
  destination: { host },
  ...(weight === undefined ? {} : { weight }),
});
const toSubset = (subset: string, weight?: number) => ({
  destination: { host: "orders", subset },
  ...(weight === undefined ? {} : { weight }),
});

export const hostRoute = (stable?: number, canary?: number) => [
  toHost("orders-primary", stable),
  toHost("orders-canary", canary),
];
export const subsetRoute = (stable?: number, canary?: number) => [
  toSubset("stable", stable),
  toSubset("canary", canary),
];

export const virtualService = (http: readonly object[], name = "orders", spec: object = {}) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name, labels: { team: "shop" }, annotations: { "example.com/note": "mine" } },
  spec: { hosts: ["orders"], http, ...spec },
});

export const service = (
  selector: Readonly<Record<string, string>>,
  name = "orders",
  spec: object = {},
) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { selector, ports: [{ name: "http", port: 80, targetPort: 8080 }], ...spec },
});

export const destinationRule = (
  subsets: readonly object[] = [
    { name: "stable", labels: { app: "orders-primary" } },
    { name: "canary", labels: { app: "orders" } },
  ],
  name = "orders",
  spec: object = {},
) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "DestinationRule",
  metadata: { name },
  spec: { host: "orders", subsets, ...spec },
});

/** VirtualServices of any shape: what an Istio of the future, or a mistake in its schema, may let through. */
export const looseCrds: readonly object[] = istioCrds.map((definition) =>
  JSON.parse(JSON.stringify(definition), (key, value: unknown) =>
    key === "openAPIV3Schema"
      ? { type: "object", "x-kubernetes-preserve-unknown-fields": true }
      : value,
  ),
);

type Fetch = (url: string, init: HttpInit) => Promise<HttpResponse>;
/** Stands in for the server, or lets a request through by answering undefined. */
export type Interception = (init: HttpInit, url: URL) => Promise<Response | undefined>;

export interface MeshBed {
  readonly router: TrafficRouter;
  /** Writes as somebody else. */
  readonly client: Client<ContractServer>;
  /** `METHOD path` of every request of the router that was not a read of a cache. */
  readonly requests: string[];
  /** Bodies of the same. */
  readonly bodies: unknown[];
  intercept(interception: Interception): void;
  create(...objects: readonly object[]): Promise<void>;
  /** An object as it is now, without what the server keeps about it. */
  read(path: string): Promise<Answer["body"]>;
  /** Lets every watch event arrive. */
  settle(): Promise<void>;
  /** No more watch events reach the router. */
  freeze(): Promise<void>;
}

export async function createMeshBed({
  isStarted = true,
  crds = istioCrds,
}: {
  readonly isStarted?: boolean;
  readonly crds?: readonly object[];
} = {}): Promise<MeshBed> {
  const clock = createManualClock();
  const client = createClientOf(createContractServer({ clock }), clock);
  for (const name of ["shop", "elsewhere"]) {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    await client.post("/api/v1/namespaces", namespace);
  }
  for (const definition of crds) {
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    const { code, body } = await client.post(path, definition);
    // A real server has them already.
    if (code !== 201 && code !== 409) throw new Error(JSON.stringify(body));
  }
  const requests: string[] = [];
  const bodies: unknown[] = [];
  let interception: Interception = () => Promise.resolve(undefined);
  const served = fetchOf(client.server);
  const fetch: Fetch = async (url, init) => {
    const { pathname } = new URL(url);
    const isCacheRead = init.method === "GET" && /(services|rules|definitions)$/.test(pathname);
    if (isCacheRead) return served(url, init);
    requests.push(`${init.method} ${pathname}`);
    bodies.push(init.body === undefined ? undefined : JSON.parse(init.body));
    return (await interception(init, new URL(url))) ?? served(url, init);
  };
  const log = createRecordingLog();
  const common = { clock: client.clock, log, random: () => 0.5 };
  const transport = createTransport({
    ...common,
    baseUrl: "http://api.test",
    fetch,
    userAgent: "test",
  });
  const informers = istioInformers({ ...common, transport });
  const all = [informers.virtualServices, informers.destinationRules, informers.services];
  if (isStarted) {
    for (const informer of all) informer.start();
    await Promise.all(all.map((informer) => informer.whenSynced()));
  }
  return {
    router: createTrafficRouter({ istio: { transport, informers } }),
    client,
    requests,
    bodies,
    intercept: (next) => {
      interception = next;
    },
    create: async (...objects) => {
      for (const object of objects) await createObject(client, object);
      await settleTasks();
    },
    read: async (path) => {
      const { body } = await client.get(path);
      const { managedFields: _, resourceVersion: __, generation: ___, ...metadata } = body.metadata;
      return { ...body, metadata };
    },
    settle: () => settleTasks(),
    freeze: async () => {
      await Promise.all(all.map((informer) => informer.stop()));
    },
  };
}

async function createObject(client: Client<ContractServer>, object: object) {
  const { kind, metadata }: { kind?: string; metadata?: { namespace?: string } } = object;
  const namespace = metadata?.namespace ?? "shop";
  const path =
    kind === "Service"
      ? servicePath("", namespace)
      : istioPath(`${kind?.toLowerCase()}s`, "", namespace);
  const { code, body } = await client.post(path, object);
  if (code !== 201) throw new Error(JSON.stringify(body));
}
