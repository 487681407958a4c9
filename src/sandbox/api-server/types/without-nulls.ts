/** Null in a built-in kind means "not set": drops it, as decoding into Go structs does; what is opaque stays as it came. */
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

/** The object as it is stored; the field `opaque` (a RawExtension) is not looked into. */
export function withoutNullFields(object: JsonObject, opaque: string | undefined): JsonObject {
  const kept = withoutNullMembers(object);
  const raw = opaque === undefined ? undefined : object[opaque];
  return opaque === undefined || raw === undefined || raw === null
    ? kept
    : { ...kept, [opaque]: raw };
}

function withoutNulls(value: Json): Json {
  if (isList(value)) return mapList(value, withoutNulls);
  return isObject(value) ? withoutNullMembers(value) : value;
}
