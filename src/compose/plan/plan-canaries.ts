/** The plan of every Canary in some manifests, at a rate that somebody names; asks no cluster. */
import { toKey } from "../../controller/key.ts";
import { Memories } from "../../controller/memory.ts";
import { observe } from "../../controller/observe.ts";
import type { ReleasePlan } from "../../core/analysis/plan.ts";
import { planOf, type SupposedTraffic } from "../../core/canary/release-plan.ts";
import { isObject, type JsonObject, objectAt, stringAt } from "../../sandbox/api-server/json.ts";
import { readDocuments } from "../lint/documents.ts";
import { type FileWorldDeps, openFileWorld } from "../lint/file-world.ts";
import type { GivenFile } from "../lint/lint.ts";

/** What can be said of one Canary. */
export type PlannedCanary = { readonly namespace: string; readonly name: string } & (
  | { readonly kind: "Planned"; readonly plan: ReleasePlan }
  | { readonly kind: "Unplanned"; readonly because: string }
);

/** Kinds that a plan depends on; routes and workloads are not among them. */
const plannedKinds: ReadonlySet<string> = new Set([
  "Canary",
  "AnalysisTemplate",
  "ClusterAnalysisTemplate",
]);

export async function planCanaries(
  files: readonly GivenFile[],
  traffic: SupposedTraffic,
  { deps, namespace }: { readonly deps: FileWorldDeps; readonly namespace: string },
): Promise<readonly PlannedCanary[]> {
  const objects = files
    .flatMap(({ name, text }) => readDocuments(name, text).objects)
    .map(({ object }) => inNamespace(object, namespace))
    .filter((object) => plannedKinds.has(stringAt(object, "kind") ?? ""));
  const refused = new Map<JsonObject, string>();
  const world = await openFileWorld(objects, deps, (object, because) => {
    refused.set(object, because);
  });
  try {
    return objects
      .filter((object) => stringAt(object, "kind") === "Canary")
      .map((object) => {
        const name = stringAt(object, "metadata", "name") ?? "";
        const key = { namespace: stringAt(object, "metadata", "namespace") ?? namespace, name };
        const because = refused.get(object);
        if (because !== undefined) return { ...key, kind: "Unplanned", because };
        const snapshot = observe(toKey(key), new Memories().of(toKey(key)), world.ports);
        return { ...key, ...planned(snapshot, traffic) };
      });
  } finally {
    await world.close();
  }
}

function planned(
  snapshot: ReturnType<typeof observe>,
  traffic: SupposedTraffic,
):
  | { readonly kind: "Planned"; readonly plan: ReleasePlan }
  | { readonly kind: "Unplanned"; readonly because: string } {
  if (snapshot === undefined) return { kind: "Unplanned", because: "it is no Canary" };
  const { spec, metrics } = snapshot;
  if (spec.kind !== "Known") return { kind: "Unplanned", because: spec.because };
  if (metrics.kind !== "Known") return { kind: "Unplanned", because: metrics.because };
  const plan = planOf(spec.value, metrics.value, traffic);
  return plan === undefined
    ? { kind: "Unplanned", because: "nothing is analysed (skipAnalysis)" }
    : { kind: "Planned", plan };
}

function inNamespace(object: JsonObject, namespace: string): JsonObject {
  const metadata = objectAt(object, "metadata");
  if (!isObject(metadata) || metadata["namespace"] !== undefined) return object;
  if (stringAt(object, "kind") === "ClusterAnalysisTemplate") return object;
  return { ...object, metadata: { ...metadata, namespace } };
}
