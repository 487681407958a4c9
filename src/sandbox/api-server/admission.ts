/**
 * What every written object goes through before it is stored: unknown fields, defaults, rules. Decides whether the
 * content is acceptable, not whether the write is (that is create's and update's).
 */
import type { Target } from "./backend.ts";
import { invalidValue } from "./field-error.ts";
import { fieldName, isObject, type JsonObject } from "./json.ts";
import { metadataCauses, metadataWarnings } from "./object-meta.ts";
import type { AdmissionContext } from "./resource-type.ts";
import { applyDefaults } from "./schema/defaults.ts";
import { prune } from "./schema/prune.ts";
import { validateRules } from "./schema/rules.ts";
import { validate } from "./schema/validate.ts";
import { badRequest, type Cause, invalid } from "./status-error.ts";
import type { WriteOptions } from "./write-options.ts";

export interface Known {
  readonly object: JsonObject;
  readonly warnings: readonly string[];
}

/** The object without fields its version does not know; an error instead when the client asked for strictness. */
export function dropUnknownFields(
  target: Target,
  object: JsonObject,
  { fieldValidation: mode, isPatch }: Pick<WriteOptions, "fieldValidation" | "isPatch">,
): Known {
  const unknown: string[] = [];
  const pruned = prune(object, target.version.schema, [], (path) => {
    unknown.push(`unknown field "${fieldName(path)}"`);
  });
  unknown.sort();
  if (mode === "Strict" && unknown.length > 0) {
    const { kind } = target.type;
    const because = `strict decoding error: ${unknown.join(", ")}`;
    const cause = invalidValue(["patch"], JSON.stringify(object), because);
    if (isPatch) throw invalid(target.type, target.name, [cause]);
    const message = `${kind} in version "${target.version.name}" cannot be handled as a ${kind}: ${because}`;
    throw badRequest(message);
  }
  const warnings = [...(mode === "Warn" ? unknown : []), ...metadataWarnings(object)];
  return { object: isObject(pruned) ? pruned : object, warnings };
}

/** Throws a 400 where the body would not fit the Go type that the real server reads it into. */
export function assertDecodable({ type, version }: Target, object: JsonObject): void {
  const judged = type.custom ? { metadata: object["metadata"] ?? null } : object;
  // Null is "not set".
  const wrong = validate(judged, version.schema, []).find(
    ({ reason, message }) => reason === "FieldValueTypeInvalid" && !message.endsWith('"null"'),
  );
  if (wrong === undefined) return;
  const { kind } = type;
  const because = `${wrong.field}: ${wrong.message}`;
  throw badRequest(
    `${kind} in version "${version.name}" cannot be handled as a ${kind}: ${because}`,
  );
}

export function complete(
  target: Target,
  object: JsonObject,
  previous: JsonObject | undefined,
  context: AdmissionContext,
): JsonObject {
  const defaulted = applyDefaults(object, target.version.schema);
  return target.type.complete(isObject(defaulted) ? defaulted : object, previous, context);
}

/** Throws a 422 that lists every violation. */
export function assertValid(
  target: Target,
  object: JsonObject,
  previous: JsonObject | undefined,
): void {
  const { schema } = target.version;
  const { type, name } = target;
  const shape = [
    ...(type.stored ? metadataCauses(object, type.nameRule) : []),
    // What was there before may stay: only custom resources outlive the schema that they were written under.
    ...validate(object, schema, [], type.custom ? previous : undefined),
  ];
  const isBlocked = shape.some(({ reason }) => BLOCKING.has(reason));
  const rules = isBlocked
    ? []
    : [...type.check(object, previous), ...validateRules(object, previous, schema)];
  const unasked = isBlocked && type.custom && schema.hasRules ? [NOT_ASKED] : [];
  const causes = [...shape, ...rules, ...unasked];
  if (causes.length > 0) throw invalid(type, name, causes);
}

/** After these no rule in CEL is asked: it might not be able to read the value. */
const BLOCKING: ReadonlySet<string> = new Set([
  "FieldValueRequired",
  "FieldValueTypeInvalid",
  "FieldValueNotSupported",
  "FieldValueTooLong",
  "FieldValueTooMany",
]);

const NOT_ASKED: Cause = invalidValue(
  [],
  null,
  "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
);
