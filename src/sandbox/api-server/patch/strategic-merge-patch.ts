/**
 * Strategic merge patch: a merge patch that merges lists by the keys a schema names and obeys the directives `$patch`,
 * `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…`, as kubectl apply, edit and set send them.
 */
import {
  isList,
  isObject,
  type Json,
  type JsonList,
  type JsonObject,
  sameJson,
  textOfValue,
} from "../json.ts";
import type { Schema } from "../schema/schema.ts";
import { unexpected } from "../status-error.ts";

const ORDER = "$setElementOrder/";
const DELETE_FROM = "$deleteFromPrimitiveList/";

function isDirective(key: string): boolean {
  return (
    key === "$patch" ||
    key === "$retainKeys" ||
    key.startsWith(ORDER) ||
    key.startsWith(DELETE_FROM)
  );
}

function keyOf(item: Json | undefined, mergeKey: string | undefined): Json | undefined {
  if (mergeKey === undefined) return item;
  return isObject(item) ? item[mergeKey] : undefined;
}

/** Position of the item with this key, or -1. */
function find(list: JsonList, key: Json | undefined, mergeKey: string | undefined): number {
  return list.findIndex((item) => sameJson(keyOf(item, mergeKey), key));
}

/**
 * Puts items in the wanted order. Items the order does not name keep their place relative to those that were there
 * before; new ones come where the order says.
 */
function reorder(
  items: JsonList,
  order: JsonList,
  before: JsonList,
  mergeKey: string | undefined,
): JsonList {
  const rank = (list: JsonList, item: Json | undefined): number =>
    find(list, keyOf(item, mergeKey), mergeKey);
  const ordered = items
    .filter((item) => rank(order, item) >= 0)
    .sort((a, b) => rank(order, a) - rank(order, b));
  const others = items.filter((item) => rank(order, item) < 0);
  const result: Json[] = [];
  for (const item of ordered) {
    const place = rank(before, item);
    // Others that stood before an item stay before it; a new item has nothing before it.
    const after = others.findIndex((other) => rank(before, other) >= place);
    const earlier = after < 0 ? others.length : after;
    result.push(...others.splice(0, place < 0 ? 0 : earlier), item);
  }
  return [...result, ...others];
}

function mergeKeyedList(target: JsonList, patch: JsonList, schema: Schema): JsonList {
  const { items: itemSchema, mergeKey } = schema;
  if (patch.some((item) => isObject(item) && item["$patch"] === "replace")) {
    return patch.filter((item) => !(isObject(item) && item["$patch"] === "replace"));
  }
  const result = [...target];
  for (const item of patch) {
    if (mergeKey !== undefined && keyOf(item, mergeKey) === undefined)
      throw unexpected(
        `map: ${textOfValue(item)} does not contain declared merge key: ${mergeKey}`,
      );
    const index = find(result, keyOf(item, mergeKey), mergeKey);
    if (isObject(item) && item["$patch"] === "delete") {
      if (index >= 0) result.splice(index, 1);
    } else if (index < 0) result.push(applyStrategicMergePatch(undefined, item, itemSchema));
    else result[index] = applyStrategicMergePatch(result[index], item, itemSchema);
  }
  return result;
}

function mergeSet(target: JsonList, patch: JsonList): JsonList {
  return [...target, ...patch.filter((item) => find(target, item, undefined) < 0)];
}

function mergeList(target: JsonList, patch: JsonList, schema: Schema | undefined): JsonList {
  if (schema?.mergeKey !== undefined) return mergeKeyedList(target, patch, schema);
  return schema?.patchStrategy === "merge" ? mergeSet(target, patch) : patch;
}

function propertyOf(schema: Schema | undefined, key: string): Schema | undefined {
  return schema?.properties.get(key) ?? schema?.additional;
}

function mergeMember(target: Json | undefined, patch: Json, schema: Schema | undefined): Json {
  if (isList(patch)) return mergeList(isList(target) ? target : [], patch, schema);
  return applyStrategicMergePatch(target, patch, schema);
}

/** Deletes from sets and puts lists in order: after the members are merged, for it concerns the outcome. */
function obeyListDirectives(
  merged: Record<string, Json>,
  before: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
): void {
  for (const [directive, value] of Object.entries(patch)) {
    if (!isList(value)) continue;
    const field = directive.slice(directive.indexOf("/") + 1);
    const current = merged[field];
    if (!isList(current)) continue;
    const former = before[field];
    if (directive.startsWith(DELETE_FROM))
      merged[field] = current.filter((item) => find(value, item, undefined) < 0);
    if (!directive.startsWith(ORDER)) continue;
    merged[field] = reorder(
      current,
      value,
      isList(former) ? former : [],
      propertyOf(schema, field)?.mergeKey,
    );
  }
}

function retained(target: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch["$retainKeys"];
  if (!isList(keys)) return target;
  return Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key)));
}

function mergeObject(
  target: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
): JsonObject {
  const before = retained(target, patch);
  const merged: Record<string, Json> = { ...before };
  for (const [key, value] of Object.entries(patch)) {
    if (isDirective(key)) continue;
    if (value === null) delete merged[key];
    else merged[key] = mergeMember(merged[key], value, propertyOf(schema, key));
  }
  obeyListDirectives(merged, before, patch, schema);
  return merged;
}

/** Without a schema for a place, lists there are replaced whole. */
export function applyStrategicMergePatch(
  target: Json | undefined,
  patch: Json,
  schema: Schema | undefined,
): Json {
  if (!isObject(patch)) return patch;
  const { $patch: directive, ...members } = patch;
  if (directive === "replace") return members;
  if (directive === "delete") return {};
  return mergeObject(isObject(target) ? target : {}, patch, schema);
}
