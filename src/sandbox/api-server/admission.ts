/**
 * What every written object goes through before it is stored: unknown fields, defaults, rules. Decides whether the
 * content is acceptable, not whether the write is (that is create's and update's).
 */
import type { Target } from "./backend.ts";
import { fieldName, isObject, type JsonObject } from "./json.ts";
import { metadataCauses } from "./object-meta.ts";
import type { AdmissionContext } from "./resource-type.ts";
import { applyDefaults } from "./schema/defaults.ts";
import { prune } from "./schema/prune.ts";
import { validateRules } from "./schema/rules.ts";
import { validate } from "./schema/validate.ts";
import { badRequest, invalid } from "./status-error.ts";
import type { FieldValidation } from "./write-options.ts";

export interface Known {
  readonly object: JsonObject;
  readonly warnings: readonly string[];
}

/** The object without fields its version does not know; a 400 instead when the client asked for strictness. */
export function dropUnknownFields(
  target: Target,
  object: JsonObject,
  mode: FieldValidation,
): Known {
  const unknown: string[] = [];
  const pruned = prune(object, target.version.schema, [], (path) => {
    unknown.push(`unknown field "${fieldName(path)}"`);
  });
  if (mode === "Strict" && unknown.length > 0) {
    const { kind } = target.type;
    const message = `${kind} in version "${target.version.name}" cannot be handled as a ${kind}: strict decoding error: ${unknown.join(", ")}`;
    throw badRequest(message);
  }
  return { object: isObject(pruned) ? pruned : object, warnings: mode === "Warn" ? unknown : [] };
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

/** Throws a 422 that lists every violation. Rules in CEL are only asked of values that fit their schema. */
export function assertValid(
  target: Target,
  object: JsonObject,
  previous: JsonObject | undefined,
): void {
  const { schema } = target.version;
  const { type, name } = target;
  const shape = [
    ...(type.stored ? metadataCauses(object, type.nameRule) : []),
    ...validate(object, schema, []),
  ];
  const causes =
    shape.length > 0
      ? shape
      : [...type.check(object, previous), ...validateRules(object, previous, schema)];
  if (causes.length > 0) throw invalid(type, name, causes);
}
