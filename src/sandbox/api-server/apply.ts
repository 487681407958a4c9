/** Server-side apply: creates the object or merges the configuration into it, without conflicts: the last writer wins. */
import { type Backend, type Outcome, refOf, type Target } from "./backend.ts";
import { assertKind, createObject } from "./create.ts";
import { fieldName, type Json, type JsonObject, listAt, objectAt, stringAt } from "./json.ts";
import { applyEntryOf } from "./managed-fields.ts";
import { appliedFields, applyConfiguration } from "./patch/apply-patch.ts";
import { apiVersionOf } from "./resource-type.ts";
import { prune } from "./schema/prune.ts";
import { badRequest, unexpected } from "./status-error.ts";
import { updateObject } from "./update.ts";
import type { WriteOptions } from "./write-options.ts";

function assertOwnKind({ type }: Target, body: Json): void {
  const kind = stringAt(body, "kind") ?? "";
  if (kind === type.kind || !type.custom) return;
  throw badRequest(`invalid object type: ${stringAt(body, "apiVersion") ?? ""}, Kind=${kind}`);
}

function assertOwnName(target: Target, config: JsonObject): void {
  const name = stringAt(config, "metadata", "name") ?? target.name;
  if (name === target.name) return;
  throw badRequest(
    `the name of the object (${name}) does not match the name on the URL (${target.name})`,
  );
}

/** Fields can only be owned if there are such: an apply is refused where other writes are pruned. */
function assertDeclared({ type, version }: Target, config: JsonObject): void {
  prune(config, version.schema, [], (path) => {
    const kind = `${apiVersionOf(type.group, version.name)}, Kind=${type.kind}`;
    const name = stringAt(config, "metadata", "name") ?? "";
    const within = stringAt(config, "metadata", "namespace") ?? "";
    const because = `.${fieldName(path)}: field not declared in schema`;
    throw unexpected(
      `failed to create typed patch object (${within}/${name}; ${kind}): ${because}`,
    );
  });
}

export function applyObject(
  backend: Backend,
  target: Target,
  body: Json,
  options: WriteOptions,
): Outcome {
  assertOwnKind(target, body);
  const config = assertKind(target, body);
  if (listAt(config, "metadata", "managedFields").length > 0) {
    throw badRequest("metadata.managedFields must be nil");
  }
  assertOwnName(target, config);
  assertDeclared(target, config);
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
