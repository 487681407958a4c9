/** Text of objects. Stored objects never change, so each is written out once however many readers it has. */
import type { JsonObject } from "./json.ts";

const texts = new WeakMap<JsonObject, string>();

export function textOf(object: JsonObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}
