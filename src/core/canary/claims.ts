/** What a spec lays claim to, and whether two claims collide: a workload and a route have one Canary. */
import type { CanarySpec } from "../../api/canary-spec.ts";
import type { CanaryStatus } from "../../api/canary-status.ts";
import type { GeneratedRouting } from "../../api/generated-routing.ts";
import { primarySuffix } from "../../api/names.ts";
import type { Fact } from "../fact.ts";
import { isHeldToSpec } from "./freeze.ts";

/** One object, or a part of it, that only one Canary may have. */
export interface Claim {
  /** Kind and name of the object, in the Canary's namespace: `VirtualService/orders`. */
  readonly key: string;
  /** HTTP rules of a VirtualService; undefined: the whole object. */
  readonly rules: readonly string[] | undefined;
}

/** What one Canary has, or asks for. */
export interface StandingClaim extends Claim {
  /** True for what a release under way is held to, whatever is asked by now: nobody takes that from it. */
  readonly isInForce: boolean;
}

/** Of a Canary: first what its release is held to, then what it asks for beside that. */
export function standingClaims(
  namespace: string,
  spec: Fact<CanarySpec>,
  status: CanaryStatus,
): readonly StandingClaim[] {
  const asked = spec.kind === "Known" ? claimsOf(spec.value, namespace) : [];
  const held = isHeldToSpec(status) ? (status.release?.claims?.map(toClaim) ?? asked) : [];
  return [
    ...held.map((claim) => ({ ...claim, isInForce: true })),
    ...asked
      .flatMap((claim) => without(claim, held))
      .map((claim) => ({ ...claim, isInForce: false })),
  ];
}

function toClaim({ key, rules }: { key: string; rules?: string[] | undefined }): Claim {
  return { key, rules };
}

/** What is left of a claim beside others: some of its rules, all of it, or nothing. */
function without(claim: Claim, held: readonly Claim[]): readonly Claim[] {
  const same = held.filter(({ key }) => key === claim.key);
  if (same.some(({ rules }) => rules === undefined)) return [];
  if (claim.rules === undefined) return [claim];
  const rules = claim.rules.filter((rule) => !same.some((one) => one.rules?.includes(rule)));
  return rules.length === 0 ? [] : [{ ...claim, rules }];
}

/** The target, its primary, and the managed rules; the objects and hosts that are generated where routing is. */
export function claimsOf(
  { targetRef, service, routing }: CanarySpec,
  namespace: string,
): readonly Claim[] {
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
    ...hostsOf(generate, namespace).map((key) => ({ key, rules: undefined })),
  ];
}

/** A mesh takes the routes of one host on one gateway from one of several objects, and nobody can say from which. */
function hostsOf(generate: GeneratedRouting | undefined, namespace: string): readonly string[] {
  const { hosts = [], gateways = [] } = generate ?? {};
  return hosts.flatMap((host) =>
    gateways.map((gateway) => `Host/${host.toLowerCase()} on gateway ${bare(gateway, namespace)}`),
  );
}

/** A gateway without a namespace is one of the VirtualService's own. */
function bare(gateway: string, namespace: string): string {
  const own = `${namespace}/`;
  return gateway.startsWith(own) ? gateway.slice(own.length) : gateway;
}

/** Two Canaries on different rules of one VirtualService do not collide. */
export function isSameClaim(one: Claim, other: Claim): boolean {
  if (one.key !== other.key) return false;
  const { rules } = other;
  if (one.rules === undefined || rules === undefined) return true;
  return one.rules.some((rule) => rules.includes(rule));
}
