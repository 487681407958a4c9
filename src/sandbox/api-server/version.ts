/** Shows a stored object in another served version: all versions of a kind share one schema, so only the label changes. */
import type { JsonObject } from "./json.ts";
import { apiVersionOf, type ResourceType } from "./resource-type.ts";

export function inVersion(object: JsonObject, type: ResourceType, version: string): JsonObject {
  const apiVersion = apiVersionOf(type.group, version);
  return object["apiVersion"] === apiVersion ? object : { ...object, apiVersion };
}
