/** Rules that Serin does not manage and that lead to the canary's pods all the same: named for people, never written. */
import type { RouteScope } from "../../../ports/traffic-router.ts";
import type { RouteEntry, VirtualServiceView } from "./decode.ts";
import { serviceKey, serviceOfHost } from "./host.ts";
import { nameOfObject, nameOfRule } from "./http-rule.ts";
import { byServiceReached } from "./informers.ts";
import { MAX_NAMED_ROUTES } from "./limits.ts";
import type { ManagedObject } from "./managed-objects.ts";
import { type Form, rolesOf } from "./managed-route.ts";
import type { IstioReads } from "./reads.ts";

type Reaches = (entry: Pick<RouteEntry, "destination">, namespace: string) => boolean;

/** At most three, each with its share where it has one; delegates and rules of the managed objects too. */
export function findOtherRoutes(
  scope: RouteScope,
  { virtualServices }: Pick<IstioReads, "virtualServices">,
  objects: readonly ManagedObject[],
): readonly string[] {
  const form = objects[0]?.routes[0]?.form ?? "Subset";
  const reaches = reachesCanary(scope, form);
  const managed = new Map(
    objects.map(({ object, routes }) => [
      object.view.metadata.uid,
      new Set(routes.map(({ index }) => index)),
    ]),
  );
  const services = [scope.service, rolesOf(scope, form).canary.service];
  const found = services.flatMap((service) =>
    virtualServices.byIndex(byServiceReached, serviceKey(scope.namespace, service)),
  );
  const names = found.flatMap(({ view }) =>
    rulesTo(view, managed.get(view.metadata.uid) ?? new Set(), reaches),
  );
  return [...new Set(names)].slice(0, MAX_NAMED_ROUTES);
}

/** By its own destination, or by the Service of both versions without a subset, which selects its pods too. */
function reachesCanary(scope: RouteScope, form: Form): Reaches {
  const { canary } = rolesOf(scope, form);
  const own = serviceKey(scope.namespace, canary.service);
  const both = serviceKey(scope.namespace, scope.service);
  return ({ destination: { host, subset } }, namespace) => {
    const service = serviceOfHost(host, namespace);
    return (
      (service === own && subset === canary.subset) || (service === both && subset === undefined)
    );
  };
}

function rulesTo(
  view: VirtualServiceView,
  managed: ReadonlySet<number>,
  reaches: Reaches,
): readonly string[] {
  const { http, tls, tcp } = view.spec;
  const { namespace } = view.metadata;
  const named = http.flatMap((rule, index) => {
    const share = managed.has(index) ? 0 : shareOf(rule.route, namespace, reaches);
    if (share === 0) return [];
    return [`${nameOfRule(view, rule)}${share === 100 ? "" : ` (${share} %)`}`];
  });
  const isConnected = [...tls, ...tcp].some(({ route }) =>
    route.some((entry) => reaches(entry, namespace)),
  );
  return isConnected ? [...named, `${nameOfObject(view)}, a TLS or TCP rule`] : named;
}

/** Percent of the rule's requests; the only destination gets all of them, whatever weight it has. */
function shareOf(route: readonly RouteEntry[], namespace: string, reaches: Reaches): number {
  const led = route.filter((entry) => reaches(entry, namespace));
  if (led.length === route.length) return led.length === 0 ? 0 : 100;
  const sum = (entries: readonly RouteEntry[]) =>
    entries.reduce((total, { weight = 0 }) => total + weight, 0);
  const total = sum(route);
  return total === 0 ? 0 : Math.round((100 * sum(led)) / total);
}
