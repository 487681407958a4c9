/** The caches as the adapter reads them. */
import type { InformerReads } from "../../kubernetes/informer.ts";
import type { OptionalInformer } from "../../kubernetes/kind-presence.ts";
import type { DestinationRuleView, ServiceView, VirtualServiceView } from "./decode.ts";

export interface IstioReads {
  readonly virtualServices: InformerReads<VirtualServiceView> &
    Pick<OptionalInformer<VirtualServiceView>, "isServed">;
  readonly destinationRules: InformerReads<DestinationRuleView>;
  readonly services: InformerReads<ServiceView>;
}
