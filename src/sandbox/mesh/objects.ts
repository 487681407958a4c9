/**
 * What the simulated mesh knows of Services, Pods, VirtualServices and DestinationRules: only what decides where
 * a request goes and how it is reported. Host names are already resolved to full names (`resolveHost`).
 */

export interface MeshService {
  readonly namespace: string;
  readonly name: string;
  /** Undefined: no selector, so the mesh finds no pods for it. */
  readonly selector: Labels | undefined;
  readonly annotations: Labels;
  /** The first port that speaks HTTP or gRPC; undefined if none does. */
  readonly http: HttpPort | undefined;
}

export interface HttpPort {
  readonly port: number;
  readonly protocol: "http" | "grpc";
}

export interface MeshPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly serviceAccount: string;
  /** The Deployment's name where a ReplicaSet owns the pod, else the owner's, else the pod's. */
  readonly workload: string;
  /** Ready and not being deleted: what makes it an endpoint. */
  readonly ready: boolean;
  /** Its containers run: a connection to it succeeds. */
  readonly serving: boolean;
  /** Sum over its containers. */
  readonly restarts: number;
}

export interface VirtualService {
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: string;
  readonly hosts: readonly string[];
  readonly gateways: readonly string[];
  readonly exportTo: readonly string[];
  readonly http: readonly HttpRule[];
}

export interface HttpRule {
  readonly name: string;
  /** Alternatives; empty matches everything. */
  readonly match: readonly HttpMatch[];
  readonly route: readonly WeightedDestination[];
  /** Set when the rule answers by itself: a redirect or a direct response. */
  readonly answersWith: number | undefined;
  /** The rule hands over to a delegate, which the sandbox does not follow. */
  readonly delegates: boolean;
  readonly fault: Fault | undefined;
  /** Milliseconds; undefined = no timeout. */
  readonly timeoutMs: number | undefined;
  readonly retries: Retries | undefined;
  readonly mirrors: readonly Mirror[];
}

export interface Destination {
  readonly host: string;
  readonly subset: string | undefined;
}

export interface WeightedDestination {
  readonly destination: Destination;
  readonly weight: number;
}

export interface Mirror {
  readonly destination: Destination;
  /** 0–1 */
  readonly share: number;
}

export interface Fault {
  readonly delay: { readonly share: number; readonly ms: number } | undefined;
  readonly abort:
    | { readonly share: number; readonly httpStatus: number; readonly grpcStatus: string }
    | undefined;
}

export interface Retries {
  readonly attempts: number;
  readonly on: readonly string[];
}

export interface HttpMatch {
  readonly uri: StringMatch | undefined;
  readonly ignoreUriCase: boolean;
  readonly scheme: StringMatch | undefined;
  readonly method: StringMatch | undefined;
  readonly authority: StringMatch | undefined;
  readonly headers: Readonly<Record<string, StringMatch>>;
  readonly withoutHeaders: Readonly<Record<string, StringMatch>>;
  readonly queryParams: Readonly<Record<string, StringMatch>>;
  readonly port: number | undefined;
  readonly gateways: readonly string[];
  readonly sourceLabels: Labels;
  readonly sourceNamespace: string | undefined;
}

/** Istio's StringMatch; `Present` is the empty object. */
export interface StringMatch {
  readonly kind: "Exact" | "Prefix" | "Regex" | "Present";
  readonly value: string;
}

export interface DestinationRule {
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: string;
  readonly host: string;
  readonly exportTo: readonly string[];
  readonly subsets: readonly { readonly name: string; readonly labels: Labels }[];
}

/** A kind of simulated requests to a Service. */
export interface RequestClass {
  /** 0–1 */
  readonly share: number;
  readonly uri: string;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Labels;
}

export type Labels = Readonly<Record<string, string>>;

/** Istio resolves a host without a dot in the namespace of the object that names it; any other is taken as it is. */
export function resolveHost(host: string, namespace: string): string {
  return host.includes(".") || host === "*" ? host : serviceHost(host, namespace);
}

export function serviceHost(name: string, namespace: string): string {
  return `${name}.${namespace}.svc.cluster.local`;
}

export function hasLabels(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** Istio's exportTo: none or `*` = everywhere, `.` = the object's own namespace, else namespaces by name. */
export function isVisibleIn(
  object: { readonly namespace: string; readonly exportTo: readonly string[] },
  clientNamespace: string,
): boolean {
  if (object.exportTo.length === 0) return true;
  return object.exportTo.some(
    (scope) =>
      scope === "*" ||
      scope === clientNamespace ||
      (scope === "." && object.namespace === clientNamespace),
  );
}
