/**
 * Which writes the open watches have not been told of yet. Versions of a server's objects are numbers that grow over all
 * kinds, which only tests may know.
 */
import { z } from "zod";

const Versioned = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string().default("") }),
});
const Told = z.looseObject({ object: Versioned });

export interface Deliveries {
  /** An answer to a write at this path. */
  written(path: string, answer: string): void;
  /** A watch that is open now. */
  watch(path: string, query: URLSearchParams): Delivery;
  /** Whether some watch has still to be told of a write that it covers. */
  pending(): boolean;
}

interface Delivery {
  told(line: string): void;
  end(): void;
}

interface OpenWatch {
  readonly place: Place;
  version: number;
}

/** All of one kind, in one namespace or all. */
interface Place {
  readonly kind: string;
  readonly namespace: string | undefined;
}

export function createDeliveries(): Deliveries {
  const watches = new Set<OpenWatch>();
  /** Newest version by kind and namespace. */
  const writes = new Map<string, { readonly place: Place; readonly version: number }>();
  const covers = ({ place: { kind, namespace } }: OpenWatch, written: Place) =>
    kind === written.kind && (namespace === undefined || namespace === written.namespace);
  return {
    written(path, answer) {
      const place = placeOf(path);
      const parsed = Versioned.safeParse(jsonOf(answer));
      const version = Number(parsed.data?.metadata.resourceVersion || 0);
      const open = Array.from(watches).some((watch) => covers(watch, place));
      if (open && version > 0) writes.set(`${place.kind} ${place.namespace}`, { place, version });
    },
    watch(path, query) {
      const watch = { place: placeOf(path), version: Number(query.get("resourceVersion") ?? 0) };
      // What a selector leaves out it is never told of.
      const isWhole = !(query.has("labelSelector") || query.has("fieldSelector"));
      if (isWhole) watches.add(watch);
      return {
        told(line) {
          const parsed = Told.safeParse(jsonOf(line));
          const version = Number(parsed.data?.object.metadata.resourceVersion || 0);
          watch.version = Math.max(watch.version, version);
        },
        end: () => void watches.delete(watch),
      };
    },
    pending: () =>
      Array.from(writes.values()).some(({ place, version }) =>
        Array.from(watches).some((watch) => covers(watch, place) && watch.version < version),
      ),
  };
}

function placeOf(path: string): Place {
  const found = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)/.exec(path);
  const [, group = "", namespace, plural = ""] = found ?? [];
  return { kind: `${group}/${plural}`, namespace };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
