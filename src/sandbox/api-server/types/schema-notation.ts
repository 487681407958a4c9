/**
 * Reads the short notation in which the schemas of built-in kinds are written and expands it to OpenAPI:
 *
 *     Name | What it is.
 *       field! type attribute=value | What the field is.
 *
 * `!` = required. Types: string bool int int64 number time quantity intOrString any, Name, [T], {T}.
 * Attributes: key=a,b (items are told apart by these), set (a set of values), retain (a patch that switches a union
 * clears the other members), enum=A,B, min=N, max=N.
 */
import { InvariantError } from "../../../ports/errors.ts";
import type { Json, JsonObject } from "../json.ts";

type Definitions = ReadonlyMap<string, JsonObject>;

const SCALARS: Readonly<Record<string, JsonObject>> = {
  string: { type: "string" },
  bool: { type: "boolean" },
  int: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  number: { type: "number" },
  time: { type: "string", format: "date-time" },
  quantity: { type: "string", format: "quantity" },
  intOrString: { "x-kubernetes-int-or-string": true },
  any: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
};

function typeSchema(type: string, known: Definitions): JsonObject {
  if (type.startsWith("[")) return { type: "array", items: typeSchema(type.slice(1, -1), known) };
  if (type.startsWith("{"))
    return { type: "object", additionalProperties: typeSchema(type.slice(1, -1), known) };
  const schema = SCALARS[type] ?? known.get(type);
  if (schema === undefined)
    throw new InvariantError(`schema notation: type "${type}" is not defined above its use`);
  return schema;
}

function attributeSchema(attribute: string): JsonObject {
  const [name = "", value = ""] = attribute.split("=");
  const keys = value.split(",");
  switch (name) {
    case "key":
      return {
        "x-kubernetes-list-map-keys": keys,
        "x-kubernetes-patch-merge-key": keys[0] ?? "",
        "x-kubernetes-patch-strategy": "merge",
      };
    case "set":
      return { "x-kubernetes-patch-strategy": "merge" };
    case "retain":
      return { "x-kubernetes-patch-strategy": "retainKeys" };
    case "enum":
      return { enum: keys };
    case "min":
      return { minimum: Number(value) };
    case "max":
      return { maximum: Number(value) };
    default:
      throw new InvariantError(`schema notation: attribute "${attribute}" is unknown`);
  }
}

interface Field {
  readonly name: string;
  readonly isRequired: boolean;
  readonly schema: JsonObject;
}

function parseField(line: string, known: Definitions): Field {
  const [head = "", description = ""] = line.trim().split(" | ");
  const [name = "", type = "", ...attributes] = head.split(" ");
  const schema = Object.assign(
    {},
    typeSchema(type, known),
    ...attributes.map(attributeSchema),
    description === "" ? {} : { description },
  );
  return { name: name.replace("!", ""), isRequired: name.endsWith("!"), schema };
}

function objectSchema(description: string, fields: readonly Field[]): JsonObject {
  const required: readonly Json[] = fields
    .filter((field) => field.isRequired)
    .map((field) => field.name);
  return {
    type: "object",
    ...(description === "" ? {} : { description }),
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(fields.map((field) => [field.name, field.schema])),
  };
}

/** The definitions of a text, which may use those it is given and those above in itself. */
export function readNotation(text: string, given: Definitions = new Map()): Definitions {
  const known = new Map(given);
  for (const block of text.trim().split(/\n(?=\S)/)) {
    const [head = "", ...lines] = block.split("\n").filter((line) => line.trim() !== "");
    const [name = "", description = ""] = head.split(" | ");
    known.set(
      name.trim(),
      objectSchema(
        description,
        lines.map((line) => parseField(line, known)),
      ),
    );
  }
  return known;
}
