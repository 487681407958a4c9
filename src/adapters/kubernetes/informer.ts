/**
 * A live copy of all objects of one kind: what the controller reads instead of the API server. Knows no kind; the
 * caller's `decode` does.
 */
import { isNotFound } from "./api-error.ts";
import {
  type CacheOptions,
  type ChangeHandler,
  type Decoded,
  InformerCache,
  type Problem,
  type Unsubscribe,
} from "./informer-cache.ts";
import { createSyncLatch, type SyncLatch } from "./informer-sync.ts";
import { createListWatch, type ListWatchOptions, type ListWatchSink } from "./list-watch.ts";
import { nameOfPath, resourcePath } from "./paths.ts";
import { isRawObject, keyOf, type RawObject } from "./raw-object.ts";

export interface InformerReads<T> {
  /** Whether the first list is in; stays true while the connection is lost. */
  hasSynced(): boolean;
  /** Why the first list is not in, in a sentence for people; undefined once it is. */
  pending(): string | undefined;
  /** Throws RetryableError `Aborted` when `signal` aborts first. */
  whenSynced(signal?: AbortSignal): Promise<void>;
  /** Undefined also for an object that cannot be decoded: see problems(). `namespace` is "" outside namespaces. */
  get(namespace: string, name: string): Decoded<T> | undefined;
  /** Left out: all namespaces. */
  list(namespace?: string): readonly Decoded<T>[];
  /** Objects for which the index function `name` gave `value`. Throws InvariantError for an unknown index. */
  byIndex(name: string, value: string): readonly Decoded<T>[];
  problems(): readonly Problem[];
  /** From now on; what is there already is not told again. A handler that throws is logged. */
  onChange(handler: ChangeHandler<T>): Unsubscribe;
  /** The answer to a write: in the cache at once if it is newer, so that the next pass sees its own write. */
  observeWrite(answer: unknown): void;
  /** Reads one object from the server into the cache: after a write that was refused as based on an old version. */
  refresh(namespace: string, name: string, signal?: AbortSignal): Promise<void>;
}

export interface Informer<T> extends InformerReads<T> {
  start(): void;
  /** Ends at once, and resolves when nothing runs any more; what is in the cache stays. */
  stop(): Promise<void>;
}

export interface InformerOptions<T> extends Omit<ListWatchOptions, "sink">, CacheOptions<T> {
  /** With a selector: whether an object that was written belongs here. Left out: only what is here already does. */
  readonly isSelected?: (object: RawObject) => boolean;
}

export function createInformer<T>(options: InformerOptions<T>): Informer<T> {
  const cache = new InformerCache(options);
  const latch = latchFor(options);
  const notServed = (): void => {
    latch.hold(`the API server does not serve ${nameOfKind(options)}`);
    options.log.warn({ resource: options.resource }, "the API server does not serve this kind");
  };
  const sink = { ...sinkInto(cache, latch), notServed };
  const listWatch = createListWatch({ ...options, sink });
  return {
    ...readsOf(options, cache, latch),
    start: () => listWatch.start(),
    stop: () => listWatch.stop(),
  };
}

export function sinkInto<T>(
  cache: InformerCache<T>,
  latch: SyncLatch,
): Required<Pick<ListWatchSink, "listed" | "changed" | "failed">> {
  return {
    listed(listing) {
      cache.replace(listing);
      latch.open();
    },
    changed({ type, object }) {
      if (type === "Set") cache.set(object);
      else cache.delete(object);
    },
    failed(error) {
      latch.hold(error instanceof Error ? error.message : String(error));
    },
  };
}

export function latchFor(options: Pick<ListWatchOptions, "resource">): SyncLatch {
  return createSyncLatch(`${nameOfKind(options)} are not listed yet`);
}

const nameOfKind = ({ resource }: Pick<ListWatchOptions, "resource">): string =>
  nameOfPath(resourcePath(resource));

export function readsOf<T>(
  options: InformerOptions<T>,
  cache: InformerCache<T>,
  latch: SyncLatch,
): InformerReads<T> {
  const { transport, resource } = options;
  const observeWrite = (answer: unknown): void => {
    if (isRawObject(answer) && isInScope(options, cache, answer)) cache.set(answer);
  };
  return {
    hasSynced: () => latch.isOpen,
    pending: () => latch.because,
    whenSynced: (signal) => latch.wait(signal),
    get: (namespace, name) => cache.get(keyOf(namespace, name)),
    list: (namespace) => cache.list(namespace),
    byIndex: (name, value) => cache.byIndex(name, value),
    problems: () => cache.problems(),
    onChange: (handler) => cache.onChange(handler),
    observeWrite,
    async refresh(namespace, name, signal) {
      const key = keyOf(namespace, name);
      const seen = cache.versionOf(key);
      try {
        const path = resourcePath(resource, { namespace: namespace || undefined, name });
        observeWrite(await transport.request({ method: "GET", path, signal }));
      } catch (error) {
        if (!isNotFound(error)) throw error;
        // Unless the object came back while the answer was on its way.
        if (cache.versionOf(key) === seen) cache.remove(key, seen);
      }
    },
  };
}

/** With a selector only the server knows what belongs here, so only objects that are here already are taken. */
function isInScope<T>(
  options: InformerOptions<T>,
  cache: InformerCache<T>,
  object: RawObject,
): boolean {
  const { metadata, kind } = object;
  if (kind === "Status") return false;
  if (options.namespace !== undefined && metadata.namespace !== options.namespace) return false;
  const isSelective = options.labelSelector !== undefined || options.fieldSelector !== undefined;
  if (!isSelective) return true;
  return options.isSelected?.(object) ?? cache.has(keyOf(metadata.namespace, metadata.name));
}
