/** What the generated routing objects must be like. Pure; nothing of the user's metadata is copied to them. */
import { createHash } from "node:crypto";
import type { GeneratedRouting } from "../../../api/generated-routing.ts";
import { canaryLabel, generatedHashAnnotation, primarySuffix } from "../../../api/names.ts";
import type { RouteScope, ServicePorts } from "../../../ports/traffic-router.ts";
import { isRecord } from "../../kubernetes/raw-object.ts";
import { canonicalJson } from "../../kubernetes/workloads/template-hash.ts";
import type { RouteEntry } from "./decode.ts";
import { generatedRule } from "./managed-reference.ts";
import { type ManagedRoute, rolesOf } from "./managed-route.ts";

export type Fields = Readonly<Record<string, unknown>>;
type Labels = Readonly<Record<string, string>>;

/** The Service that clients call, for the pods of both versions. */
export function serviceSpec(selector: Labels, { name, port, targetPort }: ServicePorts): Fields {
  return { selector, ports: [{ name, port, protocol: "TCP", targetPort }] };
}

/** One policy for both versions; the subsets are told apart by the selector's label, whose values never change. */
export function destinationRuleSpec(
  scope: RouteScope,
  { trafficPolicy }: GeneratedRouting,
): Fields {
  const { label, value } = scope.selector;
  const { stable, canary } = rolesOf(scope, "Subset");
  return {
    host: scope.service,
    trafficPolicy: withoutUndefined(trafficPolicy),
    subsets: [
      { name: stable.subset, labels: { [label]: `${value}${primarySuffix}` } },
      { name: canary.subset, labels: { [label]: value } },
    ],
  };
}

/** `live`: the rule as it is, whose weights and mirror are set by patches of their own; else it begins with `canaryWeight`. */
export function virtualServiceSpec(
  scope: RouteScope,
  { hosts, gateways, match, timeout }: GeneratedRouting,
  live: ManagedRoute | undefined,
  canaryWeight: number,
): Fields {
  const isInMesh = gateways.includes("mesh");
  const mirrored = live?.mirror.kind === "Ours" ? live.rule : undefined;
  return withoutUndefined({
    hosts: [...new Set([...hosts, ...(isInMesh || hosts.length === 0 ? [scope.service] : [])])],
    gateways,
    http: [
      {
        name: generatedRule,
        match: match.length === 0 ? undefined : match,
        timeout,
        route: routeOf(scope, live, canaryWeight),
        mirror: mirrored?.mirror,
        mirrorPercentage: mirrored?.mirrorPercentage,
      },
    ],
  });
}

function routeOf(
  scope: RouteScope,
  live: ManagedRoute | undefined,
  canaryWeight: number,
): readonly RouteEntry[] {
  const { stable, canary } = rolesOf(scope, "Subset");
  const weights =
    live === undefined
      ? { stable: 100 - canaryWeight, canary: canaryWeight }
      : {
          stable: live.rule.route[live.stable]?.weight,
          canary: live.rule.route[live.canary]?.weight,
        };
  return [
    { destination: { host: stable.service, subset: stable.subset }, weight: weights.stable },
    { destination: { host: canary.service, subset: canary.subset }, weight: weights.canary },
  ];
}

/** Tells what was asked for when an object was written last from what is asked now: also that something was left out. */
export function hashOf(spec: Fields): string {
  return createHash("sha256").update(canonicalJson(spec)).digest("hex").slice(0, 16);
}

export function generatedMetadata(scope: RouteScope, name: string, hash: string): Fields {
  return {
    name,
    namespace: scope.namespace,
    labels: { [canaryLabel]: scope.canary, "app.kubernetes.io/managed-by": "serin" },
    annotations: { [generatedHashAnnotation]: hash },
  };
}

/** As it is on the wire, so that it can be compared with what is there. */
function withoutUndefined(fields: Fields): Fields {
  const members = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(members.map(([name, value]) => [name, pruned(value)]));
}

function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pruned);
  return isRecord(value) ? withoutUndefined(value) : value;
}
