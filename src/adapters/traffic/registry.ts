/** Every routing provider there is, by its name in spec.routing, and the one router that asks the right one. */
import type { Routing } from "../../api/canary-spec.ts";
import { known, missing } from "../../core/fact.ts";
import { StallError } from "../../ports/errors.ts";
import type { RouteScope, TrafficRouter } from "../../ports/traffic-router.ts";
import { createIstioRouter, type IstioRouterDeps } from "./istio/istio-router.ts";

type ProviderName = keyof Routing;

export interface TrafficRouterDeps {
  readonly istio: IstioRouterDeps;
}

export function createTrafficRouter(deps: TrafficRouterDeps): TrafficRouter {
  const providers: Readonly<Record<ProviderName, TrafficRouter>> = {
    istio: createIstioRouter(deps.istio),
  };
  return routerByProvider(providers);
}

function routerByProvider(providers: Readonly<Record<ProviderName, TrafficRouter>>): TrafficRouter {
  const find = ({ routing }: RouteScope): TrafficRouter | undefined =>
    routing.istio === undefined ? undefined : providers.istio;
  const get = (scope: RouteScope): TrafficRouter => {
    const router = find(scope);
    if (router === undefined) throw new StallError("Invalid", noProvider);
    return router;
  };
  return {
    observe: (scope) => find(scope)?.observe(scope) ?? missing("Invalid", noProvider),
    createObjects: async (scope, canaryWeight) => get(scope).createObjects(scope, canaryWeight),
    raise: async (scope, canaryWeight, resourceVersions) =>
      get(scope).raise(scope, canaryWeight, resourceVersions),
    mirror: async (scope, percentage, resourceVersions) =>
      get(scope).mirror(scope, percentage, resourceVersions),
    lower: async (scope, canaryWeight) => get(scope).lower(scope, canaryWeight),
    generatedRoute: (scope) => find(scope)?.generatedRoute(scope) ?? known("None"),
    removeGenerated: async (scope, part) => get(scope).removeGenerated(scope, part),
  };
}

const noProvider = "spec.routing names no provider";
