/** Finds the Canary that stands before another on the same workload or route. Reads caches only. */
import {
  type Claim,
  claimsOf,
  isSameClaim,
  type StandingClaim,
  standingClaims,
} from "../core/canary/claims.ts";
import { type Missing, missing } from "../core/fact.ts";
import type { CanaryObject, Cluster } from "../ports/cluster.ts";
import { toKey } from "./key.ts";

/** Why this one must leave a workload or a route alone; undefined when nobody stands before it. */
export function findRival(
  canary: CanaryObject,
  cluster: Pick<Cluster, "claimants">,
): Missing | undefined {
  const { namespace } = canary.identity;
  for (const claim of claimsIn(canary)) {
    const rival = cluster
      .claimants(namespace, claim.key)
      .find(
        (other) =>
          other.identity.name !== canary.identity.name &&
          claimsIn(other).some(
            (one) => isSameClaim(one, claim) && isBefore([other, one], [canary, claim]),
          ),
      );
    if (rival !== undefined) return missing("Conflict", sayConflict(claim, rival));
  }
  return undefined;
}

/** Everyone who may look at the world differently once this Canary has changed. */
export function rivalsOf(
  canary: CanaryObject,
  cluster: Pick<Cluster, "claimants">,
): ReadonlySet<string> {
  const { namespace } = canary.identity;
  const keys = claimsIn(canary).flatMap(({ key }) =>
    cluster.claimants(namespace, key).map(({ identity }) => toKey(identity)),
  );
  return new Set(keys.filter((key) => key !== toKey(canary.identity)));
}

function claimsIn({ identity, spec, status }: CanaryObject): readonly StandingClaim[] {
  return standingClaims(identity.namespace, spec, status);
}

type Claimant = readonly [CanaryObject, StandingClaim];

/** The older one, then by name; but what a release is held to it keeps to its end, and nothing else before that. */
function isBefore([one, its]: Claimant, [other, theirs]: Claimant): boolean {
  if (its.isInForce !== theirs.isInForce) return its.isInForce;
  if (one.createdAt !== other.createdAt) return one.createdAt < other.createdAt;
  return one.identity.name < other.identity.name;
}

function sayConflict(claim: StandingClaim, rival: CanaryObject): string {
  const { key, rules } = claim;
  const what = rules === undefined ? key : `${key} (${rules.join(", ")})`;
  const who = `Canary ${toKey(rival.identity)}`;
  return isAsked(rival, claim)
    ? `${who} has ${what} already; delete one of the two, or name another here`
    : `${who} has ${what} until its release ends, by the spec that this began with; then it is free`;
}

function isAsked({ identity, spec }: CanaryObject, claim: Claim): boolean {
  if (spec.kind !== "Known") return false;
  return claimsOf(spec.value, identity.namespace).some((one) => isSameClaim(one, claim));
}
