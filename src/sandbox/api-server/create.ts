/** Creates objects. Decides identity, namespace and name of a new object; its content is admission's. */
import { MAX_GENERATED_NAME_ATTEMPTS } from "../limits.ts";
import { assertDecodable, assertValid, complete, dropUnknownFields } from "./admission.ts";
import { type Backend, type Outcome, refOf, type Target } from "./backend.ts";
import { invalidValue } from "./field-error.ts";
import {
  isObject,
  type Json,
  type JsonObject,
  objectAt,
  stringAt,
  textOfValue,
  without,
} from "./json.ts";
import { recordWriter } from "./managed-fields.ts";
import { freshMetadata } from "./object-meta.ts";
import { removeIfOrphaned } from "./removal.ts";
import { type AdmissionContext, apiVersionOf } from "./resource-type.ts";
import {
  alreadyExists,
  badRequest,
  forbidden,
  invalid,
  notFound,
  type StatusError,
  unexpected,
} from "./status-error.ts";
import { nameOf } from "./store.ts";
import type { WriteOptions } from "./write-options.ts";

const NAMESPACES = { type: "namespaces", namespace: "" };
const NAMESPACE_NAME = { group: "", plural: "namespaces", kind: "Namespace" };

/** A custom resource is decoded whatever its kind, and judged then. */
function wrongKind({ type }: Target, kind: string, name: string): StatusError {
  return invalid({ ...type, kind }, name, [invalidValue(["kind"], kind, `must be ${type.kind}`)]);
}

/** Throws a 400 or 422 when the body is no object of the kind and version its path is for. */
export function assertKind(target: Target, body: Json): JsonObject {
  if (!isObject(body)) throw badRequest("the request body is not an object");
  const expected = apiVersionOf(target.type.group, target.version.name);
  const { kind = "", apiVersion = "" } = body;
  if (kind !== target.type.kind) {
    const named = stringAt(body, "metadata", "name") ?? "";
    if (target.type.custom && apiVersion === expected)
      throw wrongKind(target, textOfValue(kind), named);
    throw badRequest(
      `the kind in the data (${textOfValue(kind)}) does not match the expected kind (${target.type.kind})`,
    );
  }
  if (apiVersion !== expected) {
    const message = `the API version in the data (${textOfValue(apiVersion)}) does not match the expected API version (${expected})`;
    throw badRequest(message);
  }
  return body;
}

function assertNamespace(backend: Backend, target: Target, object: JsonObject): void {
  if (!target.type.namespaced) return;
  const named = stringAt(object, "metadata", "namespace") ?? "";
  if (named !== "" && named !== target.namespace) {
    throw badRequest(
      "the namespace of the provided object does not match the namespace sent on the request",
    );
  }
  const namespace = backend.store.get({ ...NAMESPACES, name: target.namespace });
  if (namespace === undefined) throw notFound(NAMESPACE_NAME, target.namespace);
  if (stringAt(namespace, "metadata", "deletionTimestamp") === undefined) return;
  const because = `unable to create new content in namespace ${target.namespace} because it is being terminated`;
  const cause = {
    reason: "NamespaceTerminating",
    message: `namespace ${target.namespace} is being terminated`,
    field: "metadata.namespace",
  };
  throw forbidden(target.type, nameOf(object), because, [cause]);
}

function chooseName(backend: Backend, target: Target, metadata: JsonObject): string {
  const name = stringAt(metadata, "name") ?? "";
  const prefix = stringAt(metadata, "generateName") ?? "";
  if (name !== "" || prefix === "") return name;
  for (let attempt = 0; attempt < MAX_GENERATED_NAME_ATTEMPTS; attempt += 1) {
    const generated = prefix + backend.mint.nameSuffix();
    if (backend.store.get(refOf(target, generated)) === undefined) return generated;
  }
  throw alreadyExists(target.type, prefix);
}

export function admissionContext(backend: Backend, target: Target): AdmissionContext {
  return {
    random: () => backend.mint.random(),
    exists: (holds) =>
      backend.store
        .list(target.type.key)
        .some(
          (other) =>
            !(
              nameOf(other) === target.name &&
              stringAt(other, "metadata", "namespace") === target.namespace
            ) && holds(other),
        ),
  };
}

function fresh(backend: Backend, target: Target, body: JsonObject): JsonObject {
  const asked = objectAt(body, "metadata");
  const { type } = target;
  const metadata: Record<string, Json> = {
    ...freshMetadata(asked),
    name: target.name,
    uid: backend.mint.uid(),
    creationTimestamp: backend.mint.timestamp(),
  };
  if (type.namespaced) metadata["namespace"] = target.namespace;
  else delete metadata["namespace"];
  if (type.hasGeneration) metadata["generation"] = 1;
  const content = without(
    body,
    "apiVersion",
    "kind",
    "metadata",
    ...(target.version.hasStatus ? ["status"] : []),
  );
  return {
    apiVersion: apiVersionOf(type.group, type.storageVersion),
    kind: type.kind,
    metadata,
    ...content,
  };
}

/** Stores a new object. `fields` are those an apply asked for. */
export function createObject(
  backend: Backend,
  collection: Target,
  body: Json,
  options: WriteOptions & { readonly fields?: JsonObject },
): Outcome {
  const asked = assertKind(collection, body);
  if ((stringAt(asked, "metadata", "resourceVersion") ?? "") !== "") {
    throw unexpected("resourceVersion should not be set on objects to be created");
  }
  const known = dropUnknownFields(collection, asked, options);
  assertDecodable(collection, known.object);
  assertNamespace(backend, collection, known.object);
  const name = chooseName(backend, collection, objectAt(known.object, "metadata"));
  const target = { ...collection, name };
  const begun = fresh(backend, target, known.object);
  const finished = complete(target, begun, undefined, admissionContext(backend, target));
  assertValid(target, finished, undefined);
  const there = backend.store.get(refOf(target));
  if (there !== undefined) {
    const isTerminating = stringAt(there, "metadata", "deletionTimestamp") !== undefined;
    throw alreadyExists(target.type, name, isTerminating);
  }
  const written = recordWriter(
    finished,
    {
      manager: options.manager,
      operation: options.fields === undefined ? "Update" : "Apply",
      apiVersion: apiVersionOf(target.type.group, target.version.name),
      subresource: undefined,
      fields: options.fields,
    },
    backend.mint.timestamp(),
  );
  if (options.dryRun || !target.type.stored)
    return { object: written, code: 201, warnings: known.warnings };
  const stored = backend.store.put(target.type.key, written);
  removeIfOrphaned(backend, refOf(target));
  return { object: stored, code: 201, warnings: known.warnings };
}
