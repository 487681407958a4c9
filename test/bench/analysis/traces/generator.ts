/** Random numbers that depend on nothing but words given: any part of a trace can be drawn alone, in any order. */

/** Draws numbers in [0, 1); `seed` starts it anew. */
export interface Generator {
  readonly next: () => number;
  /** From now on it draws what these words, and nothing else, determine. */
  seed(...words: readonly number[]): void;
}

const golden = 0x9e3779b9;

/** xoshiro128++ (Blackman and Vigna, 2019), seeded by murmur3's finaliser over the words. */
export function createGenerator(): Generator {
  let a = 1;
  let b = 2;
  let c = 3;
  let d = 4;
  return {
    next: () => {
      const sum = (a + d) | 0;
      const result = (((sum << 7) | (sum >>> 25)) + a) >>> 0;
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
      return result / 2 ** 32;
    },
    seed: (...words) => {
      let state = golden;
      for (const word of words) state = mix((state ^ word) + golden);
      a = mix(state + golden);
      b = mix(a + golden);
      c = mix(b + golden);
      d = mix(c + golden);
    },
  };
}

function mix(word: number): number {
  let mixed = word | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** A word for a text (FNV-1a), so that a name can be part of a seed. */
export function wordOf(text: string): number {
  let word = 0x811c9dc5;
  for (const character of text) word = Math.imul(word ^ (character.codePointAt(0) ?? 0), 16777619);
  return word;
}
