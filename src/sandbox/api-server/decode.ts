/** The one place where text and untyped values become JSON values. Judges syntax only. */
import type { Json } from "./json.ts";

/** Throws SyntaxError on bad text. */
export function decodeJson(text: string): Json {
  return JSON.parse(text) as Json;
}

/** What a YAML parser gave, which with its JSON-compatible schema is JSON. */
export function decodeYaml(value: unknown): Json {
  return value as Json;
}
