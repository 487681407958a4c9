/** Which VirtualServices and rules of them Serin manages for a Canary: those it adopts, or the one it generates. */
import type { RouteScope } from "../../../ports/traffic-router.ts";

export interface ManagedReference {
  readonly name: string;
  readonly routes?: readonly string[] | undefined;
}

/** Name of the one rule of a generated VirtualService. */
export const generatedRule = "primary";

export function managedReferences({ routing, service }: RouteScope): readonly ManagedReference[] {
  const { generate, virtualServices = [] } = routing.istio ?? {};
  return generate === undefined ? virtualServices : [{ name: service, routes: [generatedRule] }];
}
