/**
 * Reads Services, Pods and load annotations into what the mesh knows of them. Lenient where the API server has
 * validated already: what is missing takes Kubernetes' default.
 */
import { z } from "zod";
import type { HttpPort, Labels, MeshPod, MeshService, RequestClass } from "./objects.ts";

export const Strings = z.record(z.string(), z.string());

export const Metadata = z.object({
  name: z.string(),
  namespace: z.string().default("default"),
  uid: z.string().default(""),
  creationTimestamp: z.string().nullish(),
  deletionTimestamp: z.string().nullish(),
  labels: Strings.nullish(),
  annotations: Strings.nullish(),
  ownerReferences: z
    .array(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().optional() }))
    .nullish(),
});

const ServicePort = z.object({
  name: z.string().default(""),
  port: z.number(),
  protocol: z.string().default("TCP"),
  appProtocol: z.string().optional(),
});

const Service = z.object({
  metadata: Metadata,
  spec: z
    .object({ selector: Strings.nullish(), ports: z.array(ServicePort).default([]) })
    .prefault({}),
});

const Pod = z.object({
  metadata: Metadata,
  spec: z.object({ serviceAccountName: z.string().optional() }).prefault({}),
  status: z
    .object({
      podIP: z.string().optional(),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
      containerStatuses: z
        .array(
          z.object({
            restartCount: z.number().default(0),
            state: z.object({ running: z.unknown().optional() }).prefault({}),
          }),
        )
        .default([]),
    })
    .prefault({}),
});

export function decodeService(raw: unknown): MeshService {
  const { metadata, spec } = Service.parse(raw);
  const { selector } = spec;
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    selector: selector && Object.keys(selector).length > 0 ? selector : undefined,
    annotations: metadata.annotations ?? {},
    http: findHttpPort(spec.ports),
  };
}

/** Istio takes the protocol from appProtocol or the port's name before the first "-"; no word about it means "detect". */
function findHttpPort(ports: readonly z.infer<typeof ServicePort>[]): HttpPort | undefined {
  for (const { name, port, protocol, appProtocol } of ports) {
    const said = (appProtocol ?? name.split("-", 1)[0] ?? "").toLowerCase();
    const opaque = ["tcp", "udp", "tls", "https", "mongo", "mysql", "redis"].includes(said);
    if (protocol === "TCP" && !opaque) {
      return { port, protocol: said.startsWith("grpc") ? "grpc" : "http" };
    }
  }
  return undefined;
}

export function decodePod(raw: unknown): MeshPod {
  const { metadata, spec, status } = Pod.parse(raw);
  const isReady = status.conditions.some((c) => c.type === "Ready" && c.status === "True");
  return {
    uid: metadata.uid,
    namespace: metadata.namespace,
    name: metadata.name,
    ip: status.podIP ?? "",
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    serviceAccount: spec.serviceAccountName ?? "default",
    workload: workloadOf(metadata),
    ready: isReady && !metadata.deletionTimestamp,
    serving:
      status.containerStatuses.length > 0 &&
      status.containerStatuses.every((container) => container.state.running !== undefined),
    restarts: status.containerStatuses.reduce((sum, c) => sum + c.restartCount, 0),
  };
}

function workloadOf(metadata: z.infer<typeof Metadata>): string {
  const owner = metadata.ownerReferences?.find((reference) => reference.controller === true);
  const hash = metadata.labels?.["pod-template-hash"];
  if (owner === undefined) return metadata.name;
  const suffix = hash === undefined ? undefined : `-${hash}`;
  return owner.kind === "ReplicaSet" && suffix !== undefined && owner.name.endsWith(suffix)
    ? owner.name.slice(0, -suffix.length)
    : owner.name;
}

const RequestClassShape = z
  .strictObject({
    percent: z.number().min(0).max(100),
    headers: Strings.default({}),
    uri: z.string().startsWith("/").default("/"),
    method: z.string().min(1).default("GET"),
  })
  .transform(({ percent, headers, uri, method }) => ({
    share: percent / 100,
    uri,
    method,
    headers: lowerNames(headers),
  }));
const RequestClasses = z.union([
  z.array(RequestClassShape),
  RequestClassShape.transform((requestClass) => [requestClass]),
]);

/** Undefined: not JSON, or not of the documented shape. */
export function decodeRequestClasses(text: string): readonly RequestClass[] | undefined {
  try {
    return RequestClasses.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function lowerNames(headers: Labels): Labels {
  return Object.fromEntries(Object.entries(headers).map(([name, v]) => [name.toLowerCase(), v]));
}
