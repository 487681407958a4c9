/**
 * An informer for a kind that the cluster may not have (yet): looks at its CustomResourceDefinition, so that an
 * absent kind costs no request. Absent counts as synced and empty.
 */
import { StallError } from "../../ports/errors.ts";
import { type Informer, type InformerOptions, latchFor, readsOf, sinkInto } from "./informer.ts";
import { InformerCache } from "./informer-cache.ts";
import { createListWatch, type ListWatch, type ListWatchSink } from "./list-watch.ts";
import { isRecord, type RawObject } from "./raw-object.ts";

export interface OptionalInformer<T> extends Informer<T> {
  /** Whether the cluster has the kind in the version asked for. */
  isServed(): boolean;
}

const DEFINITIONS = {
  group: "apiextensions.k8s.io",
  version: "v1",
  plural: "customresourcedefinitions",
  namespaced: false,
} as const;

/**
 * Needs list and watch on CustomResourceDefinitions; where that is forbidden, the kind itself is asked for instead,
 * which for an absent kind costs a request every 30 s.
 */
export function createOptionalInformer<T>(options: InformerOptions<T>): OptionalInformer<T> {
  const { resource, log } = options;
  const name = `${resource.plural}.${resource.group}`;
  const cache = new InformerCache(options);
  const latch = latchFor(options);
  const notServed = (): void => latch.open();
  const sink = sinkInto(cache, latch);
  const objects = createListWatch({ ...options, sink: { ...sink, notServed } });
  const presence = new Presence(objects, () => cache.clear());

  const found = (isServed: boolean): void => {
    presence.turn(isServed);
    if (!isServed) latch.open();
  };
  const definitions: ListWatch = createListWatch({
    ...options,
    resource: DEFINITIONS,
    namespace: undefined,
    labelSelector: undefined,
    fieldSelector: `metadata.name=${name}`,
    sink: {
      ...definitionSink(name, resource.version, found),
      failed(error) {
        sink.failed(error);
        if (!(error instanceof StallError) || error.reason !== "Forbidden") return;
        log.warn({ kind: name }, "may not look for the kind's definition, asking for the kind");
        presence.turn(true);
        // Not awaited: it waits for the loop that is telling us this.
        void definitions.stop();
      },
    },
  });

  return {
    ...readsOf(options, cache, latch),
    isServed: () => presence.isServed,
    start() {
      presence.start();
      definitions.start();
    },
    async stop() {
      await definitions.stop();
      await presence.stop();
    },
  };
}

function definitionSink(
  name: string,
  version: string,
  found: (isServed: boolean) => void,
): ListWatchSink {
  return {
    listed({ items }) {
      const definition = items.find(({ metadata }) => metadata.name === name);
      found(definition !== undefined && serves(definition, version));
    },
    changed({ type, object }) {
      if (object.metadata.name === name) found(type === "Set" && serves(object, version));
    },
    notServed: () => found(false),
  };
}

/** Follows the kind's objects while there is the kind; turns one after the other, however fast it comes and goes. */
class Presence {
  readonly #objects: ListWatch;
  readonly #forget: () => void;
  #isStopped = true;
  #wanted = false;
  #turning: Promise<void> = Promise.resolve();

  constructor(objects: ListWatch, forget: () => void) {
    this.#objects = objects;
    this.#forget = forget;
  }

  get isServed(): boolean {
    return this.#wanted;
  }

  start(): void {
    this.#isStopped = false;
  }

  turn(isServed: boolean): void {
    if (this.#isStopped || isServed === this.#wanted) return;
    this.#wanted = isServed;
    this.#turning = this.#turnAfter(this.#turning, isServed);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wanted = false;
    await this.#turning;
    await this.#objects.stop();
  }

  async #turnAfter(earlier: Promise<void>, isServed: boolean): Promise<void> {
    await earlier;
    if (this.#isStopped) return;
    if (isServed) {
      this.#objects.start();
      return;
    }
    await this.#objects.stop();
    this.#forget();
  }
}

/** A definition that the server does not act on (yet) says so in a condition. */
function serves({ spec, status }: RawObject, version: string): boolean {
  const versions: readonly unknown[] =
    isRecord(spec) && Array.isArray(spec.versions) ? spec.versions : [];
  const conditions: readonly unknown[] =
    isRecord(status) && Array.isArray(status.conditions) ? status.conditions : [];
  const isOff = (condition: unknown): boolean =>
    isRecord(condition) && condition.type === "Established" && condition.status !== "True";
  const isServed = (other: unknown): boolean =>
    isRecord(other) && other.name === version && other.served === true;
  return versions.some(isServed) && !conditions.some(isOff);
}
