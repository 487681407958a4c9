/** Finds the Canary that stands before another on the same workload or route. Reads caches only. */
import { type Claim, claimsOf, isSameClaim } from "../core/canary/claims.ts";
import { isReleaseRunning } from "../core/canary/phases.ts";
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
          isBefore(other, canary) && claimsIn(other).some((one) => isSameClaim(one, claim)),
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

function claimsIn({ spec }: CanaryObject): readonly Claim[] {
  return spec.kind === "Known" ? claimsOf(spec.value) : [];
}

/** The older one, then by name; but whoever is in the middle of a release is let finish it. */
function isBefore(one: CanaryObject, other: CanaryObject): boolean {
  if (one.identity.name === other.identity.name) return false;
  const isRunning = isReleaseRunning(one.status);
  if (isRunning !== isReleaseRunning(other.status)) return isRunning;
  if (one.createdAt !== other.createdAt) return one.createdAt < other.createdAt;
  return one.identity.name < other.identity.name;
}

function sayConflict({ key, rules }: Claim, { identity }: CanaryObject): string {
  const what = rules === undefined ? key : `${key} (${rules.join(", ")})`;
  return `Canary ${toKey(identity)} has ${what} already; delete one of the two, or name another here`;
}
