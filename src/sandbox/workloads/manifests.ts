/** The ReplicaSet that a Deployment's template asks for, and the Pod that a ReplicaSet's template asks for, as JSON. */
import type { DeploymentView, ObjectMeta, ReplicaSetView } from "./decode.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import { nodeName } from "./pod-status.ts";
import { templateHash, templateHashLabel, withHash } from "./template-hash.ts";

export const revisionAnnotation = "deployment.kubernetes.io/revision";
const desiredAnnotation = "deployment.kubernetes.io/desired-replicas";
const maxAnnotation = "deployment.kubernetes.io/max-replicas";

/** Annotations of a Deployment that its ReplicaSets do not share. */
const ownAnnotations = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  revisionAnnotation,
  desiredAnnotation,
  maxAnnotation,
  "deprecated.deployment.rollback.to",
]);

export interface Sizing {
  readonly replicas: number;
  /** What the Deployment wants, without and with surge. */
  readonly desired: number;
  readonly max: number;
}

export function replicaSetManifest(
  deployment: DeploymentView,
  sizing: Sizing,
  revision: number,
): JsonObject {
  const { meta, selector, template } = deployment;
  const hash = templateHash(template);
  const labelled = withHash(template, hash);
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      namespace: meta.namespace,
      name: `${meta.name}-${hash}`,
      labels: labelsOf(labelled),
      annotations: {
        ...sharedAnnotations(deployment),
        ...sizeAnnotations(sizing),
        [revisionAnnotation]: String(revision),
      },
      ownerReferences: [ownerReference("Deployment", meta)],
    },
    spec: {
      replicas: sizing.replicas,
      minReadySeconds: deployment.minReadySeconds,
      selector: withHashSelector(selector, hash),
      template: labelled,
    },
  };
}

export function sharedAnnotations(deployment: DeploymentView): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(deployment.meta.annotations).filter(([key]) => !ownAnnotations.has(key)),
  );
}

export function sizeAnnotations(sizing: Sizing): Readonly<Record<string, string>> {
  return { [desiredAnnotation]: String(sizing.desired), [maxAnnotation]: String(sizing.max) };
}

/** How many pods (with surge) the Deployment wanted when it last sized the set; undefined if it never said. */
export function sizedFor(set: ReplicaSetView): number | undefined {
  return wholeNumber(set.meta.annotations[maxAnnotation]);
}

/** How many pods the Deployment wanted when it last sized the set; undefined if it never said. */
export function desiredWhenSized(set: ReplicaSetView): number | undefined {
  return wholeNumber(set.meta.annotations[desiredAnnotation]);
}

/** 0 if there is none. */
export function revisionOf(meta: ObjectMeta): number {
  return wholeNumber(meta.annotations[revisionAnnotation]) ?? 0;
}

export function podManifest(set: ReplicaSetView, suffix: string): JsonObject {
  const { template, meta } = set;
  const metadata = objectAt(template, "metadata");
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace: meta.namespace,
      name: `${meta.name}-${suffix}`,
      labels: labelsOf(template),
      annotations: objectAt(metadata, "annotations"),
      ownerReferences: [ownerReference("ReplicaSet", meta)],
    },
    spec: { ...objectAt(template, "spec"), nodeName },
  };
}

function ownerReference(kind: string, owner: ObjectMeta): JsonObject {
  return {
    apiVersion: "apps/v1",
    kind,
    name: owner.name,
    uid: owner.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

function withHashSelector(selector: JsonObject, hash: string): JsonObject {
  const matchLabels = { ...objectAt(selector, "matchLabels"), [templateHashLabel]: hash };
  return { ...selector, matchLabels };
}

function labelsOf(template: JsonObject): JsonObject {
  return objectAt(objectAt(template, "metadata"), "labels");
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : {};
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
