/** One violation at one field, worded as Kubernetes words it. */
import { fieldName, type Json, type Path } from "./json.ts";
import type { Cause } from "./status-error.ts";

function shown(value: Json): string {
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

export function required(path: Path, detail = ""): Cause {
  const message = detail === "" ? "Required value" : `Required value: ${detail}`;
  return { reason: "FieldValueRequired", message, field: fieldName(path) };
}

export function invalidValue(path: Path, value: Json, detail: string): Cause {
  return {
    reason: "FieldValueInvalid",
    message: `Invalid value: ${shown(value)}: ${detail}`,
    field: fieldName(path),
  };
}

export function wrongType(path: Path, actual: string, expected: string): Cause {
  const field = fieldName(path);
  const message = `Invalid value: "${actual}": ${field} in body must be of type ${expected}: "${actual}"`;
  return { reason: "FieldValueTypeInvalid", message, field };
}

export function unsupportedValue(path: Path, value: Json, supported: readonly Json[]): Cause {
  const values = supported.map(shown).join(", ");
  const message = `Unsupported value: ${shown(value)}: supported values: ${values}`;
  return { reason: "FieldValueNotSupported", message, field: fieldName(path) };
}

export function tooLong(path: Path, limit: number): Cause {
  const message = `Too long: may not be more than ${limit} bytes`;
  return { reason: "FieldValueTooLong", message, field: fieldName(path) };
}

export function tooMany(path: Path, count: number, limit: number): Cause {
  const message = `Too many: ${count}: must have at most ${limit} items`;
  return { reason: "FieldValueTooMany", message, field: fieldName(path) };
}

export function duplicate(path: Path, value: Json): Cause {
  return {
    reason: "FieldValueDuplicate",
    message: `Duplicate value: ${shown(value)}`,
    field: fieldName(path),
  };
}

export function forbiddenField(path: Path, detail: string): Cause {
  return { reason: "FieldValueForbidden", message: `Forbidden: ${detail}`, field: fieldName(path) };
}
