/** Istio's standard metric labels for an answer, as the caller's and as the destination's proxy report it. */
import type { Labels, MeshPod, MeshService } from "./objects.ts";
import { serviceHost } from "./objects.ts";

/** One end of a request as metrics name it. */
export interface PeerIdentity {
  /** The same for the same identity: all its other members in one text. */
  readonly key: string;
  readonly workload: string;
  readonly namespace: string;
  readonly principal: string;
  readonly app: string;
  readonly version: string;
  readonly canonicalService: string;
  readonly canonicalRevision: string;
}

/** The Service whose cluster the request was sent to. */
export interface ServiceIdentity {
  readonly host: string;
  readonly name: string;
  readonly namespace: string;
}

/** What came back. `flags` are Envoy's response flags, "-" for none. */
export interface AnswerKind {
  readonly code: string;
  readonly flags: string;
  /** Empty for plain HTTP. */
  readonly grpcStatus: string;
}

export interface Exchange {
  readonly source: PeerIdentity;
  readonly destination: PeerIdentity;
  readonly service: ServiceIdentity;
  readonly protocol: "http" | "grpc";
  readonly answer: AnswerKind;
}

/** How Istio names the end that was never reached. */
export const unknownPeer: PeerIdentity = withKey({
  workload: "unknown",
  namespace: "unknown",
  principal: "unknown",
  app: "unknown",
  version: "unknown",
  canonicalService: "unknown",
  canonicalRevision: "unknown",
});

export function podIdentity(pod: MeshPod): PeerIdentity {
  const { labels } = pod;
  const name = labels["app.kubernetes.io/name"] ?? labels["app"];
  const revision = labels["app.kubernetes.io/version"] ?? labels["version"];
  return withKey({
    workload: pod.workload,
    namespace: pod.namespace,
    principal: principalOf(pod.namespace, pod.serviceAccount),
    app: labels["app"] ?? "unknown",
    version: labels["version"] ?? "unknown",
    canonicalService: labels["service.istio.io/canonical-name"] ?? name ?? pod.workload,
    canonicalRevision: labels["service.istio.io/canonical-revision"] ?? revision ?? "latest",
  });
}

export function withKey(identity: Omit<PeerIdentity, "key">): PeerIdentity {
  return { ...identity, key: Object.values(identity).join("|") };
}

export function principalOf(namespace: string, serviceAccount: string): string {
  return `spiffe://cluster.local/ns/${namespace}/sa/${serviceAccount}`;
}

export function serviceIdentity(service: MeshService): ServiceIdentity {
  const { name, namespace } = service;
  return { host: serviceHost(name, namespace), name, namespace };
}

/** Without a cluster the proxy falls back to the authority the caller asked for. */
export function unroutedIdentity(authority: string): ServiceIdentity {
  return { host: authority, name: authority, namespace: "unknown" };
}

export function exchangeLabels(reporter: "source" | "destination", exchange: Exchange): Labels {
  const { service, answer } = exchange;
  return {
    reporter,
    ...sourceLabels(exchange.source),
    ...destinationLabels(exchange.destination),
    destination_service: service.host,
    destination_service_name: service.name,
    destination_service_namespace: service.namespace,
    request_protocol: exchange.protocol,
    response_code: answer.code,
    grpc_response_status: answer.grpcStatus,
    response_flags: answer.flags,
    connection_security_policy: reporter === "source" ? "unknown" : "mutual_tls",
  };
}

function sourceLabels(peer: PeerIdentity): Labels {
  return {
    source_workload: peer.workload,
    source_workload_namespace: peer.namespace,
    source_principal: peer.principal,
    source_app: peer.app,
    source_version: peer.version,
    source_canonical_service: peer.canonicalService,
    source_canonical_revision: peer.canonicalRevision,
    source_cluster: "Kubernetes",
  };
}

function destinationLabels(peer: PeerIdentity): Labels {
  return {
    destination_workload: peer.workload,
    destination_workload_namespace: peer.namespace,
    destination_principal: peer.principal,
    destination_app: peer.app,
    destination_version: peer.version,
    destination_canonical_service: peer.canonicalService,
    destination_canonical_revision: peer.canonicalRevision,
    destination_cluster: peer.workload === "unknown" ? "unknown" : "Kubernetes",
  };
}
