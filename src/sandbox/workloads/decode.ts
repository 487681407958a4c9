/**
 * Reads Deployments, ReplicaSets, Pods and Services into what the workload simulation decides by. Lenient: what is
 * missing takes Kubernetes' default.
 */
import { z } from "zod";
import type { DeploymentStatus } from "./deployment-status.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { defaultRevisionHistoryLimit } from "./limits.ts";
import type { IntOrPercent } from "./rollout.ts";

export interface ObjectMeta {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly isDeleted: boolean;
  /** The controlling owner's uid. */
  readonly ownerUid: string | undefined;
}

export interface KubeObject {
  readonly meta: ObjectMeta;
}

export type Strategy =
  | { readonly kind: "Recreate" }
  | {
      readonly kind: "RollingUpdate";
      readonly maxSurge: IntOrPercent;
      readonly maxUnavailable: IntOrPercent;
    };

export interface DeploymentView extends KubeObject {
  readonly replicas: number;
  readonly paused: boolean;
  readonly strategy: Strategy;
  readonly minReadySeconds: number;
  readonly progressDeadlineSeconds: number;
  readonly revisionHistoryLimit: number;
  readonly selector: JsonObject;
  readonly template: JsonObject;
  readonly status: DeploymentStatus;
}

export interface ReplicaSetView extends KubeObject {
  readonly replicas: number;
  readonly minReadySeconds: number;
  readonly selector: JsonObject;
  readonly template: JsonObject;
  readonly status: JsonObject;
  readonly actual: number;
  readonly ready: number;
  readonly available: number;
}

export interface PodView extends KubeObject {
  readonly containers: readonly { readonly name: string; readonly image: string }[];
  readonly nodeName: string;
  readonly status: JsonObject;
  readonly ip: string;
  readonly ready: boolean;
  /** When it became ready (or stopped being so), milliseconds since the epoch. */
  readonly readinessChangedAt: number;
  /** Failed or Succeeded: it does not count as a replica any more. */
  readonly finished: boolean;
}

export interface ServiceView extends KubeObject {
  /** Undefined: others maintain its endpoints. */
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly ports: readonly ServicePortView[];
}

export interface ServicePortView {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly targetPort: number | string;
}

const AnyObject = z.custom<JsonObject>(isJsonObject);
const Strings = z.record(z.string(), z.string());

const Metadata = z.object({
  namespace: z.string().default("default"),
  name: z.string(),
  uid: z.string().default(""),
  resourceVersion: z.string().default(""),
  generation: z.number().default(0),
  labels: Strings.nullish(),
  annotations: Strings.nullish(),
  creationTimestamp: z.string().nullish(),
  deletionTimestamp: z.string().nullish(),
  ownerReferences: z
    .array(z.object({ uid: z.string(), controller: z.boolean().optional() }))
    .nullish(),
});

function toMeta(metadata: z.infer<typeof Metadata>): ObjectMeta {
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    generation: metadata.generation,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    createdAt: parseTime(metadata.creationTimestamp),
    isDeleted: Boolean(metadata.deletionTimestamp),
    ownerUid: metadata.ownerReferences?.find((owner) => owner.controller === true)?.uid,
  };
}

function parseTime(text: string | null | undefined): number {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? 0 : at;
}

const ConditionShape = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(""),
  message: z.string().default(""),
  lastUpdateTime: z.string().default(""),
  lastTransitionTime: z
    .string()
    .nullish()
    .transform((time) => time ?? ""),
});

const Size = z.union([z.number(), z.string()]);

const Deployment = z.object({
  metadata: Metadata,
  spec: z.object({
    replicas: z.number().default(1),
    paused: z.boolean().default(false),
    strategy: z
      .object({
        type: z.string().default("RollingUpdate"),
        rollingUpdate: z
          .object({ maxSurge: Size.default("25%"), maxUnavailable: Size.default("25%") })
          .nullish(),
      })
      .prefault({}),
    minReadySeconds: z.number().default(0),
    progressDeadlineSeconds: z.number().default(600),
    revisionHistoryLimit: z.number().default(defaultRevisionHistoryLimit),
    selector: AnyObject,
    template: AnyObject,
  }),
  status: z
    .object({
      observedGeneration: z.number().default(0),
      replicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      readyReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
      conditions: z.array(ConditionShape).default([]),
    })
    .prefault({}),
});

export function decodeDeployment(raw: unknown): DeploymentView {
  const { metadata, spec, status } = Deployment.parse(raw);
  const { strategy, ...rest } = spec;
  return { meta: toMeta(metadata), ...rest, strategy: toStrategy(strategy), status };
}

function toStrategy(strategy: z.infer<typeof Deployment>["spec"]["strategy"]): Strategy {
  if (strategy.type === "Recreate") return { kind: "Recreate" };
  const { maxSurge = "25%", maxUnavailable = "25%" } = strategy.rollingUpdate ?? {};
  return { kind: "RollingUpdate", maxSurge, maxUnavailable };
}

const ReplicaSet = z.object({
  metadata: Metadata,
  spec: z.object({
    replicas: z.number().default(1),
    minReadySeconds: z.number().default(0),
    selector: AnyObject,
    template: AnyObject,
  }),
  status: z
    .looseObject({
      replicas: z.number().default(0),
      readyReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
    })
    .prefault({}),
});

export function decodeReplicaSet(raw: unknown): ReplicaSetView {
  const { metadata, spec, status } = ReplicaSet.parse(raw);
  return {
    meta: toMeta(metadata),
    ...spec,
    status,
    actual: status.replicas,
    ready: status.readyReplicas,
    available: status.availableReplicas,
  };
}

const Pod = z.object({
  metadata: Metadata,
  spec: z.object({
    nodeName: z.string().default(""),
    containers: z.array(z.object({ name: z.string(), image: z.string().default("") })),
  }),
  status: z
    .object({
      phase: z.string().default("Pending"),
      podIP: z.string().default(""),
      conditions: z.array(ConditionShape).default([]),
    })
    .prefault({}),
});

/** The status as it is stored: what is absent there must stay distinguishable. */
const Stored = z.object({ status: AnyObject.default({}) });

export function decodePod(raw: unknown): PodView {
  const { metadata, spec, status } = Pod.parse(raw);
  const ready = status.conditions.find((condition) => condition.type === "Ready");
  return {
    meta: toMeta(metadata),
    containers: spec.containers,
    nodeName: spec.nodeName,
    status: Stored.parse(raw).status,
    ip: status.podIP,
    ready: ready?.status === "True",
    readinessChangedAt: parseTime(ready?.lastTransitionTime),
    finished: status.phase === "Failed" || status.phase === "Succeeded",
  };
}

const Service = z.object({
  metadata: Metadata,
  spec: z
    .object({
      selector: Strings.nullish(),
      ports: z
        .array(
          z.object({
            name: z.string().default(""),
            port: z.number(),
            protocol: z.string().default("TCP"),
            targetPort: Size.optional(),
          }),
        )
        .default([]),
    })
    .prefault({}),
});

export function decodeService(raw: unknown): ServiceView {
  const { metadata, spec } = Service.parse(raw);
  return {
    meta: toMeta(metadata),
    selector: spec.selector ?? undefined,
    ports: spec.ports.map((port) => ({ ...port, targetPort: port.targetPort ?? port.port })),
  };
}
