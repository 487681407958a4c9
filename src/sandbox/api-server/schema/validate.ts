/**
 * Checks a value against a structural schema and words each violation as a real API server does. Rules in CEL are
 * another module's business; unknown fields are the pruner's.
 */
import {
  invalidValue,
  required,
  tooLong,
  tooMany,
  unsupportedValue,
  wrongType,
} from "../field-error.ts";
import {
  fieldName,
  isList,
  isObject,
  type Json,
  type JsonList,
  type JsonObject,
  type Path,
  sameJson,
} from "../json.ts";
import type { Cause } from "../status-error.ts";
import { fitsFormat } from "./formats.ts";
import type { Bounds, Schema } from "./schema.ts";

type Report = (cause: Cause) => void;

/** A value at its place. */
interface Place {
  readonly path: Path;
  /** What stood there before; undefined = nothing, or not known to be the same thing. */
  readonly old?: Json | undefined;
}

function typeName(value: Json): string {
  if (value === null) return "null";
  if (isList(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function hasType(value: Json, schema: Schema): boolean {
  if (value === null) return schema.nullable;
  const actual = typeName(value);
  if (schema.format === "quantity" && typeof value === "number") return true;
  if (schema.intOrString) return actual === "integer" || actual === "string";
  if (schema.type === undefined || schema.type === actual) return true;
  return schema.type === "number" && actual === "integer";
}

function checkString(value: string, schema: Schema, path: Path, report: Report): void {
  const { minLength, maxLength } = schema.bounds;
  const where = `${fieldName(path)} in body`;
  const length = Array.from(value).length;
  if (maxLength !== undefined && length > maxLength) report(tooLong(path, maxLength));
  if (minLength !== undefined && length < minLength) {
    report(invalidValue(path, value, `${where} should be at least ${minLength} chars long`));
  }
  if (schema.pattern !== undefined && !schema.pattern.test(value)) {
    report(invalidValue(path, value, `${where} should match '${schema.patternText}'`));
  }
  if (schema.format !== undefined && !fitsFormat(value, schema.format)) {
    report(
      invalidValue(
        path,
        value,
        `${where} must be of type ${schema.format}: ${JSON.stringify(value)}`,
      ),
    );
  }
}

const INT32_MAX = 2 ** 31 - 1;

function lowerBound(value: number, { minimum, exclusiveMinimum }: Bounds): string | undefined {
  if (minimum === undefined || value > minimum) return undefined;
  if (exclusiveMinimum) return `should be greater than ${minimum}`;
  return value < minimum ? `should be greater than or equal to ${minimum}` : undefined;
}

function upperBound(value: number, { maximum, exclusiveMaximum }: Bounds): string | undefined {
  if (maximum === undefined || value < maximum) return undefined;
  if (exclusiveMaximum) return `should be less than ${maximum}`;
  return value > maximum ? `should be less than or equal to ${maximum}` : undefined;
}

function otherBounds(value: number, { bounds, format }: Schema): string | undefined {
  if (format === "int32" && Math.abs(value) > INT32_MAX) return "must be a valid int32";
  const { multipleOf } = bounds;
  if (multipleOf === undefined || Number.isInteger(value / multipleOf)) return undefined;
  return `should be a multiple of ${multipleOf}`;
}

function checkNumber(value: number, schema: Schema, path: Path, report: Report): void {
  const { bounds } = schema;
  const complaints = [
    lowerBound(value, bounds),
    upperBound(value, bounds),
    otherBounds(value, schema),
  ];
  for (const complaint of complaints) {
    if (complaint === undefined) continue;
    report(invalidValue(path, value, `${fieldName(path)} in body ${complaint}`));
  }
}

function checkDuplicates(list: JsonList, schema: Schema, path: Path, report: Report): void {
  if (schema.listType !== "map" && schema.listType !== "set" && !schema.uniqueItems) return;
  const seen = new Set<string>();
  list.forEach((item, index) => {
    const members = isObject(item) ? item : {};
    const key =
      schema.listType === "map" ? schema.listKeys.map((name) => members[name] ?? null) : item;
    const text = JSON.stringify(key);
    if (seen.has(text)) {
      report({
        reason: "FieldValueDuplicate",
        message: `Duplicate value: ${text}`,
        field: fieldName([...path, index]),
      });
    }
    seen.add(text);
  });
}

/** Only lists that are maps can tell which former item an item was. */
function formerItem(item: Json, old: Json | undefined, schema: Schema): Json | undefined {
  if (schema.listType !== "map" || !isObject(item) || !isList(old)) return undefined;
  return old.find(
    (other) => isObject(other) && schema.listKeys.every((key) => sameJson(other[key], item[key])),
  );
}

function checkList(list: JsonList, schema: Schema, { path, old }: Place, report: Report): void {
  const { minItems, maxItems } = schema.bounds;
  if (maxItems !== undefined && list.length > maxItems)
    report(tooMany(path, list.length, maxItems));
  if (minItems !== undefined && list.length < minItems) {
    report(
      invalidValue(
        path,
        list.length,
        `${fieldName(path)} in body should have at least ${minItems} items`,
      ),
    );
  }
  checkDuplicates(list, schema, path, report);
  const { items } = schema;
  if (items === undefined) return;
  list.forEach((item, index) =>
    check(item, items, { path: [...path, index], old: formerItem(item, old, schema) }, report),
  );
}

/** Null is "not there", where it is not a value. */
function isMissing(object: JsonObject, key: string, schema: Schema): boolean {
  if (!Object.hasOwn(object, key)) return true;
  return object[key] === null && schema.properties.get(key)?.nullable !== true;
}

function checkSize(object: JsonObject, { bounds }: Schema, path: Path, report: Report): void {
  const { minProperties, maxProperties } = bounds;
  const count = Object.keys(object).length;
  if (maxProperties !== undefined && count > maxProperties)
    report(tooMany(path, count, maxProperties));
  if (minProperties === undefined || count >= minProperties) return;
  const detail = `${fieldName(path)} in body should have at least ${minProperties} properties`;
  report(invalidValue(path, count, detail));
}

function checkObject(object: JsonObject, schema: Schema, place: Place, report: Report): void {
  const { path, old } = place;
  const missing = schema.required.filter((key) => isMissing(object, key, schema));
  for (const key of missing) report(required([...path, key]));
  checkSize(object, schema, path, report);
  for (const [key, value] of Object.entries(object)) {
    const property = schema.properties.get(key) ?? schema.additional;
    if (property === undefined || missing.includes(key)) continue;
    const former = isObject(old) ? old[key] : undefined;
    check(value, property, { path: [...path, key], old: former }, report);
  }
}

function fits(value: Json, schema: Schema, path: Path): boolean {
  let holds = true;
  check(value, schema, { path }, () => {
    holds = false;
  });
  return holds;
}

function checkOneOf(value: Json, schema: Schema, path: Path, report: Report): void {
  const count = schema.oneOf.filter((branch) => fits(value, branch, path)).length;
  if (count === 1) return;
  const found = count === 0 ? "Found none valid" : `Found ${count} valid alternatives`;
  const detail = `must validate one and only one schema (oneOf). ${found}`;
  report(invalidValue(path, "", `"${fieldName(path)}" ${detail}`));
}

function checkBranches(value: Json, schema: Schema, path: Path, report: Report): void {
  for (const branch of schema.allOf) check(value, branch, { path }, report);
  if (schema.anyOf.length > 0 && !schema.anyOf.some((branch) => fits(value, branch, path))) {
    const detail = "must validate at least one schema (anyOf)";
    report(invalidValue(path, "", `"${fieldName(path)}" ${detail}`));
  }
  if (schema.oneOf.length > 0) checkOneOf(value, schema, path, report);
  if (schema.not !== undefined && fits(value, schema.not, path)) {
    report(invalidValue(path, "", `"${fieldName(path)}" must not validate the schema (not)`));
  }
}

function checkContent(value: Json, schema: Schema, place: Place, report: Report): void {
  if (typeof value === "string") checkString(value, schema, place.path, report);
  else if (typeof value === "number") checkNumber(value, schema, place.path, report);
  else if (isList(value)) checkList(value, schema, place, report);
  else if (isObject(value)) checkObject(value, schema, place, report);
}

function check(value: Json, schema: Schema, place: Place, report: Report): void {
  const { path, old } = place;
  if (old !== undefined && sameJson(value, old)) return;
  if (!hasType(value, schema)) {
    const expected = schema.intOrString ? "integer or string" : (schema.type ?? "object");
    report(wrongType(path, typeName(value), expected));
    return;
  }
  if (value === null) return;
  const { choices } = schema;
  if (choices !== undefined && !choices.some((choice) => sameJson(choice, value))) {
    report(unsupportedValue(path, value, choices));
  }
  checkContent(value, schema, place, report);
  checkBranches(value, schema, path, report);
}

/** All violations, in the order of the fields; none = valid. What is as in `previous` is not judged again. */
export function validate(
  value: Json,
  schema: Schema,
  path: Path,
  previous?: Json,
): readonly Cause[] {
  const causes: Cause[] = [];
  check(value, schema, { path, old: previous }, (cause) => causes.push(cause));
  return causes;
}
