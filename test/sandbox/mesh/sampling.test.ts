import { describe, expect, it } from "vitest";
import { drawBinomial, drawMultinomial, spreadEvenly } from "../../../src/sandbox/mesh/sampling.ts";
import { seededRandom } from "../workloads/simulated-cluster.ts";

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

describe("a binomial draw", () => {
  it.each([
    { trials: 20, share: 0.3 },
    { trials: 200, share: 0.05 },
    { trials: 200, share: 0.97 },
    { trials: 5_000, share: 0.4 },
    { trials: 1_000_000, share: 0.00001 },
  ])("of $trials at $share has the right mean and spread", ({ trials, share }) => {
    const random = seededRandom(7);
    const draws = Array.from({ length: 4_000 }, () => drawBinomial(random, trials, share));
    const mean = sum(draws) / draws.length;
    const variance = sum(draws.map((draw) => (draw - mean) ** 2)) / draws.length;
    const expected = trials * share * (1 - share);
    expect(Math.abs(mean - trials * share)).toBeLessThan(4 * Math.sqrt(expected / draws.length));
    expect(Math.abs(variance / expected - 1)).toBeLessThan(0.12);
    expect(draws.every((draw) => Number.isInteger(draw) && draw >= 0 && draw <= trials)).toBe(true);
  });

  it.each([
    { trials: 10, share: 0, is: 0 },
    { trials: 10, share: -1, is: 0 },
    { trials: 10, share: 1, is: 10 },
    { trials: 10, share: 2, is: 10 },
    { trials: 0, share: 0.5, is: 0 },
  ])("of $trials at $share is $is", ({ trials, share, is }) => {
    expect(drawBinomial(seededRandom(1), trials, share)).toBe(is);
  });
});

describe("a multinomial draw", () => {
  it.each([5, 24, 25, 10_000])("of %i adds up and follows the shares", (trials) => {
    const random = seededRandom(3);
    const totals = [0, 0, 0, 0];
    const rounds = Math.ceil(20_000 / trials);
    for (let round = 0; round < rounds; round += 1) {
      const counts = drawMultinomial(random, trials, [0.5, 0.5, 0.9, 1]);
      expect(sum(counts)).toBe(trials);
      for (const [place, count] of counts.entries()) totals[place] = (totals[place] ?? 0) + count;
    }
    const shares = totals.map((total) => total / (rounds * trials));
    expect(shares[1]).toBe(0);
    expect(Math.abs((shares[0] ?? 0) - 0.5)).toBeLessThan(0.02);
    expect(Math.abs((shares[2] ?? 0) - 0.4)).toBeLessThan(0.02);
  });

  it("has no place to draw for without shares", () => {
    expect(drawMultinomial(seededRandom(1), 10, [])).toEqual([]);
  });
});

describe("an even spread", () => {
  it.each([
    { count: 7, places: 3, offset: 0, is: [3, 2, 2] },
    { count: 7, places: 3, offset: 2, is: [2, 2, 3] },
    { count: 8, places: 3, offset: 2, is: [3, 2, 3] },
    { count: 1, places: 2, offset: 5, is: [0, 1] },
  ])("of $count over $places from $offset is $is", ({ count, places, offset, is }) => {
    expect(spreadEvenly(count, places, offset)).toEqual(is);
  });
});
