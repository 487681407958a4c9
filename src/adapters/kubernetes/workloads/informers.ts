/** The caches that the adapter reads: Deployments, what scales them and what selects their pods. Pods are watched on demand only. */

import { createInformer, type Informer } from "../informer.ts";
import type { InformerDeps } from "../informer-deps.ts";
import { createOptionalInformer, type OptionalInformer } from "../kind-presence.ts";
import type { ResourceRef } from "../paths.ts";
import { keyOf, withoutManagedFields } from "../raw-object.ts";
import {
  type AutoscalerView,
  type DeploymentView,
  decodeAutoscaler,
  decodeDeployment,
} from "./decode.ts";
import { type SelectingInformers, selectingInformers } from "./selecting-objects.ts";

const appsResource = (plural: string): ResourceRef => ({
  group: "apps",
  version: "v1",
  plural,
  namespaced: true,
});
export const deployments = appsResource("deployments");
export const replicaSets = appsResource("replicasets");
export const controllerRevisions = appsResource("controllerrevisions");
export const pods: ResourceRef = { group: "", version: "v1", plural: "pods", namespaced: true };
const horizontalPodAutoscalers: ResourceRef = {
  group: "autoscaling",
  version: "v2",
  plural: "horizontalpodautoscalers",
  namespaced: true,
};
const scaledObjects: ResourceRef = {
  group: "keda.sh",
  version: "v1alpha1",
  plural: "scaledobjects",
  namespaced: true,
};

/** Index of autoscalers by the Deployment that they scale. */
export const byDeployment = "byDeployment";

export interface WorkloadInformers extends SelectingInformers {
  readonly deployments: Informer<DeploymentView>;
  readonly horizontalPodAutoscalers: Informer<AutoscalerView>;
  /** KEDA's; the cluster may not have the kind. */
  readonly scaledObjects: OptionalInformer<AutoscalerView>;
}

/** To be started and stopped by the caller. */
export function workloadInformers(deps: InformerDeps): WorkloadInformers {
  const autoscaler = { decode: decodeAutoscaler, indexes: { [byDeployment]: scaledDeployments } };
  return {
    ...selectingInformers(deps),
    deployments: createInformer({
      ...deps,
      resource: deployments,
      decode: decodeDeployment,
      keep: withoutManagedFields,
    }),
    horizontalPodAutoscalers: createInformer({
      ...deps,
      ...autoscaler,
      resource: horizontalPodAutoscalers,
    }),
    scaledObjects: createOptionalInformer({ ...deps, ...autoscaler, resource: scaledObjects }),
  };
}

function scaledDeployments({ metadata, spec }: AutoscalerView): readonly string[] {
  const { apiVersion, kind, name } = spec.scaleTargetRef;
  return kind === "Deployment" && apiVersion.startsWith("apps/")
    ? [keyOf(metadata.namespace, name)]
    : [];
}
