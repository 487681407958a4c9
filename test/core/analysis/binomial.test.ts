import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binomialUpperTail } from "../../../src/core/analysis/binomial.ts";

/** x, n, p, P(X ≥ x): summed term by term with 60 decimal digits. */
const vectors: readonly (readonly [x: number, n: number, p: number, tail: number])[] = [
  [1, 1, 0.5, 0.5],
  [1, 20, 0.05, 0.6415140775914578],
  [4, 20, 0.05, 0.015901526019763565],
  [5, 20, 0.05, 0.0025739403346522823],
  [20, 20, 0.05, 9.536743164062511e-27],
  [7, 100, 0.05, 0.23398601598516802],
  [12, 100, 0.05, 0.004274182466365915],
  [3, 100, 0.01, 0.07937320225218034],
  [16, 17, 0.3, 5.251699961999997e-8],
  [40, 340, 0.05, 6.209030176323187e-7],
  [8, 340, 0.05, 0.9953765809217127],
  [150, 10_000, 0.01, 1.6570601962380372e-6],
  [100, 10_000, 0.01, 0.5134992717167548],
  [1000, 100_000, 0.01, 0.5042686879721119],
  [1100, 100_000, 0.01, 0.0009117803412451087],
  [101_000, 10_000_000, 0.01, 0.0007571703763230739],
  [100_000, 10_000_000, 0.01, 0.5004268670235563],
  [5_000_000, 10_000_000, 0.5, 0.5001261566229471],
  [99_000, 10_000_000, 0.01, 0.9992751000391944],
  [30, 1_000_000, 1e-6, 1.4324990305860825e-33],
];

describe("the upper tail of the binomial distribution", () => {
  it.each(vectors)("P(X ≥ %d | %d, %d) is %d", (x, n, p, tail) => {
    expect(Math.abs(binomialUpperTail(x, n, p) / tail - 1)).toBeLessThan(1e-11);
  });

  it.each([
    ["no bad requests", 0, 10, 0.5, 1],
    ["a negative number", -3, 10, 0.5, 1],
    ["more bad than all", 11, 10, 0.5, 0],
    ["no requests", 1, 0, 0.5, 0],
    ["a share of nothing", 1, 10, 0, 0],
    ["a share of everything", 10, 10, 1, 1],
    ["a tail below what numbers hold", 600_000, 10_000_000, 0.05, 0],
    ["not a number of bad requests", Number.NaN, 10, 0.5, 1],
    ["a share that is no number", 5, 10, Number.NaN, 1],
  ])("is defined for %s", (_name, x, n, p, tail) => {
    expect(binomialUpperTail(x, n, p)).toBe(tail);
  });

  it("rounds a part of a bad request down and of a request to the nearest", () => {
    expect(binomialUpperTail(4.9, 20.4, 0.05)).toBe(binomialUpperTail(4, 20, 0.05));
  });

  it("answers for numbers beyond any service with weaker evidence", () => {
    expect(binomialUpperTail(5.002e14, 1e16, 0.05)).toBeGreaterThan(0);
    expect(binomialUpperTail(5.002e14, 1e16, 0.05)).toBeLessThan(0.01);
  });

  it("is a probability, falls in x, and rises in n and p", () => {
    fc.assert(
      fc.property(
        fc.nat(3000),
        fc.nat(3000),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (x, n, p) => {
          const tail = binomialUpperTail(x, n, p);
          expect(tail).toBeGreaterThanOrEqual(0);
          expect(tail).toBeLessThanOrEqual(1);
          // Denormal numbers have no relative accuracy left.
          const orMore = (value: number) => value * (1 + 1e-10) + 1e-300;
          expect(binomialUpperTail(x + 1, n, p)).toBeLessThanOrEqual(orMore(tail));
          expect(orMore(binomialUpperTail(x, n + 1, p))).toBeGreaterThanOrEqual(tail);
          expect(orMore(binomialUpperTail(x, n, Math.min(1, p * 1.1)))).toBeGreaterThanOrEqual(
            tail,
          );
        },
      ),
    );
  });

  it("is total", () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), fc.double(), (x, n, p) => {
        const tail = binomialUpperTail(x, Math.min(n, 1e6), p);
        expect(tail >= 0 && tail <= 1).toBe(true);
      }),
    );
  });
});
