/**
 * A structural schema compiled once from its OpenAPI text, for built-in kinds and custom resources alike.
 * Decides nothing about objects: pruning, defaulting and validation read it.
 */
import {
  at,
  isObject,
  type Json,
  type JsonList,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
  stringsAt,
} from "../json.ts";

export interface Rule {
  readonly rule: string;
  readonly message: string | undefined;
  readonly messageExpression: string | undefined;
  readonly reason: string;
  readonly fieldPath: string | undefined;
  readonly optionalOldSelf: boolean;
}

export interface Bounds {
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly exclusiveMinimum: boolean;
  readonly exclusiveMaximum: boolean;
  readonly multipleOf: number | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly minItems: number | undefined;
  readonly maxItems: number | undefined;
  readonly minProperties: number | undefined;
  readonly maxProperties: number | undefined;
}

export interface Schema {
  readonly type: string | undefined;
  readonly properties: ReadonlyMap<string, Schema>;
  /** Schema of the other members of a map; undefined where there may be none. */
  readonly additional: Schema | undefined;
  readonly items: Schema | undefined;
  readonly required: readonly string[];
  readonly choices: JsonList | undefined;
  readonly bounds: Bounds;
  readonly pattern: RegExp | undefined;
  /** The pattern as it was declared, for messages. */
  readonly patternText: string;
  readonly format: string | undefined;
  readonly uniqueItems: boolean;
  readonly nullable: boolean;
  readonly intOrString: boolean;
  readonly keepUnknown: boolean;
  readonly embedded: boolean;
  readonly fallback: Json | undefined;
  readonly oneOf: readonly Schema[];
  readonly anyOf: readonly Schema[];
  readonly allOf: readonly Schema[];
  readonly not: Schema | undefined;
  readonly rules: readonly Rule[];
  readonly listKeys: readonly string[];
  readonly listType: string | undefined;
  /** Key by which a strategic merge patch tells the items of this list apart. */
  readonly mergeKey: string | undefined;
  readonly patchStrategy: string | undefined;
  /** Whether defaults, or rules, occur here or below: walks stop where there are none. */
  readonly hasDefaults: boolean;
  readonly hasRules: boolean;
}

function compileRule(raw: Json): Rule {
  return {
    rule: stringAt(raw, "rule") ?? "",
    message: stringAt(raw, "message"),
    messageExpression: stringAt(raw, "messageExpression"),
    reason: stringAt(raw, "reason") ?? "FieldValueInvalid",
    fieldPath: stringAt(raw, "fieldPath"),
    optionalOldSelf: at(raw, "optionalOldSelf") === true,
  };
}

function compileBounds(raw: JsonObject): Bounds {
  return {
    minimum: numberAt(raw, "minimum"),
    maximum: numberAt(raw, "maximum"),
    exclusiveMinimum: raw["exclusiveMinimum"] === true,
    exclusiveMaximum: raw["exclusiveMaximum"] === true,
    multipleOf: numberAt(raw, "multipleOf"),
    minLength: numberAt(raw, "minLength"),
    maxLength: numberAt(raw, "maxLength"),
    minItems: numberAt(raw, "minItems"),
    maxItems: numberAt(raw, "maxItems"),
    minProperties: numberAt(raw, "minProperties"),
    maxProperties: numberAt(raw, "maxProperties"),
  };
}

/** RE2 patterns that JavaScript reads alike under the `u` flag, or else without it. */
export function compilePattern(text: string): RegExp {
  const inlineFlags = /^\(\?([ims]+)\)/.exec(text);
  const source = inlineFlags === null ? text : text.slice(inlineFlags[0].length);
  const flags = inlineFlags?.[1] ?? "";
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    return new RegExp(source, flags);
  }
}

function compileOptional(raw: Json | undefined): Schema | undefined {
  if (raw === true) return compileSchema({ "x-kubernetes-preserve-unknown-fields": true });
  return isObject(raw) ? compileSchema(raw) : undefined;
}

function compileBranches(raw: JsonObject, key: string): readonly Schema[] {
  return listAt(raw, key).map((branch) => compileSchema(objectAt({ branch }, "branch")));
}

function compileLists(
  raw: JsonObject,
): Pick<Schema, "listKeys" | "listType" | "mergeKey" | "patchStrategy"> {
  return {
    listKeys: stringsAt(raw, "x-kubernetes-list-map-keys"),
    listType: stringAt(raw, "x-kubernetes-list-type"),
    mergeKey: stringAt(raw, "x-kubernetes-patch-merge-key"),
    patchStrategy: stringAt(raw, "x-kubernetes-patch-strategy"),
  };
}

export function compileSchema(raw: JsonObject): Schema {
  const properties = new Map<string, Schema>();
  for (const [name, property] of Object.entries(objectAt(raw, "properties"))) {
    properties.set(name, compileSchema(objectAt({ property }, "property")));
  }
  const additional = compileOptional(raw["additionalProperties"]);
  const items = compileOptional(raw["items"]);
  const pattern = stringAt(raw, "pattern");
  const rules = listAt(raw, "x-kubernetes-validations").map(compileRule);
  const below = [
    ...properties.values(),
    ...(additional ? [additional] : []),
    ...(items ? [items] : []),
  ];
  return {
    type: stringAt(raw, "type"),
    properties,
    additional,
    items,
    required: stringsAt(raw, "required"),
    choices: raw["enum"] === undefined ? undefined : listAt(raw, "enum"),
    bounds: compileBounds(raw),
    pattern: pattern === undefined ? undefined : compilePattern(pattern),
    patternText: pattern ?? "",
    format: stringAt(raw, "format"),
    uniqueItems: raw["uniqueItems"] === true,
    nullable: raw["nullable"] === true,
    intOrString: raw["x-kubernetes-int-or-string"] === true,
    keepUnknown: raw["x-kubernetes-preserve-unknown-fields"] === true,
    embedded: raw["x-kubernetes-embedded-resource"] === true,
    fallback: raw["default"],
    oneOf: compileBranches(raw, "oneOf"),
    anyOf: compileBranches(raw, "anyOf"),
    allOf: compileBranches(raw, "allOf"),
    not: compileOptional(raw["not"]),
    rules,
    ...compileLists(raw),
    hasDefaults: raw["default"] !== undefined || below.some((schema) => schema.hasDefaults),
    hasRules: rules.length > 0 || below.some((schema) => schema.hasRules),
  };
}
