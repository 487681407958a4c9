/** Tells clients which groups, versions and resources there are, in the plain and in the aggregated form. */
import type { Json, JsonObject } from "../json.ts";
import { apiVersionOf, type ResourceType, type ServedVersion } from "../resource-type.ts";

const OBJECT_VERBS = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];
const SUBRESOURCE_VERBS = ["get", "patch", "update"];

interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly group: string;
  readonly version: string;
}

interface Served {
  readonly type: ResourceType;
  readonly version: ServedVersion;
}

function servedIn(
  types: readonly ResourceType[],
  { group, version }: GroupVersion,
): readonly Served[] {
  return types.flatMap((type) => {
    const served =
      type.group === group ? type.versions.find((one) => one.name === version) : undefined;
    return served === undefined ? [] : [{ type, version: served }];
  });
}

function subresourcesOf({ type, version }: Served): readonly Subresource[] {
  const own = { kind: type.kind, group: type.group, version: version.name };
  return [
    ...(version.hasStatus ? [{ name: "status", ...own }] : []),
    ...(version.scale === undefined
      ? []
      : [{ name: "scale", kind: "Scale", group: "autoscaling", version: "v1" }]),
  ];
}

function verbsOf(type: ResourceType): readonly string[] {
  return type.stored ? OBJECT_VERBS : ["create"];
}

/** Versions of a group, the most preferred first. */
function versionsOf(types: readonly ResourceType[], group: string): readonly string[] {
  const names = types
    .filter((type) => type.group === group)
    .flatMap((type) => type.versions.map((version) => version.name));
  return [...new Set(names)];
}

function groupsOf(types: readonly ResourceType[]): readonly string[] {
  return [...new Set(types.map((type) => type.group))].filter((group) => group !== "");
}

export function groupVersionsOf(types: readonly ResourceType[]): readonly GroupVersion[] {
  return ["", ...groupsOf(types)].flatMap((group) =>
    versionsOf(types, group).map((version) => ({ group, version })),
  );
}

function resourceOf({ type, version }: Served): readonly Json[] {
  const main: JsonObject = {
    name: type.plural,
    singularName: type.singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: verbsOf(type),
    ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
    ...(type.categories.length === 0 ? {} : { categories: type.categories }),
  };
  const subresources = subresourcesOf({ type, version }).map(
    ({ name, kind, group, version: of }) => ({
      name: `${type.plural}/${name}`,
      singularName: "",
      namespaced: type.namespaced,
      kind,
      ...(kind === type.kind ? {} : { group, version: of }),
      verbs: SUBRESOURCE_VERBS,
    }),
  );
  return [main, ...subresources];
}

/** Undefined when nothing is served in this group and version. */
export function resourceList(
  types: readonly ResourceType[],
  at: GroupVersion,
): JsonObject | undefined {
  const served = servedIn(types, at);
  if (served.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: apiVersionOf(at.group, at.version),
    resources: served.flatMap(resourceOf),
  };
}

function groupObject(types: readonly ResourceType[], group: string): JsonObject {
  const versions = versionsOf(types, group).map((version) => ({
    groupVersion: apiVersionOf(group, version),
    version,
  }));
  return { name: group, versions, preferredVersion: versions[0] ?? {} };
}

export function apiGroup(types: readonly ResourceType[], group: string): JsonObject | undefined {
  if (!groupsOf(types).includes(group)) return undefined;
  return { kind: "APIGroup", apiVersion: "v1", ...groupObject(types, group) };
}

export function apiGroupList(types: readonly ResourceType[]): JsonObject {
  const groups = groupsOf(types).map((group) => groupObject(types, group));
  return { kind: "APIGroupList", apiVersion: "v1", groups };
}

export function apiVersions(): JsonObject {
  return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
}

function aggregatedResource(served: Served): JsonObject {
  const { type, version } = served;
  const subresources = subresourcesOf(served).map(({ name, kind, group, version: of }) => ({
    subresource: name,
    responseKind: { group, version: of, kind },
    verbs: SUBRESOURCE_VERBS,
  }));
  return {
    resource: type.plural,
    responseKind: { group: type.group, version: version.name, kind: type.kind },
    scope: type.namespaced ? "Namespaced" : "Cluster",
    singularResource: type.singular,
    verbs: verbsOf(type),
    ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
    ...(type.categories.length === 0 ? {} : { categories: type.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

function aggregatedGroup(types: readonly ResourceType[], group: string): JsonObject {
  const versions = versionsOf(types, group).map((version) => ({
    version,
    resources: servedIn(types, { group, version }).map(aggregatedResource),
    freshness: "Current",
  }));
  return {
    metadata: group === "" ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
    versions,
  };
}

/** Everything below `/api` (the core group) or below `/apis` in one answer. */
export function aggregatedDiscovery(
  types: readonly ResourceType[],
  root: "api" | "apis",
): JsonObject {
  const groups = root === "api" ? [""] : groupsOf(types);
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups.map((group) => aggregatedGroup(types, group)),
  };
}

export const AGGREGATED_TYPE =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

export function wantsAggregated(request: Request): boolean {
  return (request.headers.get("accept") ?? "")
    .split(",")
    .some(
      (choice) => choice.includes("as=APIGroupDiscoveryList") && /v=v2(;|$)/.test(choice.trim()),
    );
}
