/** Deletes objects: preconditions, finalizers, dependents, and namespaces with what is in them. */
import { type Backend, type Outcome, refOf, type Target } from "./backend.ts";
import {
  at,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
  stringsAt,
  withAt,
  without,
} from "./json.ts";
import { conflict, forbidden, notFound } from "./status-error.ts";
import { nameOf, namespaceOf, type ObjectRef, uidOf } from "./store.ts";
import type { DeleteOptions } from "./write-options.ts";

const NAMESPACES = "namespaces";
const DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io";
/** Holds an owner that is deleted after its dependents. */
const FOREGROUND = "foregroundDeletion";
/** Namespaces that a cluster cannot be without. */
const LASTING_NAMESPACES: ReadonlySet<string> = new Set(["default", "kube-system"]);

function markTerminating(backend: Backend, ref: ObjectRef, object: JsonObject): JsonObject {
  if (stringAt(object, "metadata", "deletionTimestamp") !== undefined) return object;
  const generation = numberAt(object, "metadata", "generation");
  const metadata: JsonObject = {
    ...objectAt(object, "metadata"),
    ...(generation === undefined ? {} : { generation: generation + 1 }),
    deletionTimestamp: backend.mint.timestamp(),
  };
  if (ref.type === NAMESPACES) {
    const status = { ...objectAt(object, "status"), phase: "Terminating" };
    return backend.store.put(ref.type, { ...object, metadata, status });
  }
  const graceless = { ...metadata, deletionGracePeriodSeconds: 0 };
  return backend.store.put(ref.type, { ...object, metadata: graceless });
}

function isTerminating(object: JsonObject | undefined): boolean {
  return stringAt(object, "metadata", "deletionTimestamp") !== undefined;
}

/** Removes a terminating namespace once nothing is left in it. */
function finishNamespace(backend: Backend, name: string): void {
  const ref = { type: NAMESPACES, namespace: "", name };
  if (!isTerminating(backend.store.get(ref)) || backend.store.contents(name).length > 0) return;
  backend.store.remove(ref);
}

function ownersOf(object: JsonObject): readonly string[] {
  return listAt(object, "metadata", "ownerReferences").map((owner) => stringAt(owner, "uid") ?? "");
}

/** Removes the object if it names owners of which none exists. */
export function removeIfOrphaned(backend: Backend, ref: ObjectRef): void {
  const object = backend.store.get(ref);
  if (object === undefined || stringAt(object, "metadata", "deletionTimestamp") !== undefined)
    return;
  const owners = ownersOf(object);
  if (owners.length === 0 || owners.some((uid) => backend.store.hasOwner(uid, ref.namespace)))
    return;
  removeRef(backend, ref);
}

/** Takes the reference to a gone owner off its dependents, and removes those that have no other unless orphaning. */
function releaseDependents(backend: Backend, ownerUid: string, orphan: boolean): void {
  for (const ref of backend.store.dependents(ownerUid)) {
    const dependent = backend.store.get(ref);
    if (dependent === undefined) continue;
    const hasOtherOwner = ownersOf(dependent).some(
      (uid) => uid !== ownerUid && backend.store.hasUid(uid),
    );
    if (orphan || hasOtherOwner) backend.store.put(ref.type, withoutOwner(dependent, ownerUid));
    else removeIfOrphaned(backend, ref);
  }
}

function withoutOwner(object: JsonObject, ownerUid: string): JsonObject {
  const kept = listAt(object, "metadata", "ownerReferences").filter(
    (owner) => stringAt(owner, "uid") !== ownerUid,
  );
  if (kept.length > 0) return withAt(object, ["metadata", "ownerReferences"], kept);
  return { ...object, metadata: without(objectAt(object, "metadata"), "ownerReferences") };
}

/** Takes the object out of the store, then whatever depended on it. */
export function finishRemoval(
  backend: Backend,
  ref: ObjectRef,
  orphan = false,
): JsonObject | undefined {
  const removed = backend.store.remove(ref);
  if (removed === undefined) return undefined;
  releaseDependents(backend, uidOf(removed), orphan);
  for (const uid of ownersOf(removed)) finishForeground(backend, uid);
  if (ref.namespace !== "") finishNamespace(backend, ref.namespace);
  return removed;
}

/** Whether anything is left that its owner has to wait for. */
function isBlocked(backend: Backend, ownerUid: string): boolean {
  return backend.store
    .dependents(ownerUid)
    .some((ref) =>
      listAt(backend.store.get(ref), "metadata", "ownerReferences").some(
        (owner) => stringAt(owner, "uid") === ownerUid && at(owner, "blockOwnerDeletion") === true,
      ),
    );
}

/** Lets an owner go that only waited for its dependents, once those that block it are gone. */
function finishForeground(backend: Backend, uid: string): void {
  const ref = backend.store.refOf(uid);
  const object = ref === undefined ? undefined : backend.store.get(ref);
  if (ref === undefined || object === undefined || !isTerminating(object)) return;
  const held = stringsAt(object, "metadata", "finalizers");
  if (!held.includes(FOREGROUND) || isBlocked(backend, uid)) return;
  const finalizers = held.filter((name) => name !== FOREGROUND);
  backend.store.put(ref.type, withAt(object, ["metadata", "finalizers"], finalizers));
  if (finalizers.length === 0) finishRemoval(backend, ref);
}

/** Marks the owner first, then removes its dependents; it goes after those that block it. Returns it as marked. */
function removeForeground(backend: Backend, ref: ObjectRef, object: JsonObject): JsonObject {
  const held = stringsAt(object, "metadata", "finalizers");
  const finalizers = held.includes(FOREGROUND) ? held : [...held, FOREGROUND];
  const waiting = withAt(object, ["metadata", "finalizers"], finalizers);
  const marked = isTerminating(object)
    ? backend.store.put(ref.type, waiting)
    : markTerminating(backend, ref, waiting);
  for (const dependent of backend.store.dependents(uidOf(object))) removeRef(backend, dependent);
  finishForeground(backend, uidOf(object));
  return marked;
}

function removeNamespace(backend: Backend, ref: ObjectRef, object: JsonObject): void {
  markTerminating(backend, ref, object);
  for (const content of backend.store.contents(ref.name)) removeRef(backend, content);
  finishNamespace(backend, ref.name);
}

/** Custom resources go with their definition, finalizers or not: nobody could clear those any more. */
function removeInstances(backend: Backend, type: string): void {
  for (const object of backend.store.list(type)) {
    finishRemoval(backend, { type, namespace: namespaceOf(object), name: nameOf(object) });
  }
}

/** Removes an object, or only marks it while finalizers are left. */
function removeRef(backend: Backend, ref: ObjectRef, orphan = false): void {
  const object = backend.store.get(ref);
  if (object === undefined) return;
  // The name of a definition is the key of the type it defines.
  if (ref.type === DEFINITIONS) removeInstances(backend, ref.name);
  if (ref.type === NAMESPACES) removeNamespace(backend, ref, object);
  else if (listAt(object, "metadata", "finalizers").length > 0)
    markTerminating(backend, ref, object);
  else finishRemoval(backend, ref, orphan);
}

function assertPreconditions(target: Target, object: JsonObject, options: DeleteOptions): void {
  const version = stringAt(object, "metadata", "resourceVersion") ?? "";
  const resource = { ...target.type, plural: target.type.kind };
  if (options.uid !== undefined && options.uid !== uidOf(object)) {
    const because = `the UID in the precondition (${options.uid}) does not match the UID in record (${uidOf(object)}). The object might have been deleted and then recreated`;
    throw conflict(resource, target.name, because);
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== version) {
    const because = `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${version}). The object might have been modified`;
    throw conflict(resource, target.name, because);
  }
}

/** The real server shows the last state of these instead of a success. */
const SHOWN_WHEN_DELETED: ReadonlySet<string> = new Set(["services", "pods"]);

function deletedStatus(target: Target, object: JsonObject): JsonObject {
  if (SHOWN_WHEN_DELETED.has(target.type.key)) return object;
  const { group, plural } = target.type;
  const details = {
    name: nameOf(object),
    ...(group === "" ? {} : { group }),
    kind: plural,
    uid: uidOf(object),
  };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
}

/** Answers with the object while something still holds it, else with a success. */
export function deleteObject(backend: Backend, target: Target, options: DeleteOptions): Outcome {
  const ref = refOf(target);
  const object = backend.store.get(ref);
  if (object === undefined) throw notFound(target.type, target.name);
  assertPreconditions(target, object, options);
  if (ref.type === NAMESPACES && LASTING_NAMESPACES.has(ref.name)) {
    throw forbidden(target.type, ref.name, "this namespace may not be deleted");
  }
  if (!options.dryRun && options.propagation === "Foreground" && ref.type !== NAMESPACES)
    return { object: removeForeground(backend, ref, object), code: 200, warnings: [] };
  if (!options.dryRun) removeRef(backend, ref, options.propagation === "Orphan");
  const left = options.dryRun ? undefined : backend.store.get(ref);
  return { object: left ?? deletedStatus(target, object), code: 200, warnings: [] };
}
