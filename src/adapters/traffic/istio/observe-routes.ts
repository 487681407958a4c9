/** Everything the core is told about a Canary's routes, from the caches alone. */
import type { Routes } from "../../../core/canary/snapshot.ts";
import { type Fact, known, unknown } from "../../../core/fact.ts";
import type { RouteScope } from "../../../ports/traffic-router.ts";
import type { Decoded } from "../../kubernetes/informer-cache.ts";
import { checkApexService } from "./apex-service.ts";
import type { ServiceView } from "./decode.ts";
import { serviceKey } from "./host.ts";
import { byServiceCalled } from "./informers.ts";
import {
  findManagedObjects,
  findUnmanagedRule,
  type ManagedObject,
  servicesOf,
  weightsOf,
} from "./managed-objects.ts";
import type { Form } from "./managed-route.ts";
import { observeGenerated } from "./observe-generated.ts";
import { findOtherRoutes } from "./other-routes.ts";
import type { IstioReads } from "./reads.ts";
import type { Found } from "./refusal.ts";
import { findMissingServices, planRoleServices } from "./role-services.ts";
import { checkSubsets, type RulesFound } from "./subsets.ts";

export function observeRoutes(scope: RouteScope, reads: IstioReads): Fact<Routes> {
  const notYet = whatIsUnread(reads);
  if (notYet !== undefined) return unknown(`the ${notYet} have not been read yet`);
  if (scope.routing.istio?.generate !== undefined) return observeGenerated(scope, reads);
  const objects = findManagedObjects(scope, reads);
  if (objects.kind === "Missing") return objects;
  const missingObjects = checkSurroundings(scope, reads, objects.value);
  if (missingObjects.kind === "Missing") return missingObjects;
  return known({
    ...weightsOf(objects.value),
    hasUnmanagedRules: findUnmanagedRule(reads, objects.value, servicesOf(scope)) !== undefined,
    otherRoutes: findOtherRoutes(scope, reads, objects.value),
    missingObjects: missingObjects.value,
  });
}

function whatIsUnread(reads: IstioReads): string | undefined {
  if (!reads.virtualServices.hasSynced()) return "VirtualServices";
  if (!reads.destinationRules.hasSynced()) return "DestinationRules";
  return reads.services.hasSynced() ? undefined : "Services";
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
