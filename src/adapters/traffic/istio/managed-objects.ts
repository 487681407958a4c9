/** The VirtualServices that Serin manages for a Canary, with what their weights say, and who else sends to the Service. */
import type { Routes } from "../../../core/canary/snapshot.ts";
import { known, type Missing } from "../../../core/fact.ts";
import type { RouteScope } from "../../../ports/traffic-router.ts";
import type { Decoded } from "../../kubernetes/informer-cache.ts";
import { keyOf } from "../../kubernetes/raw-object.ts";
import type { VirtualServiceView } from "./decode.ts";
import { type ServiceKey, serviceKey } from "./host.ts";
import { nameOfObject, nameOfRule } from "./http-rule.ts";
import { byServiceReached } from "./informers.ts";
import { managedReferences } from "./managed-reference.ts";
import { type Form, findManagedRoutes, type ManagedRoute, rolesOf } from "./managed-route.ts";
import { hasOtherRuleTo } from "./reach.ts";
import type { IstioReads } from "./reads.ts";
import { type Found, refuse } from "./refusal.ts";
import { findWriter } from "./route-writer.ts";
import { canaryWeightOf, isExplicit } from "./weights.ts";

/** A VirtualService with the routes in it that Serin manages. */
export interface ManagedObject {
  readonly key: string;
  readonly object: Decoded<VirtualServiceView>;
  readonly routes: readonly ManagedRoute[];
}

/** The VirtualServices of the spec with their managed routes, all of one form. */
export function findManagedObjects(
  scope: RouteScope,
  { virtualServices }: IstioReads,
): Found<readonly ManagedObject[]> {
  const objects: ManagedObject[] = [];
  for (const { name, routes: names } of managedReferences(scope)) {
    const object = virtualServices.get(scope.namespace, name);
    if (object === undefined) return whyNotThere(scope.namespace, name, virtualServices);
    const routes = findManagedRoutes(object.view, scope, names);
    if (routes.kind === "Missing") return routes;
    objects.push({ key: keyOf(scope.namespace, name), object, routes: routes.value });
  }
  const [first, ...others] = objects.flatMap(({ object, routes }) =>
    routes.map(({ form, rule }) => ({ form, name: nameOfRule(object.view, rule) })),
  );
  if (first === undefined) {
    return refuse("VirtualServiceNotFound", "spec.routing.istio names no VirtualService");
  }
  const other = others.find(({ form }) => form !== first.form);
  return other === undefined ? known(objects) : refuse("Unsupported", twoForms(first, other));
}

type NamedForm = { readonly form: Form; readonly name: string };

function twoForms(first: NamedForm, other: NamedForm): string {
  const how = ({ form }: NamedForm): string => (form === "Host" ? "by host" : "by subset");
  return (
    `all managed routes must tell the versions apart in one way: ${first.name} does it ${how(first)}, ` +
    `${other.name} ${how(other)}; change one of them`
  );
}

export function whyNotThere(
  namespace: string,
  name: string,
  virtualServices: IstioReads["virtualServices"],
): Missing {
  const key = keyOf(namespace, name);
  const problem = virtualServices.problems().find((one) => one.key === key);
  if (problem !== undefined) {
    return refuse("Unsupported", `VirtualService ${key} cannot be read: ${problem.message}`);
  }
  const because = virtualServices.isServed()
    ? "does not exist"
    : "cannot exist: the cluster has no kind VirtualService in networking.istio.io/v1; is Istio installed?";
  return refuse("VirtualServiceNotFound", `VirtualService ${key} ${because}`);
}

/** What the managed routes say, over all objects: the largest weight, whether all say the same. */
export function weightsOf(
  objects: readonly ManagedObject[],
): Pick<Routes, "canaryWeight" | "isUniform" | "mirror" | "writer" | "resourceVersions"> {
  const routes = objects.flatMap((object) => object.routes);
  const weights = routes.map(canaryWeightOf);
  return {
    canaryWeight: Math.max(...weights),
    isUniform: routes.every(isExplicit) && new Set(weights).size === 1,
    mirror: mirrorOf(routes),
    writer: findWriter(objects.map(({ object }) => object.raw)),
    resourceVersions: Object.fromEntries(
      objects.map(({ key, object }) => [key, object.view.metadata.resourceVersion]),
    ),
  };
}

/** Serin's copies over all managed routes; one of others is refused before. */
function mirrorOf(routes: readonly ManagedRoute[]): Routes["mirror"] {
  const percentages = routes.map(({ mirror }) => (mirror.kind === "Ours" ? mirror.percentage : 0));
  const percentage = Math.max(...percentages);
  if (percentage === 0) return undefined;
  return { percentage, isUniform: new Set(percentages).size === 1 };
}

/** The Services by which requests may come to the versions. */
export function servicesOf(scope: RouteScope): readonly ServiceKey[] {
  const { stable, canary } = rolesOf(scope, "Host");
  return [scope.service, stable.service, canary.service].map((name) =>
    serviceKey(scope.namespace, name),
  );
}

/** Name of a VirtualService with a rule, other than the managed ones, that sends to one of the Services. */
export function findUnmanagedRule(
  { virtualServices }: IstioReads,
  objects: readonly ManagedObject[],
  services: readonly ServiceKey[],
): string | undefined {
  const found = services
    .flatMap((service) => virtualServices.byIndex(byServiceReached, service))
    .find(({ view }) => {
      const key = keyOf(view.metadata.namespace, view.metadata.name);
      const managed = objects.find((object) => object.key === key)?.routes ?? [];
      return hasOtherRuleTo(view, new Set(managed.map(({ index }) => index)), services);
    });
  return found === undefined ? undefined : nameOfObject(found.view);
}
