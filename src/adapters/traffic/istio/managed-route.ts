/**
 * Which destination of a rule is the primary's and which the canary's: told by host (`orders-primary`,
 * `orders-canary`) or by subset of the one host. Reads one VirtualService, nothing else.
 */
import { canarySuffix, primarySuffix } from "../../../api/names.ts";
import { known } from "../../../core/fact.ts";
import type { RouteScope } from "../../../ports/traffic-router.ts";
import type { Destination, RouteEntry, VirtualServiceView } from "./decode.ts";
import { serviceKey, serviceOfHost } from "./host.ts";
import { findHttpRules, nameOfRule, type PlacedRule } from "./http-rule.ts";
import { findMirror, type MirrorFound } from "./mirror.ts";
import { type Found, refuse, withYaml } from "./refusal.ts";

export type Form = "Host" | "Subset";

/** A rule whose weights Serin sets, with the places of the two destinations in its route. */
export interface ManagedRoute extends PlacedRule {
  readonly form: Form;
  readonly stable: number;
  readonly canary: number;
  /** Where Serin sends copies of this rule's requests. */
  readonly mirrorTo: Destination;
  readonly mirror: MirrorFound;
}

/** A destination as it should be: the Service's name in the scope's namespace, and in subset form the subset. */
export interface RoleDestination {
  readonly service: string;
  readonly subset?: string;
}

type Roles = Readonly<Record<"stable" | "canary", RoleDestination>>;

export function rolesOf(scope: RouteScope, form: Form): Roles {
  const { service, routing } = scope;
  if (form === "Host") {
    return {
      stable: { service: `${service}${primarySuffix}` },
      canary: { service: `${service}${canarySuffix}` },
    };
  }
  const { stableSubset = "stable", canarySubset = "canary" } = routing.istio?.destinationRule ?? {};
  return {
    stable: { service, subset: stableSubset },
    canary: { service, subset: canarySubset },
  };
}

/** The managed routes of one VirtualService; needs nothing that a rollback could miss. */
export function findManagedRoutes(
  object: VirtualServiceView,
  scope: RouteScope,
  names: readonly string[] | undefined,
): Found<readonly ManagedRoute[]> {
  const rules = findHttpRules(object, names);
  if (rules.kind === "Missing") return rules;
  const routes: ManagedRoute[] = [];
  for (const placed of rules.value) {
    const route = assignRoles(object, scope, placed);
    if (route.kind === "Missing") return route;
    routes.push(route.value);
  }
  return known(routes);
}

/**
 * Routes from which traffic can be taken off the canary. When somebody has renamed, added or changed rules since they
 * were accepted, these are all rules with both destinations: a rollback must not wait until people have mended them.
 */
export function findRoutesToLower(
  object: VirtualServiceView,
  scope: RouteScope,
  names: readonly string[] | undefined,
): Found<readonly ManagedRoute[]> {
  const managed = findManagedRoutes(object, scope, names);
  if (managed.kind === "Known") return managed;
  const routes = object.spec.http.flatMap(
    (rule, index) => placeRoles(scope, { rule, index }) ?? [],
  );
  return routes.length === 0 ? managed : known(routes);
}

function assignRoles(
  object: VirtualServiceView,
  scope: RouteScope,
  placed: PlacedRule,
): Found<ManagedRoute> {
  const elsewhere = placed.rule.route.find(({ destination }) => isElsewhere(destination, scope));
  if (elsewhere !== undefined) {
    return refuse(
      "Unsupported",
      `${nameOfRule(object, placed.rule)} sends to ${elsewhere.destination.host}, a Service of another namespace; ` +
        `let it send to Service ${scope.service} of namespace ${scope.namespace}, or keep Canary, workload and VirtualService in that Service's namespace`,
    );
  }
  const route = placeRoles(scope, placed);
  if (route === undefined) return refuse("DestinationMissing", adviceFor(object, scope, placed));
  return route.mirror.kind === "Foreign"
    ? refuse("RouteMirrored", adviceOnMirror(object, placed))
    : known(route);
}

/** Copies look like live requests to the pods that get them: those of others would be judged as the canary's. */
function adviceOnMirror(object: VirtualServiceView, { rule }: PlacedRule): string {
  return (
    `${nameOfRule(object, rule)} mirrors requests already: the copies would be counted as the canary's; ` +
    "remove mirror, mirrors, mirrorPercentage and mirrorPercent from it, and let a stage of the Canary mirror"
  );
}

function placeRoles(scope: RouteScope, placed: PlacedRule): ManagedRoute | undefined {
  for (const form of ["Host", "Subset"] as const) {
    const stable = placeOf(placed, scope, rolesOf(scope, form).stable);
    const canary = placeOf(placed, scope, rolesOf(scope, form).canary);
    const destination = canary === undefined ? undefined : placed.rule.route[canary]?.destination;
    if (stable === undefined || canary === undefined || destination === undefined) continue;
    const mirrorTo = mirrorDestination(scope, form, destination);
    const mirror = findMirror(placed.rule, mirrorTo);
    return { ...placed, form, stable, canary, mirrorTo, mirror };
  }
  return undefined;
}

/** The canary's destination as the rule has it; in subset form by the subset for copies, where there is one. */
function mirrorDestination({ routing }: RouteScope, form: Form, canary: Destination): Destination {
  const subset = routing.istio?.destinationRule?.shadowSubset;
  return form === "Host" || subset === undefined ? canary : { ...canary, subset };
}

function isElsewhere({ host }: Destination, { namespace }: RouteScope): boolean {
  const service = serviceOfHost(host, namespace);
  return service !== undefined && !service.startsWith(`${namespace}/`);
}

function placeOf(
  { rule }: PlacedRule,
  scope: RouteScope,
  role: RoleDestination,
): number | undefined {
  const place = rule.route.findIndex(({ destination }) => isRole(destination, scope, role));
  return place === -1 ? undefined : place;
}

function isRole(
  { host, subset }: Destination,
  { namespace }: RouteScope,
  role: RoleDestination,
): boolean {
  return (
    serviceOfHost(host, namespace) === serviceKey(namespace, role.service) && subset === role.subset
  );
}

/** The route as it must be. What is there stays as it is and keeps the traffic; at first that is the target. */
function adviceFor(object: VirtualServiceView, scope: RouteScope, placed: PlacedRule): string {
  const { route } = placed.rule;
  const isSubsetForm =
    scope.routing.istio?.destinationRule !== undefined ||
    route.some(({ destination }) => destination.subset !== undefined);
  const roles = rolesOf(scope, isSubsetForm ? "Subset" : "Host");
  const entryOf = (role: RoleDestination): RouteEntry | undefined =>
    route.find(({ destination }) => isRole(destination, scope, role));
  const port = route.find(({ destination }) => destination["port"] !== undefined)?.destination[
    "port"
  ];
  const made = ({ service, subset }: RoleDestination): Destination => ({
    host: service,
    ...(subset === undefined ? {} : { subset }),
    ...(port === undefined ? {} : { port }),
  });
  const stable = entryOf(roles.stable)?.destination;
  const canary = entryOf(roles.canary)?.destination;
  const stableWeight = stable === undefined ? 0 : 100;
  const lines = {
    route: [
      { destination: stable ?? made(roles.stable), weight: stableWeight },
      { destination: canary ?? made(roles.canary), weight: 100 - stableWeight },
    ],
  };
  return withYaml(
    `${nameOfRule(object, placed.rule)} must have the destinations of both versions. ${whatIsThere(route)}Make it:`,
    lines,
  );
}

function whatIsThere(route: readonly RouteEntry[]): string {
  const abbreviated = route.find(({ destination }) =>
    /^[^.]+\.[^.]+(\.svc)?$/.test(destination.host),
  );
  if (abbreviated === undefined) return "";
  const { host } = abbreviated.destination;
  return `Istio does not expand "${host}": write the name alone, or all of it up to the cluster's domain. `;
}
