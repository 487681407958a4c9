/** Which rules of any VirtualService send to a Service, and so carry traffic whose weights Serin does not set. */
import type { Destination, VirtualServiceView } from "./decode.ts";
import { type ServiceKey, serviceOfHost } from "./host.ts";

/** Every Service that an object's rules send to: an index, so that nothing scans all objects. */
export function servicesReachedBy({ metadata, spec }: VirtualServiceView): readonly ServiceKey[] {
  const rules = [...spec.http, ...spec.tls, ...spec.tcp];
  const reached = rules.flatMap(({ route }) => reachedBy(route, metadata.namespace));
  return [...new Set(reached)];
}

/** Tells whether a rule other than the HTTP rules at `managed` sends to one of the Services. */
export function hasOtherRuleTo(
  { metadata, spec }: VirtualServiceView,
  managed: ReadonlySet<number>,
  services: readonly ServiceKey[],
): boolean {
  const others = [...spec.http.filter((_, index) => !managed.has(index)), ...spec.tls, ...spec.tcp];
  return others.some(({ route }) =>
    reachedBy(route, metadata.namespace).some((service) => services.includes(service)),
  );
}

function reachedBy(
  route: readonly { readonly destination: Destination }[],
  namespace: string,
): readonly ServiceKey[] {
  return route.flatMap(({ destination }) => serviceOfHost(destination.host, namespace) ?? []);
}
