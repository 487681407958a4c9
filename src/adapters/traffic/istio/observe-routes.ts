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
import { nameOfObject, nameOfRule } from "./http-rule.ts";
import { byServiceCalled, byServiceReached } from "./informers.ts";
import { type Form, findManagedRoutes, type ManagedRoute, rolesOf } from "./managed-route.ts";
import { hasOtherRuleTo } from "./reach.ts";
import { type Found, refuse } from "./refusal.ts";
import { findMissingServices, planRoleServices } from "./role-services.ts";
import { checkSubsets, type RulesFound } from "./subsets.ts";
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
    mirror: mirrorOf(routes),
    hasUnmanagedRules: findUnmanagedRule(reads, objects.value, servicesOf(scope)) !== undefined,
    missingServices: missingServices.value,
    resourceVersions: Object.fromEntries(
      objects.value.map(({ key, object }) => [key, object.view.metadata.resourceVersion]),
    ),
  });
}

/** Serin's copies over all managed routes; one of others is refused before. */
function mirrorOf(routes: readonly ManagedRoute[]): Routes["mirror"] {
  const percentages = routes.map(({ mirror }) => (mirror.kind === "Ours" ? mirror.percentage : 0));
  const percentage = Math.max(...percentages);
  if (percentage === 0) return undefined;
  return { percentage, isUniform: new Set(percentages).size === 1 };
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
    const subsets = checkSubsets(scope, checked.value, rulesFor(scope, reads));
    return subsets.kind === "Missing" ? subsets : known([]);
  }
  const find = (name: string): Decoded<ServiceView> | undefined =>
    reads.services.get(namespace, name);
  return findMissingServices(scope, planRoleServices(scope, apex, find));
}

/** Those of the Service's subsets, by index: a namespace may have hundreds. */
function rulesFor(scope: RouteScope, { destinationRules }: IstioReads): RulesFound {
  const { namespace, service, routing } = scope;
  const name = routing.istio?.destinationRule?.name;
  return {
    ofService: destinationRules
      .byIndex(byServiceCalled, serviceKey(namespace, service))
      .map(({ view }) => view)
      .filter(({ metadata }) => metadata.namespace === namespace),
    named: name === undefined ? undefined : destinationRules.get(namespace, name)?.view,
  };
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
