/** Fills in the defaults of a schema, as the API server does: also below defaults, never below absent objects. */
import { isList, isObject, type Json, type JsonObject, mapList } from "../json.ts";
import type { Schema } from "./schema.ts";

function memberWithDefaults(value: Json | undefined, schema: Schema): Json | undefined {
  const absent =
    value === undefined || (value === null && !schema.nullable && schema.fallback !== undefined);
  const present = absent ? schema.fallback : value;
  return present === undefined ? undefined : applyDefaults(present, schema);
}

function defaultMembers(object: JsonObject, schema: Schema): JsonObject {
  const result: Record<string, Json> = { ...object };
  let changed = false;
  const fill = (key: string, property: Schema): void => {
    if (!property.hasDefaults) return;
    const before = Object.hasOwn(object, key) ? object[key] : undefined;
    const after = memberWithDefaults(before, property);
    if (after === undefined || after === before) return;
    result[key] = after;
    changed = true;
  };
  for (const [key, property] of schema.properties) fill(key, property);
  if (schema.additional?.hasDefaults === true) {
    for (const key of Object.keys(object))
      if (!schema.properties.has(key)) fill(key, schema.additional);
  }
  return changed ? result : object;
}

/** The value with defaults; the same value when nothing was missing. */
export function applyDefaults(value: Json, schema: Schema): Json {
  if (!schema.hasDefaults) return value;
  if (isObject(value)) return defaultMembers(value, schema);
  const { items } = schema;
  if (!isList(value) || items === undefined) return value;
  return mapList(value, (item) => memberWithDefaults(item, items) ?? item);
}
