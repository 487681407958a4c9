/** Asks the CEL rules of a schema of a value and its predecessor. */
import type { JsonObject } from "../json.ts";
import type { Cause } from "../status-error.ts";
import type { Schema } from "./schema.ts";

export function validateRules(
  _value: JsonObject,
  _previous: JsonObject | undefined,
  _schema: Schema,
): readonly Cause[] {
  return [];
}
