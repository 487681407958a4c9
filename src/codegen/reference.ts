/** The reference of one kind in Markdown: every field with type, default, bounds and meaning, and what is refused. */
import { stringify } from "yaml";
import { apiVersion } from "../api/names.ts";
import { objectSchema } from "./custom-resource-definition.ts";
import { printExample } from "./examples.ts";
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
  ["^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a DNS-1123 label"],
  ["^https?:\\/\\/.+", "an http or https URL"],
  ["^([0-9]+(\\.[0-9]+)?(h|m|s|ms))+$", "a duration: `10s`, `1m30s`, `250ms`"],
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

/** Longest default, in characters, that is told beside its field. */
const longestInline = 60;

const isLong = (standard: unknown): boolean => JSON.stringify(standard).length > longestInline;

/** The default on one line; that of an object is told by its fields, a long one below the table. */
function defaultOf({ schema, isRequired }: Field): string {
  if (isRequired) return "required";
  if (schema.default === undefined || schema.type === "object") return "";
  return isLong(schema.default) ? "see below" : code(JSON.stringify(schema.default));
}

/** Defaults that are too long for their row, as they would be written. */
function longDefaults(fields: readonly Field[]): string {
  return fields
    .filter(({ schema: { default: standard, type } }) => type === "array" && standard !== undefined)
    .filter(({ schema }) => isLong(schema.default))
    .map(({ path, schema }) => {
      const name = path.split(".").at(-1) ?? path;
      const text = stringify({ [name]: schema.default }, { collectionStyle: "any" });
      return `### Default of ${code(path)}\n\n\`\`\`yaml\n${text}\`\`\``;
    })
    .join("\n\n");
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

/** The field and, of a list or a map, what is in it: rules of items are not those of any field. */
function withItems(field: Field): readonly Field[] {
  const { path, schema } = field;
  const { items, additionalProperties } = schema;
  return [
    field,
    ...(items === undefined ? [] : [{ path: `${path}[]`, schema: items, isRequired: false }]),
    ...(additionalProperties === undefined
      ? []
      : [{ path: `${path}.*`, schema: additionalProperties, isRequired: false }]),
  ];
}

function refusals(fields: readonly Field[]): string {
  const rows = fields
    .flatMap(withItems)
    .flatMap(({ path, schema }) =>
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
    printExample(kind.kind),
    spec === undefined ? "" : `## spec\n\n${fieldTable("spec", spec)}`,
    spec === undefined ? "" : longDefaults(fieldsOf("spec", spec)),
    status === undefined ? "" : `## status\n\n${fieldTable("status", status)}`,
    refusals([root, ...fieldsOf("", schema)]),
  ]
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join("\n\n");
}
