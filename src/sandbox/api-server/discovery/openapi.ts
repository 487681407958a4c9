/**
 * OpenAPI v3 documents, one per group and version: what `kubectl explain` and field validation read. Patch bodies are
 * not described on purpose: kubectl would then compute strategic merge patches from these condensed schemas instead of
 * from its own.
 */
import { isList, isObject, type Json, type JsonObject, mapList } from "../json.ts";
import { apiVersionOf, type ResourceType, type ServedVersion } from "../resource-type.ts";
import { groupVersionsOf } from "./discovery.ts";

function queryParameter(name: string, description: string): JsonObject {
  return { name, in: "query", description, schema: { type: "string", uniqueItems: true } };
}

const WRITE_PARAMETERS: readonly Json[] = [
  queryParameter("dryRun", "When All, nothing is stored."),
  queryParameter("fieldManager", "Name of the writer."),
  queryParameter("fieldValidation", "Ignore, Warn or Strict: what happens to unknown fields."),
];
const SUCCESS: JsonObject = { "200": { description: "OK" } };
/** Schema keywords that only the server needs. */
const SERVER_ONLY: ReadonlySet<string> = new Set(["x-kubernetes-validations"]);

function published(schema: Json): Json {
  if (isList(schema)) return mapList(schema, published);
  if (!isObject(schema)) return schema;
  if (schema["x-kubernetes-int-or-string"] === true) {
    const { description = "" } = schema;
    return { type: "string", format: "int-or-string", description };
  }
  const entries = Object.entries(schema).filter(([key]) => !SERVER_ONLY.has(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, published(value)]));
}

interface Served {
  readonly type: ResourceType;
  readonly version: ServedVersion;
}

function kindOf({ type, version }: Served): JsonObject {
  return { group: type.group, version: version.name, kind: type.kind };
}

function schemaName({ type, version }: Served): string {
  const group = type.group === "" ? "core" : type.group.split(".").reverse().join(".");
  return `${group}.${version.name}.${type.kind}`;
}

function operation(served: Served, action: string, parameters: readonly Json[]): JsonObject {
  return {
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": kindOf(served),
    parameters,
    responses: SUCCESS,
  };
}

function pathsOf(served: Served): JsonObject {
  const { type, version } = served;
  const root = `${type.group === "" ? "/api" : "/apis"}/${apiVersionOf(type.group, version.name)}`;
  const collection = type.namespaced
    ? `${root}/namespaces/{namespace}/${type.plural}`
    : `${root}/${type.plural}`;
  const post = operation(served, "post", WRITE_PARAMETERS);
  if (!type.stored) return { [collection]: { post } };
  const list = operation(served, "list", []);
  return {
    ...(type.namespaced ? { [`${root}/${type.plural}`]: { get: list } } : {}),
    [collection]: { get: list, post },
    [`${collection}/{name}`]: {
      get: operation(served, "get", []),
      put: operation(served, "put", WRITE_PARAMETERS),
      patch: operation(served, "patch", WRITE_PARAMETERS),
      delete: operation(served, "delete", []),
    },
  };
}

function schemaOf(served: Served): JsonObject {
  const schema = published(served.version.openapi);
  return {
    ...(isObject(schema) ? schema : {}),
    "x-kubernetes-group-version-kind": [kindOf(served)],
  };
}

function documentPath(group: string, version: string): string {
  return group === "" ? `api/${version}` : `apis/${group}/${version}`;
}

/** Which documents there are. */
export function openApiIndex(types: readonly ResourceType[]): JsonObject {
  const paths = groupVersionsOf(types).map(({ group, version }) => {
    const path = documentPath(group, version);
    return [path, { serverRelativeURL: `/openapi/v3/${path}` }];
  });
  return { paths: Object.fromEntries(paths) };
}

/** The document at a path of the index; undefined when there is none. */
export function openApiDocument(
  types: readonly ResourceType[],
  path: string,
): JsonObject | undefined {
  const served = types.flatMap((type) =>
    type.versions
      .filter((version) => documentPath(type.group, version.name) === path)
      .map((version) => ({ type, version })),
  );
  if (served.length === 0) return undefined;
  return {
    openapi: "3.0.0",
    info: { title: "Serin sandbox", version: "v1" },
    paths: Object.assign({}, ...served.map(pathsOf)),
    components: {
      schemas: Object.fromEntries(served.map((one) => [schemaName(one), schemaOf(one)])),
    },
  };
}
