/** Null in a built-in kind means "not set": drops it, as decoding into Go structs does. */
import { isList, isObject, type Json, type JsonObject, mapList } from "../json.ts";

function withoutNullMembers(object: JsonObject): JsonObject {
  let changed = false;
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(object)) {
    const next = value === null ? undefined : withoutNulls(value);
    if (next !== value) changed = true;
    if (next !== undefined) kept[key] = next;
  }
  return changed ? kept : object;
}

export function withoutNulls(value: Json): Json {
  if (isList(value)) return mapList(value, withoutNulls);
  return isObject(value) ? withoutNullMembers(value) : value;
}
