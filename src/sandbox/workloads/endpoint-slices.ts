/** Shows each Service's ready pods in one EndpointSlice, for people and tools; the simulated mesh does not need it. */
import { type Cluster, statusOf } from "./cluster.ts";
import type { PodView, ServiceView } from "./decode.ts";
import { canonicalJson, type JsonObject } from "./json.ts";
import { keyOf, parseKey, pathOf, resources } from "./resources.ts";

export interface EndpointSlices {
  reconcile(key: string): Promise<undefined>;
  /** The Services whose endpoints may differ now that a pod changed. */
  affectedBy(pod: PodView): readonly string[];
  forget(key: string): void;
}

export function createEndpointSlices(cluster: Cluster): EndpointSlices {
  const written = new Map<string, string>();
  return {
    async reconcile(key) {
      const { namespace, name } = parseKey(key);
      const service = cluster.services.get(namespace, name)?.view;
      if (service?.selector === undefined || service.meta.isDeleted) return undefined;
      const body = sliceOf(service, selectedPods(cluster, service));
      const content = canonicalJson(body);
      if (written.get(key) === content) return undefined;
      await write(cluster, service, body);
      written.set(key, content);
      return undefined;
    },
    affectedBy: (pod) =>
      cluster.services
        .list(pod.meta.namespace)
        .filter(({ view }) => selects(view, pod))
        .map(({ view }) => keyOf(view.meta)),
    forget: (key) => void written.delete(key),
  };
}

function selectedPods(cluster: Cluster, service: ServiceView): readonly PodView[] {
  const pods = cluster.pods.list(service.meta.namespace).map(({ view }) => view);
  return pods
    .filter((pod) => selects(service, pod) && pod.ip !== "" && !pod.meta.isDeleted)
    .sort((one, other) => (one.meta.name < other.meta.name ? -1 : 1));
}

function selects(service: ServiceView, pod: PodView): boolean {
  const wanted = Object.entries(service.selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => pod.meta.labels[key] === value);
}

async function write(cluster: Cluster, service: ServiceView, body: JsonObject): Promise<void> {
  const { namespace } = service.meta;
  const path = pathOf(resources.endpointSlices, { namespace });
  try {
    await cluster.transport.request({ method: "POST", path, body });
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
    const address = { namespace, name: sliceName(service) };
    const existing = pathOf(resources.endpointSlices, address);
    await cluster.transport.request({ method: "PATCH", path: existing, body, patch: "merge" });
  }
}

function sliceName(service: ServiceView): string {
  return `${service.meta.name}-sandbox`;
}

function sliceOf(service: ServiceView, pods: readonly PodView[]): JsonObject {
  const { namespace, name, uid } = service.meta;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      namespace,
      name: sliceName(service),
      labels: {
        "kubernetes.io/service-name": name,
        "endpointslice.kubernetes.io/managed-by": "sandbox.serin.dev",
      },
      ownerReferences: [{ apiVersion: "v1", kind: "Service", name, uid, controller: true }],
    },
    addressType: "IPv4",
    // Ports by name are not looked up in the containers: nothing listens there anyway.
    ports: service.ports.map(({ name: portName, port, protocol, targetPort }) => ({
      name: portName,
      port: typeof targetPort === "number" ? targetPort : port,
      protocol,
    })),
    endpoints: pods.map(endpointOf),
  };
}

function endpointOf(pod: PodView): JsonObject {
  const { namespace, name, uid } = pod.meta;
  return {
    addresses: [pod.ip],
    conditions: { ready: pod.ready, serving: pod.ready, terminating: false },
    nodeName: pod.nodeName,
    targetRef: { kind: "Pod", namespace, name, uid },
  };
}
