/** Turns a CustomResourceDefinition object into the resource type it defines. Does not judge the definition. */
import { isObject, type JsonObject, listAt, objectAt, stringAt, stringsAt } from "./json.ts";
import { OBJECT_META_SCHEMA } from "./object-meta.ts";
import { customColumns } from "./print/custom-columns.ts";
import {
  type ResourceType,
  type ScalePaths,
  type ServedVersion,
  typeKey,
} from "./resource-type.ts";
import { rememberBySchema } from "./schema/known-schemas.ts";
import { compileSchema } from "./schema/schema.ts";

function pathOf(jsonPath: string | undefined): readonly string[] | undefined {
  return jsonPath === undefined ? undefined : jsonPath.replace(/^\./, "").split(".");
}

function scaleOf(version: JsonObject): ScalePaths | undefined {
  const scale = objectAt(version, "subresources", "scale");
  const specReplicas = pathOf(stringAt(scale, "specReplicasPath"));
  const statusReplicas = pathOf(stringAt(scale, "statusReplicasPath"));
  if (specReplicas === undefined || statusReplicas === undefined) return undefined;
  return { specReplicas, statusReplicas, selector: pathOf(stringAt(scale, "labelSelectorPath")) };
}

/** The schema of whole objects: what every object has, and what the definition says of the rest. */
export function rootSchema(schema: JsonObject): JsonObject {
  const head: JsonObject = {
    apiVersion: {
      type: "string",
      description: "Version of the schema of this representation of the object.",
    },
    kind: { type: "string", description: "Kind of the object." },
    metadata: OBJECT_META_SCHEMA,
  };
  return { ...schema, properties: { ...objectAt(schema, "properties"), ...head } };
}

const compiled = rememberBySchema(compileSchema);

function servedVersion(version: JsonObject): ServedVersion {
  const openapi = rootSchema(objectAt(version, "schema", "openAPIV3Schema"));
  return {
    name: stringAt(version, "name") ?? "",
    schema: compiled(openapi),
    openapi,
    columns: customColumns(listAt(version, "additionalPrinterColumns")),
    scale: scaleOf(version),
    hasStatus: isObject(objectAt(version, "subresources")["status"]),
  };
}

/** Orders versions as Kubernetes prefers them: v2, v1, v1beta2, v1beta1, v1alpha1. */
function preference(version: string): number {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return -1;
  const [, major = "0", stage, minor = "0"] = match;
  const rank = stage === undefined ? 2 : stage === "beta" ? 1 : 0;
  return rank * 1_000_000 + Number(major) * 1000 + Number(minor);
}

export function customType(definition: JsonObject): ResourceType {
  const spec = objectAt(definition, "spec");
  const names = objectAt(spec, "names");
  const group = stringAt(spec, "group") ?? "";
  const plural = stringAt(names, "plural") ?? "";
  const kind = stringAt(names, "kind") ?? "";
  const declared = listAt(spec, "versions").filter(isObject);
  const served = declared.filter((version) => version["served"] === true).map(servedVersion);
  return {
    key: typeKey(plural, group),
    group,
    kind,
    listKind: stringAt(names, "listKind") ?? `${kind}List`,
    plural,
    singular: stringAt(names, "singular") ?? kind.toLowerCase(),
    shortNames: stringsAt(names, "shortNames"),
    categories: stringsAt(names, "categories"),
    namespaced: stringAt(spec, "scope") === "Namespaced",
    versions: served.sort((a, b) => preference(b.name) - preference(a.name)),
    storageVersion:
      stringAt(
        declared.find((version) => version["storage"] === true),
        "name",
      ) ?? "",
    selectableFields: new Set(["metadata.name", "metadata.namespace"]),
    nameRule: "subdomain",
    hasGeneration: true,
    countsAnnotations: false,
    custom: true,
    stored: true,
    complete: (object) => object,
    check: () => [],
  };
}
