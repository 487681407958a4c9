/**
 * The two Services of host form, which select one version each: derived from the Service that clients call, created
 * once, and mended when its ports or labels change. One of that name that somebody else made is taken as it is.
 */
import { isDeepStrictEqual } from "node:util";
import { canaryLabel, primarySuffix } from "../../../api/names.ts";
import { known } from "../../../core/fact.ts";
import type { RouteScope } from "../../../ports/traffic-router.ts";
import type { Decoded } from "../../kubernetes/informer-cache.ts";
import { isRecord, type RawObject } from "../../kubernetes/raw-object.ts";
import {
  type DerivedMetadata,
  deriveMetadata,
} from "../../kubernetes/workloads/derived-metadata.ts";
import type { ServiceView } from "./decode.ts";
import { rolesOf } from "./managed-route.ts";
import { withoutOutsideCallers } from "./reached-from-outside.ts";
import { type Found, refuse, withYaml } from "./refusal.ts";

type ServiceSpec = Readonly<Record<string, unknown>> & {
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly unknown[];
};

export interface RoleService {
  readonly name: string;
  readonly metadata: object;
  readonly spec: ServiceSpec;
  readonly existing: Decoded<ServiceView> | undefined;
}

/** What belongs to one Service alone: its addresses and how it is reached from outside the cluster. */
const ownFields: ReadonlySet<string> = new Set([
  "allocateLoadBalancerNodePorts",
  "clusterIP",
  "clusterIPs",
  "externalIPs",
  "externalName",
  "externalTrafficPolicy",
  "healthCheckNodePort",
  "loadBalancerClass",
  "loadBalancerIP",
  "loadBalancerSourceRanges",
  "ports",
  "selector",
  "type",
]);

/** Both Services as they must be, beside what is there. */
export function planRoleServices(
  scope: RouteScope,
  apex: Decoded<ServiceView>,
  find: (name: string) => Decoded<ServiceView> | undefined,
): readonly RoleService[] {
  const { label, value } = scope.selector;
  const { stable, canary } = rolesOf(scope, "Host");
  const versions = [
    { name: stable.service, version: `${value}${primarySuffix}` },
    { name: canary.service, version: value },
  ];
  const shared = isRecord(apex.raw.spec) ? apex.raw.spec : {};
  const kept = Object.fromEntries(
    Object.entries(shared).filter(([field]) => !ownFields.has(field)),
  );
  return versions.map(({ name, version }) => ({
    name,
    metadata: roleMetadata(apex.raw, name, scope.canary),
    spec: {
      ...kept,
      ...(shared["clusterIP"] === "None" ? { clusterIP: "None" } : {}),
      selector: { ...apex.view.spec.selector, [label]: version },
      ports: apex.view.spec.ports.map(withoutNodePort),
    },
    existing: find(name),
  }));
}

function roleMetadata(apex: RawObject, name: string, canary: string): DerivedMetadata {
  const derived = deriveMetadata(apex, name, canary);
  return { ...derived, annotations: withoutOutsideCallers(derived.annotations) };
}

function withoutNodePort(port: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(port).filter(([field]) => field !== "nodePort"));
}

/** Names of those to create or mend; refused when one that Serin did not make selects other pods. */
export function findMissingServices(
  scope: RouteScope,
  services: readonly RoleService[],
): Found<readonly string[]> {
  const { label } = scope.selector;
  const taken = services.find(
    ({ existing, spec }) =>
      existing !== undefined &&
      !isOurs(scope, existing) &&
      existing.view.spec.selector[label] !== spec.selector[label],
  );
  if (taken === undefined) {
    return known(services.filter((service) => isToWrite(scope, service)).map(({ name }) => name));
  }
  const sentence = `Service ${scope.namespace}/${taken.name} exists and does not select that version's pods alone; delete it, or let it select:`;
  return refuse("Unsupported", withYaml(sentence, { selector: taken.spec.selector }));
}

function isOurs(scope: RouteScope, { view }: Decoded<ServiceView>): boolean {
  return view.metadata.labels[canaryLabel] === scope.canary;
}

/** Not there, or Serin's and no longer as its origin. */
export function isToWrite(scope: RouteScope, { existing, spec }: RoleService): boolean {
  if (existing === undefined) return true;
  const { selector, ports } = existing.view.spec;
  return (
    isOurs(scope, existing) &&
    !(
      isDeepStrictEqual(selector, spec.selector) &&
      isDeepStrictEqual(ports.map(withoutNodePort), spec.ports)
    )
  );
}
