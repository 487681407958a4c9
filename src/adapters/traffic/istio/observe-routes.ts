/** Everything the core is told about a Canary's routes, from the caches alone. */
import type { Routes } from "../../../core/canary/snapshot.ts";
import { type Fact, known, type Missing, unknown } from "../../../core/fact.ts";
import type { RouteScope } from "../../../ports/traffic-router.ts";
import type { InformerReads } from "../../kubernetes/informer.ts";
import type { Decoded } from "../../kubernetes/informer-cache.ts";
import type { OptionalInformer } from "../../kubernetes/kind-presence.ts";
import { keyOf } from "../../kubernetes/raw-object.ts";
import { checkApexService } from "./apex-service.ts";
import type { DestinationRuleView, ServiceView, VirtualServiceView } from "./decode.ts";
import { type ServiceKey, serviceKey } from "./host.ts";
import { nameOfObject } from "./http-rule.ts";
import { byServiceReached } from "./informers.ts";
import { type Form, findManagedRoutes, type ManagedRoute, rolesOf } from "./managed-route.ts";
import { hasOtherRuleTo } from "./reach.ts";
import { type Found, refuse } from "./refusal.ts";
import { findMissingServices, planRoleServices } from "./role-services.ts";
import { checkSubsets } from "./subsets.ts";
import { canaryWeightOf, isExplicit } from "./weights.ts";

export interface IstioReads {
  readonly virtualServices: InformerReads<VirtualServiceView> &
    Pick<OptionalInformer<VirtualServiceView>, "isServed">;
  readonly destinationRules: InformerReads<DestinationRuleView>;
  readonly services: InformerReads<ServiceView>;
}

/** A VirtualService with the routes in it that Serin manages. */
export interface ManagedObject {
  readonly key: string;
  readonly object: Decoded<VirtualServiceView>;
  readonly routes: readonly ManagedRoute[];
}

export function observeRoutes(scope: RouteScope, reads: IstioReads): Fact<Routes> {
  const notYet = whatIsUnread(reads);
  if (notYet !== undefined) return unknown(`the ${notYet} have not been read yet`);
  const objects = findManagedObjects(scope, reads);
  if (objects.kind === "Missing") return objects;
  const missingServices = checkSurroundings(scope, reads, objects.value);
  if (missingServices.kind === "Missing") return missingServices;
  const routes = objects.value.flatMap((object) => object.routes);
  const weights = routes.map(canaryWeightOf);
  return known({
    canaryWeight: Math.max(...weights),
    isUniform: routes.every(isExplicit) && new Set(weights).size === 1,
    hasUnmanagedRules: findUnmanagedRule(reads, objects.value, servicesOf(scope)) !== undefined,
    missingServices: missingServices.value,
    resourceVersions: Object.fromEntries(
      objects.value.map(({ key, object }) => [key, object.view.metadata.resourceVersion]),
    ),
  });
}

function whatIsUnread(reads: IstioReads): string | undefined {
  if (!reads.virtualServices.hasSynced()) return "VirtualServices";
  if (!reads.destinationRules.hasSynced()) return "DestinationRules";
  return reads.services.hasSynced() ? undefined : "Services";
}

/** The VirtualServices of the spec with their managed routes, all of one form. */
export function findManagedObjects(
  scope: RouteScope,
  { virtualServices }: IstioReads,
): Found<readonly ManagedObject[]> {
  const references = scope.routing.istio?.virtualServices ?? [];
  const objects: ManagedObject[] = [];
  for (const { name, routes: names } of references) {
    const object = virtualServices.get(scope.namespace, name);
    if (object === undefined) return whyNotThere(scope.namespace, name, virtualServices);
    const routes = findManagedRoutes(object.view, scope, names);
    if (routes.kind === "Missing") return routes;
    objects.push({ key: keyOf(scope.namespace, name), object, routes: routes.value });
  }
  const forms = new Set(objects.flatMap(({ routes }) => routes.map(({ form }) => form)));
  if (forms.size === 1) return known(objects);
  return forms.size === 0
    ? refuse("VirtualServiceNotFound", "spec.routing.istio names no VirtualService")
    : refuse(
        "Unsupported",
        "all managed routes must tell the versions apart in one way: by host or by subset",
      );
}

function whyNotThere(
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

/** What the form of the routes needs besides; the value names the Services to create. */
function checkSurroundings(
  scope: RouteScope,
  reads: IstioReads,
  objects: readonly ManagedObject[],
): Found<readonly string[]> {
  const form: Form = objects[0]?.routes[0]?.form ?? "Host";
  const { namespace, service } = scope;
  const apex = reads.services.get(namespace, service);
  const reachedBy = findUnmanagedRule(reads, objects, [serviceKey(namespace, service)]);
  const checked = checkApexService(scope, apex?.view, { form, reachedBy });
  if (checked.kind === "Missing" || apex === undefined) {
    return checked.kind === "Missing" ? checked : known([]);
  }
  if (form === "Subset") {
    const rules = reads.destinationRules.list(namespace).map(({ view }) => view);
    const subsets = checkSubsets(scope, checked.value, rules);
    return subsets.kind === "Missing" ? subsets : known([]);
  }
  const find = (name: string): Decoded<ServiceView> | undefined =>
    reads.services.get(namespace, name);
  return findMissingServices(scope, planRoleServices(scope, apex, find));
}

function servicesOf(scope: RouteScope): readonly ServiceKey[] {
  const { stable, canary } = rolesOf(scope, "Host");
  return [scope.service, stable.service, canary.service].map((name) =>
    serviceKey(scope.namespace, name),
  );
}

/** Name of a VirtualService with a rule, other than the managed ones, that sends to one of the Services. */
function findUnmanagedRule(
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
