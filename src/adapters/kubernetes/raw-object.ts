/** What every Kubernetes object has, and telling one from other JSON. Knows no kind. */

export interface RawMetadata {
  readonly name: string;
  /** Absent for kinds that live outside namespaces. */
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly [field: string]: unknown;
}

/** An object as the server sent it, unknown fields included: what copies and patches are built from. */
export interface RawObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: RawMetadata;
  readonly [field: string]: unknown;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const isStringOrAbsent = (value: unknown): boolean =>
  value === undefined || typeof value === "string";

export function isRawObject(value: unknown): value is RawObject {
  if (!isRecord(value) || !isRecord(value.metadata)) return false;
  const { name, namespace, uid, resourceVersion } = value.metadata;
  const typed = [namespace, uid, resourceVersion, value.apiVersion, value.kind];
  return typeof name === "string" && name !== "" && typed.every(isStringOrAbsent);
}

/** Without the record of who wrote which field, which may be as large as the rest. */
export function withoutManagedFields(object: RawObject): RawObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** For kinds of which everything that is read is in the view. */
export function metadataAlone(object: RawObject): RawObject {
  return { metadata: withoutManagedFields(object).metadata };
}

/** `namespace/name`, or the name alone outside namespaces: how caches and queues call an object. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;
}

/**
 * Whether version `a` is older than `b`. Versions are decimal numbers that grow with every change of a kind; of
 * two that are not, none is older, so that what arrives later wins.
 */
export function isOlderVersion(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const decimal = /^[1-9]\d*$/;
  if (!decimal.test(a) || !decimal.test(b)) return false;
  return a.length === b.length ? a < b : a.length < b.length;
}
