/** What the core is told about routes that Serin generates: also what of them is to be made or mended first. */
import type { Routes } from "../../../core/canary/snapshot.ts";
import { type Fact, known, unknown } from "../../../core/fact.ts";
import type { RouteScope } from "../../../ports/traffic-router.ts";
import { findManagedObjects, findUnmanagedRule, servicesOf, weightsOf } from "./managed-objects.ts";
import { findOtherRoutes } from "./other-routes.ts";
import { isOurs, liveRoute, planGenerated } from "./plan-generated.ts";
import type { IstioReads } from "./reads.ts";
import { findWriter } from "./route-writer.ts";
import { canaryWeightOf } from "./weights.ts";

export function observeGenerated(scope: RouteScope, reads: IstioReads): Fact<Routes> {
  const planned = planGenerated(scope, reads, 0);
  if (planned.kind === "Missing") return planned;
  const objects = findManagedObjects(scope, reads);
  const managed = objects.kind === "Known" ? objects.value : [];
  const route = liveRoute(scope, reads);
  return known({
    ...(managed.length > 0
      ? weightsOf(managed)
      : {
          canaryWeight: route === undefined ? 0 : canaryWeightOf(route),
          // Until the rule is as it must be, nobody is to believe its weights.
          isUniform: false,
          mirror: undefined,
          writer: findWriter([]),
          resourceVersions: {},
        }),
    hasUnmanagedRules: findUnmanagedRule(reads, managed, servicesOf(scope)) !== undefined,
    otherRoutes: findOtherRoutes(scope, reads, managed),
    missingObjects: planned.value
      .filter(({ isToWrite }) => isToWrite)
      .map(({ kind }) => `${kind} ${scope.service}`),
  });
}

/** One that is being deleted, and held by somebody, is there still: proxies go by it. */
export function observeGeneratedRoute(
  scope: RouteScope,
  { virtualServices }: IstioReads,
): Fact<"There" | "None"> {
  if (scope.routing.istio?.generate === undefined) return known("None");
  if (!virtualServices.hasSynced()) return unknown("the VirtualServices have not been read yet");
  const found = virtualServices.get(scope.namespace, scope.service);
  return known(found !== undefined && isOurs(scope, found) ? "There" : "None");
}
