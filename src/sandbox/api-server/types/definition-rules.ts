/** What the server adds to a CustomResourceDefinition: default names and a status that says it is established. */
import {
  at,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
  withAt,
  withDefaults,
} from "../json.ts";

interface Condition {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

const CONDITIONS: readonly Condition[] = [
  { type: "NamesAccepted", reason: "NoConflicts", message: "no conflicts found" },
  {
    type: "Established",
    reason: "InitialNamesAccepted",
    message: "the initial names have been accepted",
  },
];

function withNames(definition: JsonObject): JsonObject {
  const names = objectAt(definition, "spec", "names");
  const kind = stringAt(names, "kind") ?? "";
  const defaults = { listKind: `${kind}List`, singular: kind.toLowerCase() };
  const conversion = at(definition, "spec", "conversion") ?? { strategy: "None" };
  const named = withAt(definition, ["spec", "names"], withDefaults(names, defaults));
  return withAt(named, ["spec", "conversion"], conversion);
}

/** Served at once: there is no other server whose agreement would have to be awaited. */
export function completeDefinition(
  definition: JsonObject,
  previous: JsonObject | undefined,
): JsonObject {
  const named = withNames(definition);
  const since = stringAt(named, "metadata", "creationTimestamp") ?? "";
  const storage = listAt(named, "spec", "versions")
    .filter(isObject)
    .filter((version) => version["storage"] === true);
  const fresh: JsonObject = {
    acceptedNames: objectAt(named, "spec", "names"),
    conditions: CONDITIONS.map(
      (condition): Json => ({ ...condition, status: "True", lastTransitionTime: since }),
    ),
    storedVersions: storage.map((version) => version["name"] ?? ""),
  };
  const status =
    previous === undefined
      ? fresh
      : { ...fresh, ...objectAt(named, "status"), acceptedNames: fresh["acceptedNames"] ?? {} };
  return { ...named, status };
}
