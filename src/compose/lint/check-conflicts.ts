/** Canaries among the files that would get in each other's way: on one workload, or on one route. */
import type { z } from "zod";
import { decodeCanary } from "../../adapters/kubernetes/cluster/decode.ts";
import { isRawObject } from "../../adapters/kubernetes/raw-object.ts";
import type { CanarySpec, VirtualServiceReference } from "../../api/canary-spec.ts";
import type { RefusalReason } from "../../api/conditions.ts";
import type { JsonObject } from "../../sandbox/api-server/json.ts";
import type { Complaint } from "./finding.ts";

interface Claim {
  readonly object: JsonObject;
  readonly namespace: string;
  readonly name: string;
  readonly spec: CanarySpec;
}

/** One complaint for each later one of two; the order is that of the files. */
export function checkConflicts(
  canaries: readonly JsonObject[],
): ReadonlyMap<JsonObject, Omit<Complaint, "object">> {
  const claims = canaries.flatMap(claimOf);
  const found = new Map<JsonObject, Omit<Complaint, "object">>();
  for (const [index, claim] of claims.entries()) {
    const earlier = claims.slice(0, index).filter((other) => isNeighbour(claim, other));
    const complaint = earlier.map((other) => conflictBetween(claim, other)).find(Boolean);
    if (complaint !== undefined) found.set(claim.object, complaint);
  }
  return found;
}

function claimOf(object: JsonObject): readonly Claim[] {
  if (!isRawObject(object)) return [];
  const { identity, spec } = decodeCanary(object);
  const { namespace, name } = identity;
  return spec.kind === "Known" ? [{ object, namespace, name, spec: spec.value }] : [];
}

const isNeighbour = (a: Claim, b: Claim): boolean =>
  a.namespace === b.namespace && a.name !== b.name;

function conflictBetween(claim: Claim, other: Claim): Omit<Complaint, "object"> | undefined {
  const reason: RefusalReason = "Conflict";
  const target = claim.spec.targetRef.name;
  if (target === other.spec.targetRef.name) {
    const message = `Canary ${other.name} releases Deployment ${target} already; a workload has one Canary`;
    return { severity: "Error", path: ["spec", "targetRef"], reason, message };
  }
  const route = sharedRoute(claim.spec, other.spec);
  if (route === undefined) return undefined;
  const message = `Canary ${other.name} sets the weights of ${route} already; a route has one Canary`;
  return { severity: "Error", path: ["spec", "routing"], reason, message };
}

type ManagedObject = Readonly<z.infer<typeof VirtualServiceReference>>;

const managedBy = ({ routing }: CanarySpec): readonly ManagedObject[] =>
  routing.istio?.virtualServices ?? [];

function sharedRoute(a: CanarySpec, b: CanarySpec): string | undefined {
  for (const one of managedBy(a)) {
    const other = managedBy(b).find(({ name }) => name === one.name);
    const shared = other === undefined ? undefined : overlapOf(one, other);
    if (shared !== undefined) return shared;
  }
  return undefined;
}

/** Without names it is the one HTTP rule that there is, whatever the other one calls it. */
function overlapOf({ name, routes }: ManagedObject, other: ManagedObject): string | undefined {
  if (routes === undefined || other.routes === undefined) return `VirtualService ${name}`;
  const shared = routes.find((route) => other.routes?.includes(route));
  return shared === undefined ? undefined : `VirtualService ${name}, HTTP rule "${shared}"`;
}
