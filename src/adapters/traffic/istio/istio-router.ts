/** Divides live traffic by the weights of VirtualServices, those that users own and those that Serin generates. */
import type { TrafficRouter } from "../../../ports/traffic-router.ts";
import type { Transport } from "../../kubernetes/transport.ts";
import { observeGeneratedRoute } from "./observe-generated.ts";
import { observeRoutes } from "./observe-routes.ts";
import type { IstioReads } from "./reads.ts";
import { removeGenerated } from "./remove-generated.ts";
import { writeGenerated } from "./write-generated.ts";
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
    createObjects: (scope, canaryWeight) =>
      scope.routing.istio?.generate === undefined
        ? writeRoleServices(deps, scope)
        : writeGenerated(deps, scope, { canaryWeight }),
    raise: (scope, canaryWeight, resourceVersions) =>
      raiseWeights(deps, scope, canaryWeight, resourceVersions),
    mirror: (scope, percentage, resourceVersions) =>
      mirrorRequests(deps, scope, percentage, resourceVersions),
    lower: (scope, canaryWeight) => lowerWeights(deps, scope, canaryWeight),
    generatedRoute: (scope) => observeGeneratedRoute(scope, informers),
    removeGenerated: (scope, part) => removeGenerated(deps, scope, part),
  };
}
