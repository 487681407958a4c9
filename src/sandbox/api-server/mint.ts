/** Makes what must be fresh: uids, generated names' suffixes and timestamps. Its randomness and time are given. */
import type { Clock } from "../../ports/clock.ts";

/** Letters and digits that spell no words, as Kubernetes uses them. */
const NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const NAME_SUFFIX_LENGTH = 5;

export interface Mint {
  uid(): string;
  nameSuffix(): string;
  /** The current time as Kubernetes writes it, to the second. */
  timestamp(): string;
  random(): number;
}

/** A small seeded generator (mulberry32), for servers whose names need be unique but not unpredictable. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function timestampOf(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, "Z");
}

export function createMint(clock: Clock, random: () => number): Mint {
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
  return {
    uid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    nameSuffix: () =>
      Array.from(
        { length: NAME_SUFFIX_LENGTH },
        () => NAME_ALPHABET[Math.floor(random() * NAME_ALPHABET.length)],
      ).join(""),
    timestamp: () => timestampOf(clock.now()),
    random,
  };
}
