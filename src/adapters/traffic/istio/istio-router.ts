/** Divides live traffic by the weights of VirtualServices that users own. */
import type { TrafficRouter } from "../../../ports/traffic-router.ts";
import type { Transport } from "../../kubernetes/transport.ts";
import { type IstioReads, observeRoutes } from "./observe-routes.ts";
import { writeRoleServices } from "./write-services.ts";
import { lowerWeights, mirrorRequests, raiseWeights } from "./write-weights.ts";

export interface IstioRouterDeps {
  readonly transport: Transport;
  /** Made by istioInformers, started by whoever made them. */
  readonly informers: IstioReads;
}

export function createIstioRouter({ transport, informers }: IstioRouterDeps): TrafficRouter {
  const deps = { transport, reads: informers };
  return {
    observe: (scope) => observeRoutes(scope, informers),
    createServices: (scope) => writeRoleServices(deps, scope),
    raise: (scope, canaryWeight, resourceVersions) =>
      raiseWeights(deps, scope, canaryWeight, resourceVersions),
    mirror: (scope, percentage, resourceVersions) =>
      mirrorRequests(deps, scope, percentage, resourceVersions),
    lower: (scope, canaryWeight) => lowerWeights(deps, scope, canaryWeight),
    // Adopted objects are their owners': there is nothing of Serin's to take away.
    removeGenerated: () => Promise.resolve(),
  };
}
