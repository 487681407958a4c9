/** Answers the paths that are about the cluster rather than about objects: version, health, discovery, OpenAPI. */
import {
  AGGREGATED_TYPE,
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiVersions,
  resourceList,
  wantsAggregated,
} from "./discovery/discovery.ts";
import { openApiDocument, openApiIndex } from "./discovery/openapi.ts";
import type { JsonObject } from "./json.ts";
import type { ResourceType } from "./resource-type.ts";
import { jsonResponse, textResponse, typedResponse } from "./respond.ts";

/** The version of the Kubernetes API that the sandbox behaves like. */
const VERSION: JsonObject = {
  major: "1",
  minor: "33",
  gitVersion: "v1.33.0+serin-sandbox",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "",
  platform: "sandbox",
};

/**
 * kubectl still asks for version 2, as protobuf, before it applies a List or a kind that does not exist yet. No bytes
 * are a valid document that knows no kind: kubectl then leaves the judgement to the server.
 */
const OPENAPI_V2_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

function json(object: JsonObject | undefined): Response | undefined {
  return object === undefined ? undefined : jsonResponse(JSON.stringify(object), 200);
}

function discovery(
  segments: readonly string[],
  request: Request,
  types: readonly ResourceType[],
): Response | undefined {
  const [root, first, second] = segments;
  if (root !== "api" && root !== "apis") return undefined;
  if (first === undefined) {
    if (wantsAggregated(request))
      return typedResponse(JSON.stringify(aggregatedDiscovery(types, root)), AGGREGATED_TYPE);
    return json(root === "api" ? apiVersions() : apiGroupList(types));
  }
  if (root === "api") return json(resourceList(types, { group: "", version: first }));
  if (second === undefined) return json(apiGroup(types, first));
  return json(resourceList(types, { group: first, version: second }));
}

/** Undefined when the path is none of these. */
export function answerClusterPath(
  segments: readonly string[],
  request: Request,
  types: readonly ResourceType[],
): Response | undefined {
  const [root = "", ...rest] = segments;
  switch (root) {
    case "healthz":
    case "livez":
    case "readyz":
      return textResponse("ok");
    case "version":
      return json(VERSION);
    case "openapi":
      if (rest[0] === "v2") return typedResponse("", OPENAPI_V2_TYPE);
      if (rest[0] !== "v3") return undefined;
      return json(
        rest.length === 1 ? openApiIndex(types) : openApiDocument(types, rest.slice(1).join("/")),
      );
    default:
      return discovery(segments, request, types);
  }
}
