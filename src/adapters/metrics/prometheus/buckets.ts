/** Which bounds of a classic histogram are read: those around the limit, and those compared. Remembers what bounds each workload has. */
import { createLru } from "./lru.ts";
import {
  BOUNDS_MAX_AGE_MS,
  MAX_BOUNDS_KNOWN,
  MAX_BOUNDS_READ,
  MAX_REMEMBERED_BOUNDS,
} from "./query-limits.ts";
import { escapeRegex, quoteValue } from "./render.ts";

/** A finite bound as number, by the texts it was written as. */
export type Bounds = ReadonlyMap<number, ReadonlySet<string>>;

export interface BoundsMemory {
  /** Undefined if not known, or known for too long. */
  find(key: string, atMs: number): Bounds | undefined;
  remember(key: string, bounds: Bounds, atMs: number): void;
}

export function createBoundsMemory(): BoundsMemory {
  const known = createLru<{ readonly bounds: Bounds; readonly learnedAtMs: number }>(
    MAX_REMEMBERED_BOUNDS,
  );
  return {
    find(key, atMs) {
      const entry = known.get(key);
      const isYoung =
        entry !== undefined && Math.abs(atMs - entry.learnedAtMs) <= BOUNDS_MAX_AGE_MS;
      return isYoung ? entry.bounds : undefined;
    },
    remember(key, bounds, learnedAtMs) {
      known.set(key, { bounds, learnedAtMs });
    },
  };
}

/** The upper bound of a bucket as number: Prometheus writes "500" or "500.0", and "+Inf". NaN if it is none. */
export function parseBound(le: string): number {
  if (le === "+Inf" || le === "Inf") return Number.POSITIVE_INFINITY;
  return le.trim() === "" ? Number.NaN : Number(le);
}

/** Finite bounds by number from the texts of one workload's `le`. */
export function boundsOf(texts: readonly string[]): Bounds {
  const bounds = new Map<number, Set<string>>();
  for (const text of texts.slice(0, MAX_BOUNDS_KNOWN)) {
    const le = parseBound(text);
    if (!Number.isFinite(le)) continue;
    bounds.set(le, (bounds.get(le) ?? new Set()).add(text));
  }
  return bounds;
}

export function joinBounds(all: readonly Bounds[]): Bounds {
  const joined = new Map<number, ReadonlySet<string>>();
  for (const [le, texts] of all.flatMap((bounds) => [...bounds])) {
    joined.set(le, new Set([...(joined.get(le) ?? []), ...texts]));
  }
  return joined;
}

/**
 * The bounds nearest to the limit, half of them below it and half at or above it; where one side has fewer, the other
 * fills up. The limit's own bucket and its neighbours are among them, so that the limit is judged as if all were read.
 */
export function boundsAround(bounds: Bounds, limit: number): Bounds {
  const ascending = [...bounds.keys()].sort((a, b) => a - b);
  const below = ascending.filter((le) => le < limit);
  const above = ascending.slice(below.length);
  const half = MAX_BOUNDS_READ / 2;
  const spareAbove = Math.max(0, half - above.length);
  const spareBelow = Math.max(0, half - below.length);
  const chosen = [...below.slice(-(half + spareAbove)), ...above.slice(0, half + spareBelow)];
  return new Map(chosen.map((le) => [le, bounds.get(le) ?? new Set<string>()]));
}

/** The bounds with these numbers, as they are written. */
export function boundsAt(bounds: Bounds, numbers: readonly number[]): Bounds {
  return new Map(numbers.map((le) => [le, bounds.get(le) ?? new Set<string>()]));
}

/** The matcher for these bounds and +Inf, in every way that a server may write them. */
export function boundsMatcher(bounds: Bounds): string {
  const texts = [...bounds].flatMap(([le, seen]) => {
    const plain = String(le);
    const spellings =
      Number.isInteger(le) && !plain.includes("e") ? [plain, `${plain}.0`] : [plain];
    return [...new Set([...spellings, ...seen])];
  });
  return `le=~${quoteValue([...texts, "+Inf"].map(escapeRegex).join("|"))}`;
}
