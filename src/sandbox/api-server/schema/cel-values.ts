/** Shows JSON to CEL as the types its schema gives it: integers, durations, times, and names CEL can write. */
import { evaluate } from "@marcbachmann/cel-js";
import { isList, isObject, type Json, type JsonList, type JsonObject } from "../json.ts";
import type { Schema } from "./schema.ts";

/** Words that CEL reserves; a field so named is written `__word__` in a rule. */
const RESERVED: ReadonlySet<string> = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);
const ESCAPES: readonly (readonly [string, string])[] = [
  ["__", "__underscores__"],
  [".", "__dot__"],
  ["-", "__dash__"],
  ["/", "__slash__"],
];

function escaped(field: string): string {
  if (RESERVED.has(field)) return `__${field}__`;
  return ESCAPES.reduce((text, [from, to]) => text.replaceAll(from, to), field);
}

function celObject(
  object: JsonObject,
  schema: Schema | undefined,
): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    const property = schema?.properties.get(key);
    if (property === undefined) result[key] = celValue(value, schema?.additional);
    else result[escaped(key)] = celValue(value, property);
  }
  return result;
}

function celString(text: string, format: string | undefined): unknown {
  if (format === "date-time") return new Date(text);
  if (format === "duration") return evaluate("duration(text)", { text });
  return text;
}

function celNumber(value: number, type: string | undefined): number | bigint {
  return type !== "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

function convert(value: JsonObject | JsonList, schema: Schema | undefined): unknown {
  if (isList(value)) return value.map((item) => celValue(item, schema?.items));
  return celObject(value, schema);
}

interface Converted {
  readonly schema: Schema | undefined;
  readonly value: unknown;
}

/** Parts that versions of an object share are converted once: a status patch does not convert the spec again. */
const conversions = new WeakMap<object, Converted>();

export function celValue(value: Json, schema: Schema | undefined): unknown {
  if (typeof value === "number") return celNumber(value, schema?.type);
  if (typeof value === "string") return celString(value, schema?.format);
  if (!isList(value) && !isObject(value)) return value;
  const known = conversions.get(value);
  if (known !== undefined && known.schema === schema) return known.value;
  const converted = { schema, value: convert(value, schema) };
  conversions.set(value, converted);
  return converted.value;
}
