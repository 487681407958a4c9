/** Drops the fields a schema does not name and reports each. Does not judge the values of those it keeps. */
import { isList, isObject, type Json, type JsonObject, mapList, type Path } from "../json.ts";
import type { Schema } from "./schema.ts";

export type OnUnknown = (path: Path) => void;

/** What an embedded object always has, whatever its schema names. */
const EMBEDDED_FIELDS: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);

function pruneMembers(
  object: JsonObject,
  schema: Schema,
  path: Path,
  onUnknown: OnUnknown,
): JsonObject {
  const kept: Record<string, Json> = {};
  let changed = false;
  for (const [key, value] of Object.entries(object)) {
    const property = schema.properties.get(key) ?? schema.additional;
    if (property !== undefined) {
      const next = prune(value, property, [...path, key], onUnknown);
      changed ||= next !== value;
      kept[key] = next;
    } else if (schema.keepUnknown || (schema.embedded && EMBEDDED_FIELDS.has(key))) {
      kept[key] = value;
    } else {
      changed = true;
      onUnknown([...path, key]);
    }
  }
  return changed ? kept : object;
}

/** The value without unknown fields; the same value when it has none. */
export function prune(value: Json, schema: Schema, path: Path, onUnknown: OnUnknown): Json {
  if (isList(value)) {
    const { items } = schema;
    if (items === undefined) return value;
    return mapList(value, (item, index) => prune(item, items, [...path, index], onUnknown));
  }
  return isObject(value) ? pruneMembers(value, schema, path, onUnknown) : value;
}
