/**
 * Server-side apply, the last writer winning: merges a configuration into an object, and removes what the same manager
 * applied before and no longer mentions. Fields are tracked per manager in the real FieldsV1 notation.
 */
import { decodeJson } from "../decode.ts";
import {
  EMPTY,
  isList,
  isObject,
  type Json,
  type JsonList,
  type JsonObject,
  objectAt,
  sameJson,
  without,
} from "../json.ts";
import type { Schema } from "../schema/schema.ts";

/** What identifies an object rather than configures it. */
const IDENTITY = ["apiVersion", "kind"];
const METADATA_IDENTITY = [
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "managedFields",
  "creationTimestamp",
  "generation",
];

function propertyOf(schema: Schema | undefined, key: string): Schema | undefined {
  return schema?.properties.get(key) ?? schema?.additional;
}

function keysOf(schema: Schema | undefined): readonly string[] {
  return schema?.listKeys ?? [];
}

function isSet(schema: Schema | undefined): boolean {
  return (
    schema?.listType === "set" || (schema?.patchStrategy === "merge" && keysOf(schema).length === 0)
  );
}

function itemKey(item: Json, keys: readonly string[]): JsonObject {
  const members = isObject(item) ? item : {};
  return Object.fromEntries(
    keys.filter((key) => members[key] !== undefined).map((key) => [key, members[key] ?? null]),
  );
}

/** Whether two items are the same one: keys that one of them leaves to a default do not tell them apart. */
function sameItem(a: Json, b: Json, keys: readonly string[]): boolean {
  if (!isObject(a) || !isObject(b)) return false;
  return keys.every(
    (key, i) =>
      sameJson(a[key], b[key]) || (i > 0 && (a[key] === undefined || b[key] === undefined)),
  );
}

function listFields(list: JsonList, schema: Schema | undefined): JsonObject {
  const keys = keysOf(schema);
  if (keys.length > 0) {
    return Object.fromEntries(
      list.map((item) => [
        `k:${JSON.stringify(itemKey(item, keys))}`,
        { ".": {}, ...fieldsOf(item, schema?.items) },
      ]),
    );
  }
  return isSet(schema)
    ? Object.fromEntries(list.map((item) => [`v:${JSON.stringify(item)}`, {}]))
    : {};
}

/** The fields a configuration sets, in FieldsV1 notation. */
function fieldsOf(value: Json, schema: Schema | undefined): JsonObject {
  if (isList(value)) return listFields(value, schema);
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      `f:${key}`,
      fieldsOf(member, propertyOf(schema, key)),
    ]),
  );
}

/** The fields of a whole object, without its identity. */
export function appliedFields(object: JsonObject, schema: Schema): JsonObject {
  const metadata = without(objectAt(object, "metadata"), ...METADATA_IDENTITY);
  return fieldsOf({ ...without(object, ...IDENTITY), metadata }, schema);
}

function mergeList(live: JsonList, applied: JsonList, schema: Schema | undefined): JsonList {
  const keys = keysOf(schema);
  if (keys.length === 0) {
    if (!isSet(schema)) return applied;
    return [...live, ...applied.filter((item) => !live.some((other) => sameJson(other, item)))];
  }
  const merged = live.map((item) => {
    const config = applied.find((other) => sameItem(item, other, keys));
    return config === undefined ? item : merge(item, config, schema?.items);
  });
  const added = applied.filter((item) => !live.some((other) => sameItem(other, item, keys)));
  return [...merged, ...added];
}

function merge(live: Json | undefined, applied: Json, schema: Schema | undefined): Json {
  if (isList(applied)) return isList(live) ? mergeList(live, applied, schema) : applied;
  if (!isObject(applied) || !isObject(live)) return applied;
  const result: Record<string, Json> = { ...live };
  for (const [key, value] of Object.entries(applied))
    result[key] = merge(live[key], value, propertyOf(schema, key));
  return result;
}

/** Whether an entry of a list in FieldsV1 notation, `k:{…}` or `v:…`, names this item. */
function namesItem(entry: string, item: Json, keys: readonly string[]): boolean {
  if (entry.startsWith("k:")) return sameItem(decodeJson(entry.slice(2)), item, keys);
  return entry.startsWith("v:") && sameJson(decodeJson(entry.slice(2)), item);
}

function removeItems(
  list: JsonList,
  before: JsonObject,
  now: JsonObject,
  schema: Schema | undefined,
): JsonList {
  const keys = keysOf(schema);
  return list.flatMap((item) => {
    const entry = Object.keys(before).find((known) => namesItem(known, item, keys));
    if (entry === undefined) return [item];
    if (now[entry] === undefined) return [];
    return [removeDropped(item, objectAt(before, entry), objectAt(now, entry), schema?.items)];
  });
}

/** What is left of a member whose fields were applied before; undefined when nothing is. */
function leftOf(
  value: Json,
  before: JsonObject,
  now: JsonObject | undefined,
  schema: Schema | undefined,
): Json | undefined {
  const isLeaf = Object.keys(before).length === 0;
  if (isLeaf) return now === undefined ? undefined : value;
  const left = removeDropped(value, before, now ?? EMPTY, schema);
  return now === undefined && isEmpty(left) ? undefined : left;
}

/** Takes out of `live` the fields that are in `before` and not in `now`. */
function removeDropped(
  live: Json,
  before: JsonObject,
  now: JsonObject,
  schema: Schema | undefined,
): Json {
  if (isList(live)) return removeItems(live, before, now, schema);
  if (!isObject(live)) return live;
  const result: Record<string, Json> = { ...live };
  for (const entry of Object.keys(before)) {
    const key = entry.slice(2);
    const value = live[key];
    if (!entry.startsWith("f:") || value === undefined) continue;
    const still = now[entry] === undefined ? undefined : objectAt(now, entry);
    const left = leftOf(value, objectAt(before, entry), still, propertyOf(schema, key));
    if (left === undefined) delete result[key];
    else result[key] = left;
  }
  return result;
}

function isEmpty(value: Json): boolean {
  return isList(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

/** `before` are the fields this manager applied last time. */
export function applyConfiguration(
  live: JsonObject,
  config: JsonObject,
  before: JsonObject,
  schema: Schema,
): Json {
  const kept = removeDropped(live, before, appliedFields(config, schema), schema);
  const metadata = without(objectAt(config, "metadata"), "managedFields", "creationTimestamp");
  return merge(kept, { ...config, metadata }, schema);
}
