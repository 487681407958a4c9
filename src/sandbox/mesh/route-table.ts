/**
 * Turns what the sidecars know about one host into rules that a request can be led through: Istio's rules about
 * weights, subsets and faults live here. Counts nothing and draws nothing.
 */
import { type ServiceIdentity, serviceIdentity } from "./istio-labels.ts";
import type { EndpointPod, KnownWorld } from "./known-world.ts";
import { hostOf } from "./known-world.ts";
import { maxRetryAttempts } from "./limits.ts";
import type { Destination, Fault, HttpRule, MeshService, Retries } from "./objects.ts";
import type { SimulatedRequest } from "./request-match.ts";
import { matchesRequest } from "./request-match.ts";

/** Where a weighted destination leads. `Missing`: no such Service or subset, so Envoy has no cluster. */
export type Cluster<Pod> =
  | { readonly kind: "Missing"; readonly host: string }
  | {
      readonly kind: "Known";
      readonly identity: ServiceIdentity;
      readonly endpoints: readonly Pod[];
      /** Names the cluster for the round robin: it goes on where it was when the table is rebuilt. */
      readonly name: string;
    };

export interface CompiledRule<Pod> {
  readonly name: string;
  readonly applies: (request: SimulatedRequest) => boolean;
  readonly clusters: readonly Cluster<Pod>[];
  /** Running totals of the clusters' shares of the requests. */
  readonly cumulative: readonly number[];
  readonly answersWith: number | undefined;
  readonly fault: Fault | undefined;
  /** Infinity = none. */
  readonly timeoutMs: number;
  readonly retries: Retries;
  readonly mirrors: readonly { readonly cluster: Cluster<Pod>; readonly share: number }[];
}

/** Istio's mesh-wide default, in force where a rule says nothing. */
const defaultRetries: Retries = {
  attempts: 2,
  on: ["connect-failure", "refused-stream", "unavailable", "cancelled", "retriable-status-codes"],
};
const noRetries: Retries = { attempts: 0, on: [] };

/** The rules for a Service's host in order: those of its VirtualService, or one that leads to the Service itself. */
export function compileRoutes<Pod extends EndpointPod>(
  world: KnownWorld<Pod>,
  service: MeshService,
  clientNamespace: string,
): readonly CompiledRule<Pod>[] {
  const host = hostOf(service);
  const cluster = (destination: Destination) => findCluster(world, destination, clientNamespace);
  const object = world.virtualService(host, clientNamespace);
  if (object === undefined || object.http.length === 0) {
    return [plainRule(cluster({ host, subset: undefined }))];
  }
  return object.http.filter((rule) => !rule.delegates).map((rule) => compileRule(rule, cluster));
}

function compileRule<Pod>(
  rule: HttpRule,
  cluster: (destination: Destination) => Cluster<Pod>,
): CompiledRule<Pod> {
  return {
    name: rule.name,
    applies: (request) => matchesRequest(rule.match, request),
    ...weigh(rule, cluster),
    answersWith: rule.answersWith,
    fault: rule.fault,
    // Istio does not enable timeouts and retries on a rule that injects faults.
    timeoutMs: rule.fault === undefined ? (rule.timeoutMs ?? Infinity) : Infinity,
    retries: rule.fault === undefined ? boundRetries(rule.retries) : noRetries,
    mirrors: rule.mirrors
      .filter((mirror) => mirror.share > 0)
      .map((mirror) => ({ cluster: cluster(mirror.destination), share: mirror.share })),
  };
}

/**
 * Weights are relative. A single destination gets everything whatever its weight; of several, those with weight 0
 * (or none) get nothing. All zero is refused by istiod; here it leads nowhere.
 */
function weigh<Pod>(
  rule: HttpRule,
  cluster: (destination: Destination) => Cluster<Pod>,
): Pick<CompiledRule<Pod>, "clusters" | "cumulative"> {
  const weighted = rule.route.length === 1 ? rule.route : rule.route.filter((r) => r.weight > 0);
  const total = weighted.reduce((sum, route) => sum + route.weight, 0);
  const cumulative: number[] = [];
  let upTo = 0;
  for (const route of weighted) {
    upTo += weighted.length === 1 ? 1 : route.weight / total;
    cumulative.push(upTo);
  }
  return { clusters: weighted.map((route) => cluster(route.destination)), cumulative };
}

function findCluster<Pod extends EndpointPod>(
  world: KnownWorld<Pod>,
  destination: Destination,
  clientNamespace: string,
): Cluster<Pod> {
  const { host, subset } = destination;
  const service = world.service(host);
  const labels = subset === undefined ? {} : world.subset(host, subset, clientNamespace);
  if (service === undefined || labels === undefined) return { kind: "Missing", host };
  const endpoints = world.endpoints(service, labels);
  const identity = serviceIdentity(service);
  return { kind: "Known", identity, endpoints, name: `${host}|${subset ?? ""}` };
}

function plainRule<Pod>(cluster: Cluster<Pod>): CompiledRule<Pod> {
  return {
    name: "default",
    applies: () => true,
    clusters: [cluster],
    cumulative: [1],
    answersWith: undefined,
    fault: undefined,
    timeoutMs: Infinity,
    retries: defaultRetries,
    mirrors: [],
  };
}

function boundRetries(retries: Retries | undefined): Retries {
  if (retries === undefined) return defaultRetries;
  const on = retries.on.length > 0 ? retries.on : defaultRetries.on;
  return { attempts: Math.min(retries.attempts, maxRetryAttempts), on };
}
