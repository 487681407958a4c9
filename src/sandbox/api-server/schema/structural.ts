/**
 * Judges whether a schema is structural, as a CustomResourceDefinition demands: types everywhere, no structure inside
 * anyOf and the like, no references, rules that compile.
 */
import { forbiddenField, invalidValue, required, unsupportedValue } from "../field-error.ts";
import {
  at,
  fieldName,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  type Path,
  stringAt,
} from "../json.ts";
import type { Cause } from "../status-error.ts";
import { compileRule } from "./cel.ts";
import { rememberBySchema } from "./known-schemas.ts";
import { compilePattern, compileSchema } from "./schema.ts";
import { validate } from "./validate.ts";

type Report = (cause: Cause) => void;

const TYPES = ["array", "boolean", "integer", "number", "object", "string"];
/** Keywords OpenAPI has and CustomResourceDefinitions refuse. */
const FORBIDDEN = [
  "$ref",
  "definitions",
  "dependencies",
  "deprecated",
  "discriminator",
  "id",
  "patternProperties",
  "readOnly",
  "writeOnly",
  "xml",
  "$schema",
  "const",
  "if",
  "then",
  "else",
  "propertyNames",
];
/** What may not stand inside allOf, anyOf, oneOf and not. */
const STRUCTURE = [
  "type",
  "description",
  "default",
  "additionalProperties",
  "nullable",
  "title",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-embedded-resource",
  "x-kubernetes-validations",
];
const INT_OR_STRING = JSON.stringify([{ type: "integer" }, { type: "string" }]);

function checkType(schema: JsonObject, path: Path, report: Report): void {
  const type = stringAt(schema, "type");
  const open =
    schema["x-kubernetes-int-or-string"] === true ||
    schema["x-kubernetes-preserve-unknown-fields"] === true;
  if (type === undefined && !open)
    report(required([...path, "type"], "must not be empty for specified object fields"));
  if (type !== undefined && !TYPES.includes(type))
    report(unsupportedValue([...path, "type"], type, TYPES));
  if (schema["x-kubernetes-int-or-string"] === true && type !== undefined) {
    report(
      forbiddenField([...path, "type"], "must be empty if x-kubernetes-int-or-string is true"),
    );
  }
  if (type === "array" && !isObject(schema["items"]))
    report(required([...path, "items"], "must be specified"));
}

function checkKeywords(schema: JsonObject, path: Path, report: Report): void {
  for (const keyword of FORBIDDEN) {
    if (schema[keyword] !== undefined)
      report(forbiddenField([...path, keyword], `${keyword} is not supported`));
  }
  if (schema["properties"] !== undefined && schema["additionalProperties"] !== undefined) {
    report(
      forbiddenField(
        [...path, "additionalProperties"],
        "additionalProperties and properties are mutual exclusive",
      ),
    );
  }
  if (schema["additionalProperties"] === false) {
    report(
      forbiddenField(
        [...path, "additionalProperties"],
        "must not be used to forbid fields: unknown ones are pruned",
      ),
    );
  }
  if (schema["uniqueItems"] === true)
    report(
      forbiddenField(
        [...path, "uniqueItems"],
        "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
      ),
    );
}

function checkPattern(schema: JsonObject, path: Path, report: Report): void {
  const pattern = stringAt(schema, "pattern");
  if (pattern === undefined) return;
  try {
    compilePattern(pattern);
    if (/\(\?[=!<]/.test(pattern))
      report(
        invalidValue(
          [...path, "pattern"],
          pattern,
          "must be a valid regular expression, but isn't: look-around is not RE2",
        ),
      );
  } catch {
    report(invalidValue([...path, "pattern"], pattern, "must be a valid regular expression"));
  }
}

function checkDefault(schema: JsonObject, path: Path, report: Report): void {
  const fallback = schema["default"];
  if (fallback === undefined) return;
  for (const cause of validate(fallback, compileSchema(schema), [...path, "default"]))
    report(cause);
}

function checkRules(schema: JsonObject, path: Path, report: Report): void {
  listAt(schema, "x-kubernetes-validations").forEach((rule, i) => {
    const where = [...path, "x-kubernetes-validations", i];
    for (const [member, type] of [
      ["rule", "bool"],
      ["messageExpression", "string"],
    ] as const) {
      const text = stringAt(rule, member);
      if (text === undefined) continue;
      const { error } = compileRule(text, type);
      if (error !== undefined)
        report(invalidValue([...where, member], text, `compilation failed: ${error}`));
    }
    if (stringAt(rule, "rule") === undefined)
      report(required([...where, "rule"], "rule is not specified"));
  });
}

/** Inside a branch only values may be judged; its properties must be known outside. */
function checkBranch(branch: Json, schema: JsonObject, path: Path, report: Report): void {
  if (!isObject(branch)) return;
  for (const keyword of STRUCTURE) {
    if (branch[keyword] !== undefined)
      report(forbiddenField([...path, keyword], "must be empty to be structural"));
  }
  for (const [name, property] of Object.entries(objectAt(branch, "properties"))) {
    const outside = at(schema, "properties", name);
    if (isObject(outside)) checkBranch(property, outside, [...path, "properties", name], report);
    else
      report(
        required(
          [...path, "properties", name],
          "because it is defined in a branch, it must be defined outside too",
        ),
      );
  }
}

function checkBranches(schema: JsonObject, path: Path, report: Report): void {
  const isPlainIntOrString =
    schema["x-kubernetes-int-or-string"] === true &&
    JSON.stringify(schema["anyOf"]) === INT_OR_STRING;
  for (const keyword of ["allOf", "anyOf", "oneOf"]) {
    if (keyword === "anyOf" && isPlainIntOrString) continue;
    listAt(schema, keyword).forEach((branch, i) =>
      checkBranch(branch, schema, [...path, keyword, i], report),
    );
  }
  if (schema["not"] !== undefined) checkBranch(schema["not"], schema, [...path, "not"], report);
}

function check(raw: Json, path: Path, report: Report): void {
  if (!isObject(raw)) return;
  for (const one of [
    checkType,
    checkKeywords,
    checkPattern,
    checkDefault,
    checkRules,
    checkBranches,
  ])
    one(raw, path, report);
  for (const [name, property] of Object.entries(objectAt(raw, "properties")))
    check(property, [...path, "properties", name], report);
  if (isObject(raw["items"])) check(raw["items"], [...path, "items"], report);
  if (isObject(raw["additionalProperties"]))
    check(raw["additionalProperties"], [...path, "additionalProperties"], report);
}

/** Violations by their path within the schema. */
const violations = rememberBySchema((schema) => {
  const causes: Cause[] = [];
  check(schema, [], (cause) => causes.push(cause));
  if (schema["type"] !== "object") {
    causes.push(invalidValue(["type"], schema["type"] ?? "", "must be object at the root"));
  }
  return causes;
});

export function structuralCauses(schema: JsonObject, path: Path): readonly Cause[] {
  const prefix = fieldName(path);
  return violations(schema).map((cause) => ({ ...cause, field: `${prefix}.${cause.field}` }));
}
