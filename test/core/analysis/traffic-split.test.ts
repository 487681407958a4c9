import { describe, expect, it } from "vitest";
import {
  seesNobodyAnswer,
  seesTooMany,
  seesUnlikeSplit,
} from "../../../src/core/analysis/traffic-split.ts";
import { blocksUntil, metricFacts, ratio } from "../../support/analysis.ts";
import { createSeededRandom } from "../../support/seeded-random.ts";

const end = 600_000;
/** Requests of canary and stable by block of 15 s, the newest last. */
const facts = (...arms: readonly (readonly [canary: number, stable: number])[]) => [
  metricFacts({
    blocks: blocksUntil(
      end,
      arms.map(([canary, stable]) => [ratio(canary), ratio(stable)]),
    ),
  }),
];
const split = (weight: number, unmanagedShare = 0) => ({ weight, unmanagedShare, fromMs: 0 });

describe("too many requests", () => {
  it("are surely more than 1.5 times the weight and 2 points", () => {
    expect(seesTooMany(facts([300, 700]), split(10))).toEqual({ share: 0.3, requests: 1000 });
    expect(seesTooMany(facts([170, 830]), split(10))).toBeUndefined();
    expect(seesTooMany(facts([175, 825]), split(10))).toBeUndefined();
    expect(seesTooMany(facts([3, 7]), split(10))).toBeUndefined();
    expect(seesTooMany(facts([1000, 0]), split(66))).toBeUndefined();
  });

  it("are those of the last minute, after the instant given", () => {
    const old = facts([900, 100], [100, 900], [100, 900], [100, 900], [100, 900]);
    expect(seesTooMany(old, split(10))).toBeUndefined();
    const before = { ...split(10), fromMs: end - 14_999 };
    expect(seesTooMany(facts([300, 700]), before)).toBeUndefined();
  });
});

describe("nobody answering", () => {
  it("takes two blocks in which stable's requests go on", () => {
    expect(seesNobodyAnswer(facts([100, 900], [0, 900]), split(10))).toBeUndefined();
    expect(seesNobodyAnswer(facts([0, 900], [0, 900]), split(10))).toEqual({
      share: 0,
      requests: 1800,
    });
    expect(seesNobodyAnswer(facts([0, 0], [0, 0]), split(10))).toBeUndefined();
    expect(seesNobodyAnswer(facts([0, 900], [0, 900], [100, 900]), split(10))).toBeUndefined();
  });

  it("is not told by what was scraped last before a hole, or first after it", () => {
    const at = (minutes: number) => (minutes * 60 + 300) * 1000;
    const silent = [ratio(0), ratio(900)] as const;
    const afterHole = (...minutes: readonly number[]) => [
      metricFacts({
        blocks: [
          ...blocksUntil(at(0), [silent]),
          ...minutes.flatMap((minute) => blocksUntil(at(minute), [silent])),
        ],
      }),
    ];
    expect(seesNobodyAnswer(afterHole(0.25), split(10))?.requests).toBe(1800);
    expect(seesNobodyAnswer(afterHole(3), split(10))).toBeUndefined();
    expect(seesNobodyAnswer(afterHole(3, 3.25), split(10))).toBeUndefined();
    expect(seesNobodyAnswer(afterHole(3, 3.25, 3.5), split(10))?.requests).toBe(1800);
  });

  it("waits longer where requests are few", () => {
    const quiet = (blocks: number) =>
      facts(...Array.from({ length: blocks }, () => [0, 30] as const));
    expect(seesNobodyAnswer(quiet(22), split(10))).toBeUndefined();
    expect(seesNobodyAnswer(quiet(23), split(10))?.requests).toBe(690);
    expect(seesNobodyAnswer(quiet(5), split(50))?.requests).toBe(150);
    expect(seesNobodyAnswer(quiet(23), split(10, 0.5))).toBeUndefined();
  });

  it("is never seen of a quiet canary that answers: 40 releases of an hour at half a request a second", () => {
    const random = createSeededRandom(7);
    for (let release = 0; release < 40; release += 1) {
      const arms = Array.from({ length: 60 }, () => {
        const hits = Array.from({ length: 8 }, () => (random() < 0.1 ? 1 : 0));
        const canary = hits.reduce<number>((sum, hit) => sum + hit, 0);
        return [canary, 8 - canary] as const;
      });
      for (let seen = 1; seen <= arms.length; seen += 1)
        expect(seesNobodyAnswer(facts(...arms.slice(0, seen)), split(10))).toBeUndefined();
    }
  });
});

describe("an unlike split", () => {
  const blocks = (count: number, arm: readonly [number, number]) =>
    facts(...Array.from({ length: count }, () => arm));

  it("is seen over many blocks, more than a quarter away either way", () => {
    expect(seesUnlikeSplit(blocks(20, [140, 860]), split(10))?.share).toBeCloseTo(0.14, 12);
    expect(seesUnlikeSplit(blocks(20, [70, 930]), split(10))?.requests).toBe(20_000);
    expect(seesUnlikeSplit(blocks(20, [120, 880]), split(10))).toBeUndefined();
    expect(seesUnlikeSplit(blocks(20, [85, 915]), split(10))).toBeUndefined();
  });

  it("is not seen of few requests, at 100, nor where other routes take their share", () => {
    expect(seesUnlikeSplit(blocks(1, [14, 86]), split(10))).toBeUndefined();
    expect(seesUnlikeSplit(blocks(20, [900, 100]), split(100))).toBeUndefined();
    expect(seesUnlikeSplit(blocks(20, [30, 970]), split(10, 0.8))).toBeUndefined();
    expect(seesUnlikeSplit([], split(10))).toBeUndefined();
  });

  it("counts requests from the instant given alone", () => {
    const all = blocks(20, [140, 860]);
    expect(seesUnlikeSplit(all, { ...split(10), fromMs: end })).toBeUndefined();
  });
});
