/**
 * Something that all versions of a Service share (a database, a quota) and that one version may exhaust: while it is
 * exhausted, every version fails requests. Knows no routes and no metrics.
 */

/** What one version does to what all of them share. */
export interface Harm {
  /** Share of every version's requests that fail then, 0–1. */
  readonly share: number;
  /** How long it outlasts the last request that did it, milliseconds. */
  readonly lingerMs: number;
}

export interface SharedHarm {
  /** A request of the host was served at this wall time (ms) by a version that does this. */
  inflict(host: string, harm: Harm, at: number): void;
  /** Share of the host's requests that fail at this time, 0–1. */
  shareAt(host: string, at: number): number;
}

/** Shortest time that harm lasts: until the next tick at least. */
const leastMs = 1_000;

export function createSharedHarm(): SharedHarm {
  const harms = new Map<string, { readonly share: number; readonly until: number }>();
  return {
    inflict(host, { share, lingerMs }, at) {
      harms.set(host, { share, until: at + Math.max(leastMs, lingerMs) });
    },
    shareAt(host, at) {
      const harm = harms.get(host);
      return harm !== undefined && at <= harm.until ? harm.share : 0;
    },
  };
}
