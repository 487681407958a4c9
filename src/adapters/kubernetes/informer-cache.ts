/**
 * The objects of one kind as they were last seen, newest version first wins, and who wants to hear of changes.
 * Synchronous; knows nothing of how versions arrive.
 */
import { z } from "zod";
import { InvariantError } from "../../ports/errors.ts";
import type { Log } from "../../ports/log.ts";
import { ObjectIndex } from "./informer-index.ts";
import { MAX_STATUS_MESSAGE_CHARS, MAX_TOMBSTONES } from "./limits.ts";
import type { Listing } from "./list-watch.ts";
import { isOlderVersion, keyOf, type RawObject } from "./raw-object.ts";

/** Decisions read `view`; copies and patches are built from `raw`, which has the fields that nobody decoded, see `keep`. */
export interface Decoded<T> {
  readonly view: T;
  readonly raw: RawObject;
}

export interface Change<T> {
  /** `namespace/name`, or the name outside namespaces. */
  readonly key: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly before?: Decoded<T> | undefined;
  /** Absent when the object is gone, or cannot be decoded any more: then `problem` says why. */
  readonly after?: Decoded<T> | undefined;
  readonly problem?: Problem | undefined;
}

/** An object that exists but cannot be decoded. */
export interface Problem {
  readonly key: string;
  readonly message: string;
  readonly raw: RawObject;
}

export type Unsubscribe = () => void;
export type ChangeHandler<T> = (change: Change<T>) => void;
export type Indexes<T> = Readonly<Record<string, (view: T) => readonly string[]>>;

export interface CacheOptions<T> {
  readonly decode: (raw: RawObject) => T;
  /** What of an object stays beside its view, its metadata at least; left out: all of it. */
  readonly keep?: (raw: RawObject) => RawObject;
  readonly indexes?: Indexes<T>;
  readonly log: Log;
}

interface Entry<T> {
  readonly raw: RawObject;
  readonly decoded?: Decoded<T>;
  readonly problem?: Problem;
  /** Index names with the values under which the object is found. */
  readonly indexed: readonly (readonly [index: string, values: readonly string[]])[];
}

export class InformerCache<T> {
  readonly #options: CacheOptions<T>;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #byNamespace = new ObjectIndex<Decoded<T>>();
  readonly #indexes: ReadonlyMap<string, ObjectIndex<Decoded<T>>>;
  readonly #handlers = new Set<ChangeHandler<T>>();
  /** Versions at which objects went, oldest first. */
  readonly #tombstones = new Map<string, string | undefined>();

  constructor(options: CacheOptions<T>) {
    this.#options = options;
    const names = Object.keys(options.indexes ?? {});
    this.#indexes = new Map(names.map((name) => [name, new ObjectIndex()]));
  }

  get(key: string): Decoded<T> | undefined {
    return this.#entries.get(key)?.decoded;
  }

  versionOf(key: string): string | undefined {
    return this.#entries.get(key)?.raw.metadata.resourceVersion;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  list(namespace: string | undefined): readonly Decoded<T>[] {
    if (namespace !== undefined) return this.#byNamespace.get(namespace);
    return [...this.#entries.values()].flatMap(({ decoded }) => decoded ?? []);
  }

  byIndex(name: string, value: string): readonly Decoded<T>[] {
    const index = this.#indexes.get(name);
    if (index === undefined) throw new InvariantError(`there is no index "${name}"`);
    return index.get(value);
  }

  problems(): readonly Problem[] {
    return [...this.#entries.values()].flatMap(({ problem }) => problem ?? []);
  }

  onChange(handler: ChangeHandler<T>): Unsubscribe {
    this.#handlers.add(handler);
    return () => {
      this.#handlers.delete(handler);
    };
  }

  /** Takes a list for the truth, but for what is newer than the list. */
  replace({ items, resourceVersion, rewound }: Listing): void {
    if (rewound) this.#tombstones.clear();
    const listed = new Set<string>();
    for (const raw of items) {
      listed.add(keyOf(raw.metadata.namespace, raw.metadata.name));
      if (rewound) this.#put(raw);
      else this.set(raw);
    }
    for (const [key, { raw }] of this.#entries) {
      const isNewer = isOlderVersion(resourceVersion, raw.metadata.resourceVersion);
      if (!listed.has(key) && (rewound || !isNewer)) this.remove(key, resourceVersion);
    }
  }

  /** Puts a version in unless the same or a newer one was seen, or the object went after it. */
  set(raw: RawObject): void {
    const { namespace, name, resourceVersion } = raw.metadata;
    const key = keyOf(namespace, name);
    if (this.#entries.has(key) && isPast(resourceVersion, this.versionOf(key))) return;
    if (this.#tombstones.has(key) && isPast(resourceVersion, this.#tombstones.get(key))) return;
    this.#put(raw);
  }

  /** Takes an object out, unless a newer version than the one that went was seen: it was created again. */
  delete(raw: RawObject): void {
    const { namespace, name, resourceVersion } = raw.metadata;
    const key = keyOf(namespace, name);
    if (!isOlderVersion(resourceVersion, this.versionOf(key))) this.remove(key, resourceVersion);
  }

  /** Takes an object out for good: at `version` it was gone. */
  remove(key: string, version: string | undefined): void {
    this.#bury(key, version);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#unindex(key, entry);
    this.#tell(changeOf(key, entry, undefined));
  }

  clear(): void {
    for (const [key, { raw }] of this.#entries) this.remove(key, raw.metadata.resourceVersion);
  }

  #put(raw: RawObject): void {
    const key = keyOf(raw.metadata.namespace, raw.metadata.name);
    const before = this.#entries.get(key);
    const after = this.#decode(key, raw);
    this.#tombstones.delete(key);
    if (before !== undefined) this.#unindex(key, before);
    this.#entries.set(key, after);
    this.#index(key, after);
    if (after.problem !== undefined && after.problem.message !== before?.problem?.message) {
      this.#options.log.warn({ key, because: after.problem.message }, "object cannot be decoded");
    }
    this.#tell(changeOf(key, before, after));
  }

  #decode(key: string, whole: RawObject): Entry<T> {
    const raw = this.#options.keep?.(whole) ?? whole;
    try {
      const view = this.#options.decode(whole);
      const functions = Object.entries(this.#options.indexes ?? {});
      const indexed = functions.map(([name, valuesOf]) => [name, valuesOf(view)] as const);
      return { raw, decoded: { view, raw }, indexed };
    } catch (error) {
      const message = explain(error).slice(0, MAX_STATUS_MESSAGE_CHARS);
      return { raw, problem: { key, message, raw }, indexed: [] };
    }
  }

  #index(key: string, { raw, decoded, indexed }: Entry<T>): void {
    if (decoded === undefined) return;
    this.#byNamespace.add(raw.metadata.namespace ?? "", key, decoded);
    for (const [name, values] of indexed) {
      for (const value of values) this.#indexes.get(name)?.add(value, key, decoded);
    }
  }

  #unindex(key: string, { raw, indexed }: Entry<T>): void {
    this.#byNamespace.remove(raw.metadata.namespace ?? "", key);
    for (const [name, values] of indexed) {
      for (const value of values) this.#indexes.get(name)?.remove(value, key);
    }
  }

  #bury(key: string, version: string | undefined): void {
    this.#tombstones.delete(key);
    this.#tombstones.set(key, version);
    const [oldest] = this.#tombstones.keys();
    if (this.#tombstones.size > MAX_TOMBSTONES && oldest !== undefined) {
      this.#tombstones.delete(oldest);
    }
  }

  #tell(change: Change<T>): void {
    for (const handler of this.#handlers) {
      try {
        handler(change);
      } catch (error) {
        const because = error instanceof Error ? error.message : String(error);
        this.#options.log.error({ key: change.key, because }, "change handler failed");
      }
    }
  }
}

/** What is wrong, with the field where a schema found it. */
function explain(error: unknown): string {
  const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
  if (issue !== undefined) return `${issue.path.map(String).join(".")}: ${issue.message}`;
  return error instanceof Error ? error.message : String(error);
}

/** Whether `version` brings nothing over `seen`. */
const isPast = (version: string | undefined, seen: string | undefined): boolean =>
  (version !== undefined && version === seen) || isOlderVersion(version, seen);

function changeOf<T>(
  key: string,
  before: Entry<T> | undefined,
  after: Entry<T> | undefined,
): Change<T> {
  const { namespace, name = key } = (after ?? before)?.raw.metadata ?? {};
  return {
    key,
    namespace,
    name,
    before: before?.decoded,
    after: after?.decoded,
    problem: after?.problem,
  };
}
