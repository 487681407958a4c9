/**
 * JSON values as immutable data and the few operations on them that everything else needs. Knows nothing of
 * Kubernetes; nothing here changes its arguments, so unchanged parts are shared between versions of an object.
 */

export type Json = null | boolean | number | string | JsonList | JsonObject;
export type JsonList = readonly Json[];
export interface JsonObject {
  readonly [key: string]: Json;
}
export type Path = readonly (string | number)[];

export const EMPTY: JsonObject = {};

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is JsonList {
  return Array.isArray(value);
}

/** The value under a chain of keys, or undefined where the chain breaks. */
export function at(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  let current = value;
  for (const key of keys) {
    if (!isObject(current)) return undefined;
    current = Object.hasOwn(current, key) ? current[key] : undefined;
  }
  return current;
}

export function stringAt(value: Json | undefined, ...keys: readonly string[]): string | undefined {
  const found = at(value, ...keys);
  return typeof found === "string" ? found : undefined;
}

export function numberAt(value: Json | undefined, ...keys: readonly string[]): number | undefined {
  const found = at(value, ...keys);
  return typeof found === "number" ? found : undefined;
}

/** A scalar as itself, anything else as JSON: how messages and columns show a value. */
export function textOfValue(value: Json | undefined): string {
  if (value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The strings under a chain of keys; other items are left out. */
export function stringsAt(value: Json | undefined, ...keys: readonly string[]): readonly string[] {
  return listAt(value, ...keys).filter((item) => typeof item === "string");
}

/** The object under a chain of keys; an empty one where there is none. */
export function objectAt(value: Json | undefined, ...keys: readonly string[]): JsonObject {
  const found = at(value, ...keys);
  return isObject(found) ? found : EMPTY;
}

/** The list under a chain of keys; an empty one where there is none. */
export function listAt(value: Json | undefined, ...keys: readonly string[]): JsonList {
  const found = at(value, ...keys);
  return isList(found) ? found : [];
}

/** A copy in which the chain of keys holds `value`; objects on the way are made where missing. */
export function withAt(object: JsonObject, keys: readonly string[], value: Json): JsonObject {
  const [key, ...rest] = keys;
  if (key === undefined) return object;
  if (rest.length === 0) return { ...object, [key]: value };
  return { ...object, [key]: withAt(objectAt(object, key), rest, value) };
}

/** A copy without `keys`; the object itself when it has none of them. */
export function without(object: JsonObject, ...keys: readonly string[]): JsonObject {
  if (!keys.some((key) => Object.hasOwn(object, key))) return object;
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** An object of the members that are not undefined. */
export function defined(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(members)) if (value !== undefined) result[key] = value;
  return result;
}

/** A copy with `defaults` beneath what is there; the object itself when nothing is missing. */
export function withDefaults(object: JsonObject, defaults: JsonObject): JsonObject {
  const missing = Object.keys(defaults).some((key) => object[key] === undefined);
  return missing ? { ...defaults, ...object } : object;
}

export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isList(a))
    return isList(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]));
}

/** Maps a list, giving the same list back when no item changed. */
export function mapList(list: JsonList, change: (item: Json, index: number) => Json): JsonList {
  let changed = false;
  const mapped = list.map((item, index) => {
    const next = change(item, index);
    if (next !== item) changed = true;
    return next;
  });
  return changed ? mapped : list;
}

/** Nesting depth of a value, given up at `limit`. */
export function isDeeperThan(value: Json, limit: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (limit === 0) return true;
  const members: JsonList = isList(value) ? value : Object.values(value);
  return members.some((member) => isDeeperThan(member, limit - 1));
}

/** A path as Kubernetes writes it in messages: `spec.stages[1].weight`. */
export function fieldName(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${step}]`;
  }
  return text === "" ? "<nil>" : text;
}
