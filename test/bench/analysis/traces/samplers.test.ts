import { describe, expect, it } from "vitest";
import { createGenerator, wordOf } from "./generator.ts";
import {
  drawBinomial,
  drawGamma,
  drawGeometric,
  drawPoisson,
  logFactorial,
  type Random,
} from "./samplers.ts";

const draws = 20_000;

function sample(seed: number, draw: (random: Random) => number): readonly number[] {
  const generator = createGenerator();
  generator.seed(seed);
  return Array.from({ length: draws }, () => draw(generator.next));
}

/** Mean and variance as expected, within five standard errors. */
function expectMoments(values: readonly number[], mean: number, variance: number): void {
  const seen = values.reduce((sum, value) => sum + value, 0) / draws;
  const squares = values.map((value) => (value - seen) ** 2);
  const seenVariance = squares.reduce((sum, value) => sum + value, 0) / draws;
  const fourth = squares.reduce((sum, value) => sum + value * value, 0) / draws;
  expect(Math.abs(seen - mean)).toBeLessThan(5 * Math.sqrt(variance / draws) + 1e-9);
  expect(Math.abs(seenVariance - variance)).toBeLessThan(
    5 * Math.sqrt((fourth - seenVariance ** 2) / draws) + 1e-9,
  );
}

/** The share of values at or above `least` is `probability`, within five standard errors. */
function expectTail(values: readonly number[], least: number, probability: number): void {
  const share = values.filter((value) => value >= least).length / draws;
  const error = Math.sqrt((probability * (1 - probability)) / draws);
  expect(Math.abs(share - probability)).toBeLessThan(5 * error);
}

function poissonTail(mean: number, least: number): number {
  let below = 0;
  for (let k = 0; k < least; k += 1) below += Math.exp(k * Math.log(mean) - mean - logFactorial(k));
  return 1 - below;
}

function binomialTail(n: number, p: number, least: number): number {
  let below = 0;
  for (let k = 0; k < least; k += 1)
    below += Math.exp(
      logFactorial(n) -
        logFactorial(k) -
        logFactorial(n - k) +
        k * Math.log(p) +
        (n - k) * Math.log1p(-p),
    );
  return 1 - below;
}

describe("a generator", () => {
  it("draws the same for the same words, and something else for others", () => {
    const generator = createGenerator();
    const three = (...words: readonly number[]) => {
      generator.seed(...words);
      return [generator.next(), generator.next(), generator.next()];
    };
    expect(three(1, 2, 3)).toEqual(three(1, 2, 3));
    expect(three(1, 2, 3)).not.toEqual(three(1, 3, 2));
    expect(three(0)).not.toEqual(three(0, 0));
    expect(wordOf("H1")).not.toBe(wordOf("B1"));
  });

  it("draws evenly, and neighbours' first numbers have nothing to do with each other", () => {
    const generator = createGenerator();
    const firsts = Array.from({ length: draws }, (_, word) => {
      generator.seed(7, word);
      return generator.next();
    });
    expectMoments(firsts, 1 / 2, 1 / 12);
    const steps = firsts
      .slice(1)
      .map((value, index) => (value - 0.5) * ((firsts[index] ?? 0) - 0.5));
    const correlation = (12 * steps.reduce((sum, step) => sum + step, 0)) / steps.length;
    expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(draws));
  });
});

describe("counts", () => {
  it.each([0.02, 3.1, 9.9, 10.1, 31, 310])("are Poisson of mean %d", (mean) => {
    const values = sample(1, (random) => drawPoisson(random, mean));
    expectMoments(values, mean, mean);
    const far = Math.ceil(mean + 2 * Math.sqrt(mean)) + 1;
    expectTail(values, far, poissonTail(mean, far));
    expectTail(
      values,
      Math.max(1, Math.floor(mean)),
      poissonTail(mean, Math.max(1, Math.floor(mean))),
    );
  });

  it.each([
    [12, 0.001],
    [40, 0.05],
    [90, 0.2],
    [400, 0.3],
    [30, 0.9],
    [2000, 0.01],
  ] as const)("are binomial of %d and %d", (n, p) => {
    const values = sample(2, (random) => drawBinomial(random, n, p));
    expectMoments(values, n * p, n * p * (1 - p));
    const far = Math.ceil(n * p + 2 * Math.sqrt(n * p * (1 - p)));
    expectTail(values, far, binomialTail(n, p, far));
    expect(values.every((value) => value >= 0 && value <= n && Number.isInteger(value))).toBe(true);
  });

  it("are nothing of nothing, and all of what is sure", () => {
    const { next } = createGenerator();
    expect(drawPoisson(next, 0)).toBe(0);
    expect(drawBinomial(next, 10, 0)).toBe(0);
    expect(drawBinomial(next, 0, 0.5)).toBe(0);
    expect(drawBinomial(next, 10, 1)).toBe(10);
  });

  it.each([1, 10])("are runs of a geometric length of mean %d", (mean) => {
    const values = sample(3, (random) => drawGeometric(random, mean));
    expectMoments(values, mean, mean * (mean - 1));
    expect(Math.min(...values)).toBe(1);
  });
});

describe("factors", () => {
  it.each([1, 4])("are gamma of shape %d", (shape) => {
    const values = sample(4, (random) => drawGamma(random, shape));
    expectMoments(values, shape, shape);
    if (shape === 1) expectTail(values, 3, Math.exp(-3));
  });
});
