/**
 * Changes a stored object. Decides which parts a write may touch (status or the rest), concurrency, generation, and
 * that a write that changes nothing is none.
 */
import { assertValid, complete, dropUnknownFields } from "./admission.ts";
import { type Backend, type Outcome, refOf, type Target } from "./backend.ts";
import { admissionContext, assertKind } from "./create.ts";
import { forbiddenField, invalidValue } from "./field-error.ts";
import {
  at,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  sameJson,
  stringAt,
  stringsAt,
  textOfValue,
  withAt,
  without,
} from "./json.ts";
import { applyEntryOf, recordWriter, type Writer } from "./managed-fields.ts";
import { mergedMetadata } from "./object-meta.ts";
import { finishRemoval, removeIfOrphaned } from "./removal.ts";
import { apiVersionOf } from "./resource-type.ts";
import {
  badRequest,
  conflict,
  invalid,
  MODIFIED_MESSAGE,
  notFound,
  unexpected,
} from "./status-error.ts";
import { uidOf } from "./store.ts";
import { inVersion } from "./version.ts";
import type { WriteOptions } from "./write-options.ts";

export interface UpdateOptions extends WriteOptions {
  /** Fields that an apply asked for; left out by every other write. */
  readonly fields?: JsonObject;
}

function assertNames(target: Target, metadata: JsonObject): void {
  const { name = target.name, namespace = target.namespace } = metadata;
  if (name !== target.name) {
    const given = textOfValue(name);
    throw badRequest(
      `the name of the object (${given}) does not match the name on the URL (${target.name})`,
    );
  }
  if (target.type.namespaced && namespace !== target.namespace && namespace !== "") {
    throw badRequest("the namespace of the object does not match the namespace on the URL");
  }
}

/** Optimistic concurrency: a write that says what it was made from must still be right about it. */
function assertPreconditions(
  target: Target,
  current: JsonObject,
  metadata: JsonObject,
  isPatch: boolean,
): void {
  const uid = stringAt(metadata, "uid") ?? "";
  if (uid !== "" && uid !== uidOf(current)) {
    const cause = invalidValue(["metadata", "uid"], uid, "field is immutable");
    // The real server finds it twice.
    if (isPatch) throw invalid(target.type, target.name, [cause, cause]);
    const because = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${uidOf(current)}`;
    throw conflict(target.type, target.name, because);
  }
  const version = stringAt(metadata, "resourceVersion") ?? "";
  if (!/^\d*$/.test(version))
    throw unexpected(`strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
  if (version !== "" && version !== stringAt(current, "metadata", "resourceVersion")) {
    throw conflict(target.type, target.name, MODIFIED_MESSAGE);
  }
}

/** An object on its way out may lose what holds it, not gain more. */
function assertFinalizers(target: Target, current: JsonObject, next: JsonObject): void {
  if (stringAt(current, "metadata", "deletionTimestamp") === undefined) return;
  const held = stringsAt(current, "metadata", "finalizers");
  const added = stringsAt(next, "metadata", "finalizers").filter((name) => !held.includes(name));
  if (added.length === 0) return;
  const names = added.map((name) => JSON.stringify(name)).join(", ");
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${names}}`;
  const cause = forbiddenField(["metadata", "finalizers"], detail);
  // The real server finds it twice.
  throw invalid(target.type, target.name, [cause, cause]);
}

/** Of built-in kinds the status and the annotations are written by the same hand. */
function withAnnotationsOf(asked: JsonObject, current: JsonObject): JsonObject {
  const annotations = objectAt(asked, "metadata", "annotations");
  if (Object.keys(annotations).length > 0)
    return withAt(current, ["metadata", "annotations"], annotations);
  return { ...current, metadata: without(objectAt(current, "metadata"), "annotations") };
}

/** What the write may change of the object: status through `/status`, everything else through the object itself. */
function permitted(target: Target, current: JsonObject, asked: JsonObject): JsonObject {
  if (target.subresource === "status") {
    const status = asked["status"];
    const kept = target.type.custom ? current : withAnnotationsOf(asked, current);
    return status === undefined ? without(kept, "status") : { ...kept, status };
  }
  const metadata: Record<string, Json> = {
    ...mergedMetadata(objectAt(asked, "metadata"), objectAt(current, "metadata")),
    name: target.name,
  };
  if (target.type.namespaced) metadata["namespace"] = target.namespace;
  const head = { apiVersion: current["apiVersion"] ?? "", kind: target.type.kind, metadata };
  const content = without(asked, "apiVersion", "kind", "metadata");
  if (!target.version.hasStatus) return { ...head, ...content };
  const { status } = current;
  return { ...head, ...without(content, "status"), ...(status === undefined ? {} : { status }) };
}

/** What a change of is a new generation. */
function desiredState({ type }: Target, object: JsonObject): JsonObject {
  const content = without(object, "apiVersion", "kind", "metadata", "status");
  if (!type.countsAnnotations) return content;
  return { ...content, metadata: { annotations: objectAt(object, "metadata", "annotations") } };
}

function countGeneration(target: Target, current: JsonObject, next: JsonObject): JsonObject {
  if (
    !target.type.hasGeneration ||
    target.subresource === "status" ||
    sameJson(desiredState(target, current), desiredState(target, next))
  )
    return next;
  const generation = Number(objectAt(current, "metadata")["generation"] ?? 0) + 1;
  return withAt(next, ["metadata", "generation"], generation);
}

function changesNothing(current: JsonObject, next: JsonObject): boolean {
  const plain = (object: JsonObject): JsonObject => ({
    ...object,
    metadata: without(objectAt(object, "metadata"), "managedFields"),
  });
  return sameJson(plain(current), plain(next));
}

function writerOf(target: Target, options: UpdateOptions): Writer {
  return {
    manager: options.manager,
    operation: options.fields === undefined ? "Update" : "Apply",
    apiVersion: apiVersionOf(target.type.group, target.version.name),
    subresource: target.subresource,
    fields: options.fields,
  };
}

/** An apply of other fields than last time is a write even where the object stays the same. */
function appliesOtherFields(current: JsonObject, { fields, manager }: UpdateOptions): boolean {
  return fields !== undefined && !sameJson(fields, at(applyEntryOf(current, manager), "fieldsV1"));
}

function commit(backend: Backend, target: Target, object: JsonObject): JsonObject {
  const stored = backend.store.put(target.type.key, object);
  removeIfOrphaned(backend, refOf(target));
  const terminating = stringAt(stored, "metadata", "deletionTimestamp") !== undefined;
  if (!terminating || listAt(stored, "metadata", "finalizers").length > 0) return stored;
  return finishRemoval(backend, refOf(target)) ?? stored;
}

/** Rewrites one object by `change`, which is given the object in the version the request is made in. */
export function updateObject(
  backend: Backend,
  target: Target,
  change: (current: JsonObject) => Json,
  options: UpdateOptions,
): Outcome {
  const current = backend.store.get(refOf(target));
  if (current === undefined) throw notFound(target.type, target.name);
  const asked = assertKind(target, change(inVersion(current, target.type, target.version.name)));
  assertNames(target, objectAt(asked, "metadata"));
  assertPreconditions(target, current, objectAt(asked, "metadata"), options.isPatch);
  const known = dropUnknownFields(target, asked, options);
  const allowed = permitted(target, current, known.object);
  const finished = complete(target, allowed, current, admissionContext(backend, target));
  const next = countGeneration(target, current, finished);
  assertFinalizers(target, current, next);
  assertValid(target, next, current);
  const { warnings } = known;
  if (changesNothing(current, next) && !appliesOtherFields(current, options))
    return { object: current, code: 200, warnings };
  const written = recordWriter(next, writerOf(target, options), backend.mint.timestamp());
  if (options.dryRun) return { object: written, code: 200, warnings };
  return { object: commit(backend, target, written), code: 200, warnings };
}
