/** The reference of one kind in Markdown: every field with type, default, bounds and meaning, and what is refused. */
import { apiVersion } from "../api/names.ts";
import { objectSchema } from "./custom-resource-definition.ts";
import type { Kind } from "./kinds.ts";
import { code, row, table } from "./markdown.ts";
import type { StructuralSchema } from "./structural-schema.ts";

/** One schema and the path that leads to it. */
interface Field {
  readonly path: string;
  readonly schema: StructuralSchema;
  readonly isRequired: boolean;
}

/** All fields below a schema, parents before children, in the order of the schema. */
function fieldsOf(path: string, schema: StructuralSchema): readonly Field[] {
  const required = new Set(schema.required);
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const childPath = path === "" ? key : `${path}.${key}`;
    const field = { path: childPath, schema: child, isRequired: required.has(key) };
    return [field, ...fieldsOf(childPath, child)];
  });
  return schema.items === undefined ? own : [...own, ...fieldsOf(`${path}[]`, schema.items)];
}

function typeOf(schema: StructuralSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => code(value)).join(" · ");
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  if (schema.additionalProperties !== undefined) {
    return `map to ${typeOf(schema.additionalProperties)}`;
  }
  return schema.type;
}

/** "2 to 5 things", "at least 2", "at most 5", "5 things". */
function range(low: number | string | undefined, high: number | string | undefined): string {
  if (low === high) return `${low}`;
  if (high === undefined) return `at least ${low}`;
  return low === undefined || low === 0 ? `at most ${high}` : `${low} to ${high}`;
}

function numberRange(schema: StructuralSchema): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (minimum === undefined && maximum === undefined) return undefined;
  if (exclusiveMinimum === true || exclusiveMaximum === true) {
    return `above ${minimum} and below ${maximum}`;
  }
  return minimum === 0 && maximum !== undefined ? `0 to ${maximum}` : range(minimum, maximum);
}

const counted = (least: number | undefined, most: number | undefined, what: string) =>
  most === undefined ? undefined : `${range(least, most)} ${most === 1 ? what : `${what}s`}`;

/** Patterns that have a name. */
const patternNames = new Map([
  ["^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", "a DNS-1123 subdomain"],
  ["^https?:\\/\\/.+", "an http or https URL"],
]);

function boundsOf(schema: StructuralSchema): string {
  const { pattern } = schema;
  return [
    numberRange(schema),
    counted(schema.minLength, schema.maxLength, "character"),
    counted(schema.minItems, schema.maxItems, "item"),
    counted(undefined, schema.maxProperties, "item"),
    pattern === undefined ? undefined : (patternNames.get(pattern) ?? code(pattern)),
  ]
    .filter((part) => part !== undefined)
    .join("; ");
}

/** The default on one line; that of an object is told by its fields. */
function defaultOf({ schema, isRequired }: Field): string {
  if (isRequired) return "required";
  if (schema.default === undefined || schema.type === "object") return "";
  return code(JSON.stringify(schema.default));
}

function fieldRow(field: Field): string {
  const { path, schema } = field;
  return row([
    code(path),
    typeOf(schema),
    defaultOf(field),
    boundsOf(schema),
    schema.description ?? "",
  ]);
}

function fieldTable(root: string, schema: StructuralSchema): string {
  const head = ["Field", "Type", "Default", "Bounds", "Meaning"];
  return table(head, fieldsOf(root, schema).map(fieldRow));
}

function refusals(fields: readonly Field[]): string {
  const rows = fields.flatMap(({ path, schema }) =>
    (schema["x-kubernetes-validations"] ?? []).map(({ rule, message }) =>
      row([path === "" ? "the object" : code(path), message, code(rule)]),
    ),
  );
  if (rows.length === 0) return "";
  return `\n## What is refused\n\nThe API server answers with these words when a rule does not hold.\n\n${table(["Where", "Message", "Rule that must hold"], rows)}`;
}

/** The page of one kind. */
export function printReference(kind: Kind): string {
  const schema = objectSchema(kind);
  const { spec, status } = schema.properties ?? {};
  const root: Field = { path: "", schema, isRequired: true };
  const short = kind.shortNames.map((name) => ` Short name: ${code(name)}.`).join("");
  return [
    `# ${kind.kind}\n\n${kind.doc}`,
    `${code(`apiVersion: ${apiVersion}`)}, ${kind.scope === "Cluster" ? "cluster-wide" : "in a namespace"}.${short}`,
    spec === undefined ? "" : `## spec\n\n${fieldTable("spec", spec)}`,
    status === undefined ? "" : `## status\n\n${fieldTable("status", status)}`,
    refusals([root, ...fieldsOf("", schema)]),
  ]
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join("\n\n");
}
