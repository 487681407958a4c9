/** The one place where text and untyped values become JSON values. Judges syntax only. */
import type { Json, JsonObject } from "./json.ts";

/** Throws SyntaxError on bad text. */
export function decodeJson(text: string): Json {
  return JSON.parse(text) as Json;
}

/** A plain object literal of ours, whose type already says that it is JSON. */
export function decodeObject(value: object): JsonObject {
  return value as JsonObject;
}

/** What a YAML parser gave, which with its JSON-compatible schema is JSON. */
export function decodeYaml(value: unknown): Json {
  return value as Json;
}
