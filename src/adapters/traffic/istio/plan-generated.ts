/**
 * The generated objects beside what is there: which are to be written, and whose name somebody else has. Nothing that
 * Serin did not make is ever taken over.
 */
import { isDeepStrictEqual } from "node:util";
import { canaryLabel, generatedHashAnnotation } from "../../../api/names.ts";
import { known, type Missing } from "../../../core/fact.ts";
import type { RouteScope } from "../../../ports/traffic-router.ts";
import { isRecord, type RawObject } from "../../kubernetes/raw-object.ts";
import { checkApexService } from "./apex-service.ts";
import {
  destinationRuleSpec,
  type Fields,
  hashOf,
  serviceSpec,
  virtualServiceSpec,
} from "./generated.ts";
import { serviceKey, serviceOfHost } from "./host.ts";
import { byServiceCalled, byServiceReached } from "./informers.ts";
import { whyNotThere } from "./managed-objects.ts";
import { generatedRule } from "./managed-reference.ts";
import { findRoutesToLower, type ManagedRoute } from "./managed-route.ts";
import type { IstioReads } from "./reads.ts";
import { type Found, refuse, withYaml } from "./refusal.ts";

/** An object as it must be, and what of it is there. */
export interface PlannedObject {
  readonly kind: "Service" | "DestinationRule" | "VirtualService";
  readonly spec: Fields;
  readonly hash: string;
  readonly existing: Existing | undefined;
  readonly isToWrite: boolean;
}

interface Existing {
  readonly raw: RawObject;
  readonly view: {
    readonly metadata: {
      readonly namespace: string;
      readonly name: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    };
  };
}

/** In the order in which they are made: nothing may send to what is not there. A Service that users own is not among them. */
export function planGenerated(
  scope: RouteScope,
  reads: IstioReads,
  canaryWeight: number,
): Found<readonly PlannedObject[]> {
  const generate = scope.routing.istio?.generate;
  if (generate === undefined) return known([]);
  const { namespace, service: name } = scope;
  if (!reads.virtualServices.isServed()) return whyNotThere(namespace, name, reads.virtualServices);
  const taken = findTaken(scope, reads);
  if (taken !== undefined) return taken;
  const service = planService(scope, reads);
  if (service.kind === "Missing") return service;
  const live = liveRoute(scope, reads);
  const route = virtualServiceSpec(scope, generate, live, canaryWeight);
  const asked = hashOf(virtualServiceSpec(scope, generate, undefined, 0));
  return known([
    ...service.value,
    plan(
      "DestinationRule",
      destinationRuleSpec(scope, generate),
      reads.destinationRules.get(namespace, name),
    ),
    plan("VirtualService", route, reads.virtualServices.get(namespace, name), asked),
  ]);
}

/** The generated rule as it is, wherever it stands and whoever changed it; undefined when there is none. */
export function liveRoute(
  scope: RouteScope,
  { virtualServices }: IstioReads,
): ManagedRoute | undefined {
  const object = virtualServices.get(scope.namespace, scope.service);
  if (object === undefined) return undefined;
  const routes = findRoutesToLower(object.view, scope, [generatedRule]);
  return routes.kind === "Known" ? routes.value[0] : undefined;
}

export function isOurs({ canary }: RouteScope, { view }: Pick<Existing, "view">): boolean {
  return view.metadata.labels[canaryLabel] === canary;
}

function plan(
  kind: PlannedObject["kind"],
  spec: Fields,
  existing: Existing | undefined,
  hash = hashOf(spec),
): PlannedObject {
  const isAsked =
    existing?.view.metadata.annotations[generatedHashAnnotation] === hash &&
    covers(spec, existing.raw["spec"], kind === "Service");
  return { kind, spec, hash, existing, isToWrite: !isAsked };
}

/** Fields that others added stay. Lists of Istio's kinds have one owner, so that they are as asked or not at all. */
function covers(asked: unknown, live: unknown, areListsMerged: boolean): boolean {
  if (Array.isArray(asked)) {
    if (!areListsMerged) return isDeepStrictEqual(asked, live);
    const isSame = (item: unknown, place: number): boolean =>
      Array.isArray(live) && covers(item, live[place], areListsMerged);
    return Array.isArray(live) && live.length === asked.length && asked.every(isSame);
  }
  if (!isRecord(asked)) return isDeepStrictEqual(asked, live);
  return Object.entries(asked).every(
    ([field, value]) => isRecord(live) && covers(value, live[field], areListsMerged),
  );
}

function planService(scope: RouteScope, reads: IstioReads): Found<readonly PlannedObject[]> {
  const existing = reads.services.get(scope.namespace, scope.service);
  if (existing !== undefined && !isOurs(scope, existing)) {
    const use = { form: "Subset", reachedBy: undefined } as const;
    const checked = checkApexService(scope, existing.view, use);
    return checked.kind === "Missing" ? checked : known([]);
  }
  if (scope.ports === undefined) {
    const fix = "give spec.service.port and spec.service.targetPort";
    return refuse("Invalid", `spec.routing.istio.generate needs the ports of the Service: ${fix}`);
  }
  const selector = selectorFor(scope, existing?.view.spec.selector ?? {});
  return selector === undefined
    ? refuse("ServiceNotFound", adviceOnLabel(scope))
    : known([plan("Service", serviceSpec(selector, scope.ports), existing)]);
}

/**
 * Labels of both versions' pods that are named after the workload or its Service: others, as a team's, may be on pods
 * that are none of theirs. A selector that works is not changed.
 */
function selectorFor(
  { service, selector: { value, shared = {} } }: RouteScope,
  now: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  const labels = Object.entries(now);
  const works = labels.every(([name, selected]) => shared[name] === selected);
  if (labels.length > 0 && works) return now;
  const named = Object.entries(shared).filter(([, own]) => own === service || own === value);
  return named.length === 0 ? undefined : Object.fromEntries(named);
}

function adviceOnLabel({ namespace, service, selector: { label } }: RouteScope): string {
  return withYaml(
    `Service ${namespace}/${service} cannot be generated: it must select the pods of both versions and no others, and ` +
      `besides ${label} they share no label named after it. Give the target's pod template one, or create the Service yourself:`,
    { spec: { template: { metadata: { labels: { service } } } } },
  );
}

/** Istio merges DestinationRules of a host, and of two VirtualServices takes one: beside another's neither would be sure. */
function findTaken(scope: RouteScope, reads: IstioReads): Missing | undefined {
  const { namespace, service } = scope;
  const key = serviceKey(namespace, service);
  const rules = [
    reads.destinationRules.get(namespace, service),
    ...reads.destinationRules.byIndex(byServiceCalled, key),
  ];
  const rule = rules.find((one) => one !== undefined && !isOurs(scope, one));
  if (rule !== undefined) return refuse("NameTaken", whoseItIs(scope, "DestinationRule", rule));
  const routes = [
    reads.virtualServices.get(namespace, service),
    ...reads.virtualServices
      .byIndex(byServiceReached, key)
      .filter(({ view }) =>
        view.spec.hosts.some((host) => serviceOfHost(host, view.metadata.namespace) === key),
      ),
  ];
  const route = routes.find((one) => one !== undefined && !isOurs(scope, one));
  return route === undefined
    ? undefined
    : refuse("NameTaken", whoseItIs(scope, "VirtualService", route));
}

function whoseItIs(scope: RouteScope, kind: string, { view: { metadata } }: Existing): string {
  const { namespace, name, labels } = metadata;
  const owner = labels[canaryLabel];
  const object = `${kind} ${namespace}/${name}`;
  const plural = `${kind.toLowerCase()}s`;
  return owner === undefined
    ? `${object} is for Service ${scope.service} and was not made by Serin, which takes nothing over: adopt the routes that there are ` +
        "by routing.istio.virtualServices in place of generate, or delete it"
    : `${object} was made for Canary ${owner}: if that is gone, hand it over: ` +
        `kubectl -n ${namespace} label ${plural} ${name} ${canaryLabel}=${scope.canary} --overwrite`;
}
