/** Asks the CEL rules of a schema of a value and, for rules about changes, of its predecessor at the same place. */
import {
  fieldName,
  isList,
  isObject,
  type Json,
  type JsonObject,
  sameJson,
  textOfValue,
} from "../json.ts";
import type { Cause } from "../status-error.ts";
import { compileRule } from "./cel.ts";
import { celValue } from "./cel-values.ts";
import type { Rule, Schema } from "./schema.ts";

interface Place {
  readonly value: Json;
  readonly old: Json | undefined;
  readonly schema: Schema;
  /** Name of the field; empty for the object itself. */
  readonly field: string;
}

/** The value itself is not shown. */
const PREFIXES: Readonly<Record<string, string>> = {
  FieldValueRequired: "Required value",
  FieldValueForbidden: "Forbidden",
  FieldValueDuplicate: "Duplicate value",
};

function memberField(field: string, name: string): string {
  return field === "" ? name : `${field}.${name}`;
}

/** The field that a rule's fieldPath leads to: `.a.b[0]['c']`. */
function fieldBelow(field: string, fieldPath: string): string {
  const found = fieldPath.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']*)'\]/g);
  return Array.from(found).reduce(
    (above, [, name, index, quoted]) =>
      index === undefined ? memberField(above, name ?? quoted ?? "") : `${above}[${index}]`,
    field,
  );
}

function messageOf(rule: Rule, self: unknown, oldSelf: unknown): string {
  const fallback = rule.message ?? `failed rule: ${rule.rule}`;
  if (rule.messageExpression === undefined) return fallback;
  try {
    const text = compileRule(rule.messageExpression, "string").evaluate(self, oldSelf);
    return typeof text === "string" && text.trim() !== "" ? text : fallback;
  } catch {
    return fallback;
  }
}

function causeOf(rule: Rule, place: Place, message: string): Cause {
  const prefix = PREFIXES[rule.reason] ?? "Invalid value";
  const field = fieldBelow(place.field, rule.fieldPath ?? "");
  return { reason: rule.reason, message: `${prefix}: ${message}`, field: field || fieldName([]) };
}

function ask(rule: Rule, place: Place): Cause | undefined {
  const expression = compileRule(rule.rule, "bool");
  // A rule about a change has nothing to say where there was nothing before.
  if (expression.usesOldSelf && place.old === undefined && !rule.optionalOldSelf) return undefined;
  const self = celValue(place.value, place.schema);
  const oldSelf = place.old === undefined ? null : celValue(place.old, place.schema);
  try {
    if (expression.evaluate(self, oldSelf) === true) return undefined;
  } catch (cause) {
    const because = cause instanceof Error ? cause.message.split("\n")[0] : textOfValue(null);
    return causeOf(
      { ...rule, reason: "FieldValueInvalid" },
      place,
      `${because} evaluating rule: ${rule.message ?? rule.rule}`,
    );
  }
  return causeOf(rule, place, messageOf(rule, self, oldSelf));
}

/** The former item that is the same item: only lists that are maps can tell. */
function formerItem(item: Json, old: Json | undefined, schema: Schema): Json | undefined {
  if (schema.listType !== "map" || !isObject(item) || !isList(old)) return undefined;
  return old.find(
    (other) => isObject(other) && schema.listKeys.every((key) => sameJson(other[key], item[key])),
  );
}

function placesBelow({ value, old, schema, field }: Place): readonly Place[] {
  const { items } = schema;
  if (isList(value)) {
    if (items === undefined) return [];
    return value.map((item, i) => ({
      value: item,
      old: formerItem(item, old, schema),
      schema: items,
      field: `${field}[${i}]`,
    }));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const former = isObject(old) ? old[key] : undefined;
    const property = schema.properties.get(key);
    const place = { value: member, old: former };
    if (property !== undefined)
      return [{ ...place, schema: property, field: memberField(field, key) }];
    if (schema.additional === undefined) return [];
    return [{ ...place, schema: schema.additional, field: `${field}[${key}]` }];
  });
}

function validatePlace(place: Place): readonly Cause[] {
  if (!place.schema.hasRules || place.value === null) return [];
  // What a write leaves alone was judged when it came, maybe by milder rules.
  if (place.old !== undefined && sameJson(place.value, place.old)) return [];
  const own = place.schema.rules.flatMap((rule) => ask(rule, place) ?? []);
  return [...own, ...placesBelow(place).flatMap(validatePlace)];
}

/** All violations, those of an object before those of what is in it. */
export function validateRules(
  value: JsonObject,
  previous: JsonObject | undefined,
  schema: Schema,
): readonly Cause[] {
  return validatePlace({ value, old: previous, schema, field: "" });
}
