/**
 * Holds the current objects, one counter of resource versions and the recent changes, and tells subscribers of each
 * change. Decides nothing about what may be written.
 */
import { MAX_REMEMBERED_EVENTS } from "../limits.ts";
import { isObject, type Json, type JsonObject, listAt, stringAt, withAt } from "./json.ts";

export interface Change {
  readonly kind: "ADDED" | "MODIFIED" | "DELETED";
  readonly resourceVersion: number;
  readonly type: string;
  readonly namespace: string;
  readonly object: JsonObject;
  readonly previous: JsonObject | undefined;
}

export type Subscriber = (change: Change) => void;

/** Names one object; `type` is a ResourceType's key, `namespace` is empty for cluster-scoped objects. */
export interface ObjectRef {
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
}

type Names = Map<string, JsonObject>;

export function namespaceOf(object: JsonObject): string {
  return stringAt(object, "metadata", "namespace") ?? "";
}

export function nameOf(object: JsonObject): string {
  return stringAt(object, "metadata", "name") ?? "";
}

export function uidOf(object: JsonObject): string {
  return stringAt(object, "metadata", "uid") ?? "";
}

function ownerUids(object: JsonObject | undefined): readonly string[] {
  return listAt(object, "metadata", "ownerReferences").map((owner: Json) =>
    isObject(owner) ? (stringAt(owner, "uid") ?? "") : "",
  );
}

function byName(a: JsonObject, b: JsonObject): number {
  return nameOf(a) < nameOf(b) ? -1 : 1;
}

export class Store {
  readonly #objects = new Map<string, Map<string, Names>>();
  readonly #byUid = new Map<string, ObjectRef>();
  readonly #dependents = new Map<string, Map<string, ObjectRef>>();
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  #changes: Change[] = [];
  #resourceVersion = 0;
  /** Version of the newest change that is forgotten: a watch can resume from here on. */
  #forgottenUpTo = 0;

  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  get forgottenUpTo(): number {
    return this.#forgottenUpTo;
  }

  get(ref: ObjectRef): JsonObject | undefined {
    return this.#objects.get(ref.type)?.get(ref.namespace)?.get(ref.name);
  }

  /** Objects of a type in the order of their names; of all namespaces when none is given. */
  list(type: string, namespace?: string): readonly JsonObject[] {
    const namespaces = this.#objects.get(type);
    if (namespaces === undefined) return [];
    if (namespace !== undefined)
      return [...(namespaces.get(namespace)?.values() ?? [])].sort(byName);
    return [...namespaces.keys()].sort().flatMap((key) => this.list(type, key));
  }

  hasUid(uid: string): boolean {
    return this.#byUid.has(uid);
  }

  /** Whether the owner exists where a dependent in `namespace` may refer to it. */
  hasOwner(uid: string, namespace: string): boolean {
    const owner = this.#byUid.get(uid);
    return owner !== undefined && (owner.namespace === "" || owner.namespace === namespace);
  }

  refOf(uid: string): ObjectRef | undefined {
    return this.#byUid.get(uid);
  }

  dependents(uid: string): readonly ObjectRef[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  /** Everything in a namespace. */
  contents(namespace: string): readonly ObjectRef[] {
    return [...this.#objects].flatMap(([type, namespaces]) =>
      [...(namespaces.get(namespace)?.keys() ?? [])].map((name) => ({ type, namespace, name })),
    );
  }

  /** Stores a new or changed object under a new resource version and returns it as stored. */
  put(type: string, object: JsonObject): JsonObject {
    const stored = this.#stamp(object);
    const ref = { type, namespace: namespaceOf(stored), name: nameOf(stored) };
    const names = this.#names(ref);
    const previous = names.get(ref.name);
    names.set(ref.name, stored);
    this.#byUid.set(uidOf(stored), ref);
    this.#reindexOwners(ref, previous, stored);
    this.#publish(ref, previous === undefined ? "ADDED" : "MODIFIED", stored, previous);
    return stored;
  }

  /** Removes the object and returns its last state, stamped with the version of the removal. */
  remove(ref: ObjectRef): JsonObject | undefined {
    const names = this.#names(ref);
    const previous = names.get(ref.name);
    if (previous === undefined) return undefined;
    names.delete(ref.name);
    this.#byUid.delete(uidOf(previous));
    this.#reindexOwners(ref, previous, undefined);
    const last = this.#stamp(previous);
    this.#publish(ref, "DELETED", last, previous);
    return last;
  }

  subscribe(type: string, subscriber: Subscriber): () => void {
    const subscribers = this.#subscribers.get(type) ?? new Set();
    this.#subscribers.set(type, subscribers.add(subscriber));
    return () => subscribers.delete(subscriber);
  }

  /** Changes of a type after `resourceVersion`, which must not be older than `forgottenUpTo`. */
  changesSince(type: string, resourceVersion: number): readonly Change[] {
    let start = this.#changes.length;
    while (start > 0 && (this.#changes[start - 1]?.resourceVersion ?? 0) > resourceVersion)
      start -= 1;
    return this.#changes.slice(start).filter((change) => change.type === type);
  }

  forgetChanges(): void {
    this.#changes = [];
    this.#forgottenUpTo = this.#resourceVersion;
  }

  #names(ref: ObjectRef): Names {
    const namespaces = this.#objects.get(ref.type) ?? new Map<string, Names>();
    this.#objects.set(ref.type, namespaces);
    const names = namespaces.get(ref.namespace) ?? new Map<string, JsonObject>();
    namespaces.set(ref.namespace, names);
    return names;
  }

  #stamp(object: JsonObject): JsonObject {
    this.#resourceVersion += 1;
    return withAt(object, ["metadata", "resourceVersion"], String(this.#resourceVersion));
  }

  #reindexOwners(
    ref: ObjectRef,
    before: JsonObject | undefined,
    after: JsonObject | undefined,
  ): void {
    const key = JSON.stringify([ref.type, ref.namespace, ref.name]);
    for (const uid of ownerUids(before)) {
      const dependents = this.#dependents.get(uid);
      dependents?.delete(key);
      if (dependents?.size === 0) this.#dependents.delete(uid);
    }
    for (const uid of ownerUids(after)) {
      const dependents = this.#dependents.get(uid) ?? new Map<string, ObjectRef>();
      this.#dependents.set(uid, dependents.set(key, ref));
    }
  }

  #publish(
    ref: ObjectRef,
    kind: Change["kind"],
    object: JsonObject,
    previous: JsonObject | undefined,
  ): void {
    const { type, namespace } = ref;
    const change = {
      kind,
      resourceVersion: this.#resourceVersion,
      type,
      namespace,
      object,
      previous,
    };
    this.#changes.push(change);
    // Forgetting half at once keeps the cost of a change constant.
    if (this.#changes.length > MAX_REMEMBERED_EVENTS) {
      const forgotten = this.#changes.splice(0, MAX_REMEMBERED_EVENTS / 2);
      this.#forgottenUpTo = forgotten.at(-1)?.resourceVersion ?? this.#forgottenUpTo;
    }
    for (const subscriber of this.#subscribers.get(type) ?? []) subscriber(change);
  }
}
