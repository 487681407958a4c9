/** The caches that the adapter reads: which kinds, and how their objects are found. */

import { createInformer, type Informer } from "../../kubernetes/informer.ts";
import type { InformerDeps } from "../../kubernetes/informer-deps.ts";
import { createOptionalInformer, type OptionalInformer } from "../../kubernetes/kind-presence.ts";
import type { ResourceRef } from "../../kubernetes/paths.ts";
import { withoutManagedFields } from "../../kubernetes/raw-object.ts";
import { byLabelSelected, labelsSelected } from "../../kubernetes/workloads/neighbours.ts";
import {
  type DestinationRuleView,
  decodeDestinationRule,
  decodeService,
  decodeVirtualService,
  type ServiceView,
  type VirtualServiceView,
} from "./decode.ts";
import { type ServiceKey, serviceOfHost } from "./host.ts";
import { servicesReachedBy } from "./reach.ts";

export const virtualServices: ResourceRef = {
  group: "networking.istio.io",
  version: "v1",
  plural: "virtualservices",
  namespaced: true,
};
export const destinationRules: ResourceRef = { ...virtualServices, plural: "destinationrules" };
export const services: ResourceRef = {
  group: "",
  version: "v1",
  plural: "services",
  namespaced: true,
};

/** Index of VirtualServices by the Services that their rules send to. */
export const byServiceReached = "byServiceReached";
/** Index of DestinationRules by the Service that their host means. */
export const byServiceCalled = "byServiceCalled";

export interface IstioInformers {
  /** Without Istio the cluster does not have the kind. */
  readonly virtualServices: OptionalInformer<VirtualServiceView>;
  readonly destinationRules: OptionalInformer<DestinationRuleView>;
  readonly services: Informer<ServiceView>;
}

/** To be started and stopped by the caller. */
export function istioInformers(deps: InformerDeps): IstioInformers {
  return {
    virtualServices: createOptionalInformer({
      ...deps,
      resource: virtualServices,
      decode: decodeVirtualService,
      indexes: { [byServiceReached]: servicesReachedBy },
    }),
    destinationRules: createOptionalInformer({
      ...deps,
      resource: destinationRules,
      decode: decodeDestinationRule,
      keep: withoutManagedFields,
      indexes: { [byServiceCalled]: servicesCalled },
    }),
    services: createInformer({
      ...deps,
      resource: services,
      decode: decodeService,
      keep: withoutManagedFields,
      indexes: { [byLabelSelected]: labelsSelected },
    }),
  };
}

function servicesCalled({ metadata, spec }: DestinationRuleView): readonly ServiceKey[] {
  const service = serviceOfHost(spec.host, metadata.namespace);
  return service === undefined ? [] : [service];
}
