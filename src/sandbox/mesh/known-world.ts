/**
 * What the sidecars know: the objects after their propagation delay, indexed for routing. Holds no policy and
 * knows neither the API server nor time.
 */
import type { DestinationRule, Labels, MeshService, VirtualService } from "./objects.ts";
import { hasLabels, isVisibleIn, serviceHost } from "./objects.ts";
import { sidecarGateway } from "./request-match.ts";

/** A pod as an endpoint: its identity and what routing needs of it. `pod` is opaque to the index. */
export interface EndpointPod {
  readonly uid: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly ready: boolean;
}

export interface KnownWorld<Pod extends EndpointPod> {
  /** Rises with every change: whatever was derived from an older one is stale. */
  generation(): number;
  service(host: string): MeshService | undefined;
  services(): Iterable<MeshService>;
  /** The one VirtualService that a sidecar in `clientNamespace` applies to `host`. */
  virtualService(host: string, clientNamespace: string): VirtualService | undefined;
  /** The labels of a subset; undefined if no visible DestinationRule of the host has it. */
  subset(host: string, name: string, clientNamespace: string): Labels | undefined;
  /** Ready pods of the Service whose labels also meet `labels`, in the order they became known. */
  endpoints(service: MeshService, labels: Labels): readonly Pod[];
  putService(key: string, service: MeshService | undefined): void;
  putPod(key: string, pod: Pod | undefined): void;
  putVirtualService(key: string, object: VirtualService | undefined): void;
  putDestinationRule(key: string, object: DestinationRule | undefined): void;
}

export function createKnownWorld<Pod extends EndpointPod>(): KnownWorld<Pod> {
  const services = new Map<string, MeshService>();
  const virtualServices = createHostIndex<VirtualService>((object) => object.hosts);
  const destinationRules = createHostIndex<DestinationRule>((object) => [object.host]);
  const pods = createLabelIndex<Pod>();
  let generation = 0;
  const changing =
    <T>(put: (key: string, object: T | undefined) => void) =>
    (key: string, object: T | undefined) => {
      generation += 1;
      put(key, object);
    };
  return {
    generation: () => generation,
    service: (host) => services.get(host),
    services: () => services.values(),
    virtualService: (host, clientNamespace) =>
      virtualServices
        .of(host)
        .find((object) => appliesToSidecars(object) && isVisibleIn(object, clientNamespace)),
    subset: (host, name, clientNamespace) =>
      findSubset(
        destinationRules.of(host).filter((object) => isVisibleIn(object, clientNamespace)),
        { host, name, clientNamespace },
      ),
    endpoints: (service, labels) =>
      service.selector === undefined
        ? []
        : pods.select(service.namespace, { ...service.selector, ...labels }, service.selector),
    putService: changing((key, service) => replace(services, key, service)),
    putPod: changing((key, pod) => pods.put(key, pod)),
    putVirtualService: changing((key, object) => virtualServices.put(key, object)),
    putDestinationRule: changing((key, object) => destinationRules.put(key, object)),
  };
}

function replace<T>(map: Map<string, T>, key: string, value: T | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function appliesToSidecars(object: VirtualService): boolean {
  return object.gateways.length === 0 || object.gateways.includes(sidecarGateway);
}

/**
 * Istio looks in the client's namespace, then the Service's, then the root namespace, and takes the first that has
 * any; rules of one namespace merge, the older one's subset of a name wins.
 */
function findSubset(
  rules: readonly DestinationRule[],
  wanted: { readonly host: string; readonly name: string; readonly clientNamespace: string },
): Labels | undefined {
  const [, serviceNamespace = ""] = wanted.host.split(".");
  for (const namespace of [wanted.clientNamespace, serviceNamespace, "istio-system"]) {
    const here = rules.filter((rule) => rule.namespace === namespace);
    if (here.length > 0) {
      return here.flatMap((rule) => rule.subsets).find((subset) => subset.name === wanted.name)
        ?.labels;
    }
  }
  return undefined;
}

interface Dated {
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: string;
}

/** Objects by the hosts they name, the oldest first; `*.suffix` hosts apply where no exact one does. */
function createHostIndex<T extends Dated>(hostsOf: (object: T) => readonly string[]) {
  const objects = new Map<string, T>();
  const byHost = new Map<string, T[]>();
  const forget = (object: T) => {
    for (const host of hostsOf(object)) {
      const left = (byHost.get(host) ?? []).filter((other) => other !== object);
      replace(byHost, host, left.length > 0 ? left : undefined);
    }
  };
  return {
    put(key: string, object: T | undefined): void {
      const previous = objects.get(key);
      if (previous !== undefined) forget(previous);
      replace(objects, key, object);
      if (object === undefined) return;
      for (const host of new Set(hostsOf(object))) {
        byHost.set(host, [...(byHost.get(host) ?? []), object].sort(olderFirst));
      }
    },
    of(host: string): readonly T[] {
      for (const candidate of hostCandidates(host)) {
        const found = byHost.get(candidate);
        if (found !== undefined) return found;
      }
      return [];
    },
  };
}

/** The host itself, then its wildcards from the most to the least specific. */
function hostCandidates(host: string): readonly string[] {
  const parts = host.split(".");
  return [host, ...parts.slice(1).map((_, index) => `*.${parts.slice(index + 1).join(".")}`), "*"];
}

function olderFirst(one: Dated, other: Dated): number {
  return sortKey(one) < sortKey(other) ? -1 : 1;
}

function sortKey(object: Dated): string {
  return `${object.createdAt}\n${object.name}\n${object.namespace}`;
}

/** Ready pods by namespace and single label, so that a selector looks at few candidates. */
function createLabelIndex<Pod extends EndpointPod>() {
  const pods = new Map<string, Pod>();
  const byLabel = new Map<string, Map<string, Pod>>();
  const placesOf = (pod: Pod) =>
    Object.entries(pod.labels).map(([key, value]) => labelKey(pod.namespace, key, value));
  const forget = (key: string, pod: Pod) => {
    for (const place of placesOf(pod)) {
      const bucket = byLabel.get(place);
      bucket?.delete(key);
      if (bucket?.size === 0) byLabel.delete(place);
    }
  };
  return {
    put(key: string, pod: Pod | undefined): void {
      const previous = pods.get(key);
      if (previous !== undefined) forget(key, previous);
      const known = pod?.ready === true ? pod : undefined;
      replace(pods, key, known);
      if (known === undefined) return;
      for (const place of placesOf(known)) {
        const bucket = byLabel.get(place) ?? new Map<string, Pod>();
        byLabel.set(place, bucket.set(key, known));
      }
    },
    /** `also` is met besides `wanted`, whose entries it may contradict: then nothing is found. */
    select(namespace: string, wanted: Labels, also: Labels): readonly Pod[] {
      const buckets = Object.entries(wanted).map(
        ([key, value]) => byLabel.get(labelKey(namespace, key, value)) ?? new Map<string, Pod>(),
      );
      const smallest = buckets.sort((one, other) => one.size - other.size)[0];
      if (smallest === undefined) return [];
      return [...smallest.values()].filter(
        (pod) => hasLabels(pod.labels, wanted) && hasLabels(pod.labels, also),
      );
    },
  };
}

function labelKey(namespace: string, key: string, value: string): string {
  return `${namespace}\n${key}=${value}`;
}

export function hostOf(service: MeshService): string {
  return serviceHost(service.name, service.namespace);
}
