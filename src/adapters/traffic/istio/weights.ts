/**
 * Reads and plans the weights of managed routes: what the mesh makes of those that are there, and the one patch
 * that sets others. Pure; nothing but weights ever changes.
 */
import { InvariantError } from "../../../ports/errors.ts";
import {
  type JsonPatchOperation,
  type JsonPath,
  jsonPointer,
} from "../../kubernetes/json-patch.ts";
import type { VirtualServiceView } from "./decode.ts";
import type { ManagedRoute } from "./managed-route.ts";

export interface WeightChange {
  /** Where in the object. */
  readonly path: JsonPath;
  readonly weight: number;
}

/** Weights are relative, an absent one is 0; with none at all the mesh has no one to send to. In percent. */
export function canaryWeightOf({ rule, stable, canary }: ManagedRoute): number {
  const canaryWeight = rule.route[canary]?.weight ?? 0;
  const sum = canaryWeight + (rule.route[stable]?.weight ?? 0);
  return sum === 0 ? 0 : (canaryWeight * 100) / sum;
}

/** Whether the rule says in so many words, summing to 100, what the mesh does. */
export function isExplicit({ rule, stable, canary }: ManagedRoute): boolean {
  const stableWeight = rule.route[stable]?.weight;
  const canaryWeight = rule.route[canary]?.weight;
  return (
    stableWeight !== undefined && canaryWeight !== undefined && stableWeight + canaryWeight === 100
  );
}

/** Both weights of every route. `decide` gives a route's canary weight: a whole number from 0 to 100. */
export function planWeights(
  routes: readonly ManagedRoute[],
  decide: (route: ManagedRoute) => number,
): readonly WeightChange[] {
  return routes.flatMap((route) => {
    const weight = decide(route);
    if (!Number.isInteger(weight) || weight < 0 || weight > 100) {
      throw new InvariantError(`${weight} is no weight`);
    }
    const pathOf = (place: number): JsonPath => [...pathOfEntry(route, place), "weight"];
    return [
      { path: pathOf(route.stable), weight: 100 - weight },
      { path: pathOf(route.canary), weight },
    ];
  });
}

/** Refused as a whole unless the object, the rules and their destinations are those that were read. */
export function planPatch(
  { metadata }: VirtualServiceView,
  routes: readonly ManagedRoute[],
  changes: readonly JsonPatchOperation[],
): readonly JsonPatchOperation[] {
  return [
    { op: "test", path: "/metadata/uid", value: metadata.uid },
    ...routes.flatMap(identityOf),
    ...changes,
  ];
}

/** `add` because a weight that was left out cannot be replaced. */
export function settingWeights(changes: readonly WeightChange[]): readonly JsonPatchOperation[] {
  return changes.map(
    ({ path, weight }) => ({ op: "add", path: jsonPointer(path), value: weight }) as const,
  );
}

function identityOf(route: ManagedRoute): readonly JsonPatchOperation[] {
  const { index, rule, stable, canary } = route;
  // To the API server a test for null holds where there is nothing: a rule that matches everything.
  const itself =
    rule.name === undefined
      ? { path: ["spec", "http", index, "match"], value: rule.match ?? null }
      : { path: ["spec", "http", index, "name"], value: rule.name };
  const destinations = [stable, canary].map((place) => ({
    path: [...pathOfEntry(route, place), "destination"],
    value: rule.route[place]?.destination,
  }));
  return [itself, ...destinations].map(
    ({ path, value }) => ({ op: "test", path: jsonPointer(path), value }) as const,
  );
}

const pathOfEntry = ({ index }: ManagedRoute, place: number): JsonPath => [
  "spec",
  "http",
  index,
  "route",
  place,
];
