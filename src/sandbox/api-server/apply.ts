/** Server-side apply: creates the object or merges the configuration into it, without conflicts: the last writer wins. */
import { type Backend, type Outcome, refOf, type Target } from "./backend.ts";
import { assertKind, createObject } from "./create.ts";
import { type Json, listAt, objectAt } from "./json.ts";
import { applyEntryOf } from "./managed-fields.ts";
import { appliedFields, applyConfiguration } from "./patch/apply-patch.ts";
import { badRequest } from "./status-error.ts";
import { updateObject } from "./update.ts";
import type { WriteOptions } from "./write-options.ts";

export function applyObject(
  backend: Backend,
  target: Target,
  body: Json,
  options: WriteOptions,
): Outcome {
  const config = assertKind(target, body);
  if (listAt(config, "metadata", "managedFields").length > 0) {
    throw badRequest("metadata.managedFields must be nil");
  }
  const { schema } = target.version;
  const applying = { ...options, fields: appliedFields(config, schema) };
  if (backend.store.get(refOf(target)) === undefined && target.subresource === undefined) {
    const metadata = { ...objectAt(config, "metadata"), name: target.name };
    return createObject(backend, target, { ...config, metadata }, applying);
  }
  return updateObject(
    backend,
    target,
    (current) => {
      const before = objectAt(applyEntryOf(current, options.manager), "fieldsV1");
      return applyConfiguration(current, config, before, schema);
    },
    applying,
  );
}
