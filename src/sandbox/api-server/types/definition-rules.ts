/** CustomResourceDefinitions: what the server adds to one, and which it refuses. */
import { invalidValue, required, unsupportedValue } from "../field-error.ts";
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
import { structuralCauses } from "../schema/structural.ts";
import type { Cause } from "../status-error.ts";

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

const NAME_PATTERN = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

function nameCauses(definition: JsonObject): readonly Cause[] {
  const spec = objectAt(definition, "spec");
  const plural = stringAt(spec, "names", "plural") ?? "";
  const group = stringAt(spec, "group") ?? "";
  const causes: Cause[] = [];
  const expected = `${plural}.${group}`;
  const name = stringAt(definition, "metadata", "name") ?? "";
  if (name !== expected) {
    causes.push(
      invalidValue(["metadata", "name"], name, 'must be spec.names.plural+"."+spec.group'),
    );
  }
  if (!NAME_PATTERN.test(plural))
    causes.push(invalidValue(["spec", "names", "plural"], plural, "must be a DNS-1035 label"));
  if (stringAt(spec, "names", "kind") === undefined)
    causes.push(required(["spec", "names", "kind"]));
  const scope = spec["scope"] ?? "";
  if (scope !== "Namespaced" && scope !== "Cluster") {
    causes.push(unsupportedValue(["spec", "scope"], scope, ["Cluster", "Namespaced"]));
  }
  return causes;
}

function versionCauses(definition: JsonObject): readonly Cause[] {
  const versions = listAt(definition, "spec", "versions");
  const stored = versions.filter((version) => at(version, "storage") === true);
  const causes: Cause[] = [];
  if (stored.length !== 1) {
    causes.push(
      invalidValue(
        ["spec", "versions"],
        stored.length,
        "must have exactly one version marked as storage version",
      ),
    );
  }
  versions.forEach((version, i) => {
    const path = ["spec", "versions", i, "schema", "openAPIV3Schema"];
    const schema = at(version, "schema", "openAPIV3Schema");
    causes.push(
      ...(isObject(schema)
        ? structuralCauses(schema, path)
        : [required(path, "schemas are required")]),
    );
  });
  return causes;
}

export function checkDefinition(definition: JsonObject): readonly Cause[] {
  return [...nameCauses(definition), ...versionCauses(definition)];
}
