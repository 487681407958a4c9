/** What a spec lays claim to, and whether two claims collide: a workload and a route have one Canary. */
import type { CanarySpec } from "../../api/canary-spec.ts";
import type { GeneratedRouting } from "../../api/generated-routing.ts";
import { primarySuffix } from "../../api/names.ts";

/** One object, or a part of it, that only one Canary may have. */
export interface Claim {
  /** Kind and name of the object, in the Canary's namespace: `VirtualService/orders`. */
  readonly key: string;
  /** HTTP rules of a VirtualService; undefined: the whole object. */
  readonly rules: readonly string[] | undefined;
}

/** The target, its primary, and the managed rules; the objects and hosts that are generated where routing is. */
export function claimsOf({ targetRef, service, routing }: CanarySpec): readonly Claim[] {
  const workloads = [targetRef.name, `${targetRef.name}${primarySuffix}`];
  const { virtualServices = [], generate } = routing.istio ?? {};
  const generated = generate === undefined ? [] : [service?.name ?? targetRef.name];
  return [
    ...workloads.map((name) => ({ key: `Deployment/${name}`, rules: undefined })),
    ...virtualServices.map(({ name, routes }) => ({
      key: `VirtualService/${name}`,
      rules: routes,
    })),
    ...generated.map((name) => ({ key: `VirtualService/${name}`, rules: undefined })),
    ...hostsOf(generate).map((key) => ({ key, rules: undefined })),
  ];
}

/** A mesh takes the routes of one host on one gateway from one of several objects, and nobody can say from which. */
function hostsOf(generate: GeneratedRouting | undefined): readonly string[] {
  const { hosts = [], gateways = [] } = generate ?? {};
  return hosts.flatMap((host) =>
    gateways.map((gateway) => `Host/${host.toLowerCase()} on gateway ${gateway}`),
  );
}

/** Two Canaries on different rules of one VirtualService do not collide. */
export function isSameClaim(one: Claim, other: Claim): boolean {
  if (one.key !== other.key) return false;
  const { rules } = other;
  if (one.rules === undefined || rules === undefined) return true;
  return one.rules.some((rule) => rules.includes(rule));
}
