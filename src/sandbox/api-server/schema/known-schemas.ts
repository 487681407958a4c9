/**
 * Remembers what was found out about a schema by its text: definitions serve one schema in several versions, and tests
 * install the same definitions in one server after another.
 */
import { MAX_KNOWN_SCHEMAS } from "../../limits.ts";
import type { JsonObject } from "../json.ts";

/** `examine`, done once for all schemas with the same text, as long as few enough others came since. */
export function rememberBySchema<T>(examine: (schema: JsonObject) => T): (schema: JsonObject) => T {
  const known = new Map<string, { readonly found: T }>();
  return (schema) => {
    const text = JSON.stringify(schema);
    const entry = known.get(text) ?? { found: examine(schema) };
    known.delete(text);
    known.set(text, entry);
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN_SCHEMAS && oldest !== undefined) known.delete(oldest);
    return entry.found;
  };
}
