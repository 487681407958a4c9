import { describe, expect, it } from "vitest";
import {
  betOn,
  isPaired,
  logRatio,
  logRatioAgainst,
} from "../../../../src/core/analysis/sequential/bet.ts";
import { promotionBets } from "../../../../src/core/analysis/sequential/promotion-evidence.ts";
import { rollbackBets } from "../../../../src/core/analysis/sequential/rollback-evidence.ts";

const shares = [0, 1e-6, 1e-4, 0.001, 0.01, 0.05, 0.2, 0.5, 0.9];
const requests = [1, 2, 7, 30, 150, 1500, 75_000];
const ratios = [1, 1.2, 1.5, 3];
const excesses = [0, 0.001, 0.005, 0.02, 0.2];

/** ln E[L] in closed form: E[cˣ] = (1 + p(c − 1))ⁿ for a binomial x. */
function logExpectation(
  [canary, stable]: readonly [number, number],
  [canaryShare, stableShare]: readonly [number, number],
  { ratio, excess, rho }: { ratio: number; excess: number; rho: number },
): number {
  const of = (canaryBad: number, stableBad: number) =>
    betOn(
      {
        canary: { requests: canary, bad: canaryBad },
        stable: { requests: stable, bad: stableBad },
      },
      ratio,
      rho,
    );
  const { exposure } = of(0, 0);
  const [lnA, lnB] = [of(1, 0).events, of(0, 1).events];
  return (
    canary * Math.log1p(canaryShare * Math.expm1(lnA)) +
    stable * Math.log1p(stableShare * Math.expm1(lnB)) -
    exposure * excess
  );
}

/** The largest ln E[L] over all requests, stable shares and margins, with the canary exactly on the margin or on its safe side. */
function largestExpectation(bets: readonly number[], safeSide: -1 | 1): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const share of shares)
    for (const ratio of ratios)
      for (const excess of excesses)
        for (const beside of [0, 0.3, 0.9])
          for (const canary of requests)
            for (const stable of requests)
              for (const rho of bets) {
                const edge = ratio * share + excess;
                const moved = safeSide < 0 ? edge * (1 - beside) : edge + (1 - edge) * beside;
                const canaryShare = Math.min(1, moved);
                if (safeSide > 0 && moved > 1) continue;
                const ln = logExpectation([canary, stable], [canaryShare, share], {
                  ratio,
                  excess,
                  rho,
                });
                largest = Math.max(largest, ln);
              }
  return largest;
}

describe("the likelihood ratio of a block", () => {
  it("expects at most 1 of a canary within the tolerated margin, whatever stable's share is", () => {
    expect(largestExpectation(rollbackBets, -1)).toBeLessThan(1e-9);
  });

  it("expects at most 1 of a canary beyond the harmful margin, whatever stable's share is", () => {
    expect(largestExpectation(promotionBets, 1)).toBeLessThan(1e-9);
  });

  it("expects more than 1 of a canary beyond the tolerated margin", () => {
    const ln = logExpectation([150, 1350], [0.03, 0.01], { ratio: 1.2, excess: 0.001, rho: 2 });
    expect(ln).toBeGreaterThan(0.1);
  });

  it("agrees with its expectation summed outcome by outcome", () => {
    const [canary, stable, p, q] = [6, 9, 0.13, 0.1];
    const margin = { ratio: 1.2, excess: 0.01 };
    let sum = 0;
    for (let x = 0; x <= canary; x += 1)
      for (let y = 0; y <= stable; y += 1) {
        const counts = {
          canary: { requests: canary, bad: x },
          stable: { requests: stable, bad: y },
        };
        sum +=
          binomial(x, canary, p) * binomial(y, stable, q) * Math.exp(logRatio(counts, margin, 4));
      }
    const ln = logExpectation([canary, stable], [p, q], { ...margin, rho: 4 });
    expect(Math.log(sum)).toBeCloseTo(ln, 12);
    expect(sum).toBeLessThanOrEqual(1);
  });

  it("turns on which version had the error", () => {
    const counts = (canary: number, stable: number) => ({
      canary: { requests: 100, bad: canary },
      stable: { requests: 900, bad: stable },
    });
    const margin = { ratio: 1.2, excess: 0.001 };
    const quiet = logRatio(counts(0, 0), margin, 4);
    expect(logRatio(counts(1, 0), margin, 4)).toBeGreaterThan(quiet);
    expect(logRatio(counts(0, 1), margin, 4)).toBeLessThan(quiet);
  });

  it("says nothing of one version alone", () => {
    const none = { requests: 0, bad: 0 };
    const some = { requests: 5, bad: 1 };
    expect(isPaired({ canary: none, stable: some })).toBe(false);
    expect(isPaired({ canary: some, stable: none })).toBe(false);
    expect(isPaired({ canary: some, stable: some })).toBe(true);
  });
});

describe("the likelihood ratio against a fixed share", () => {
  it("expects at most 1 up to that share", () => {
    for (const share of [0.001, 0.05, 0.3])
      for (const part of [0, 0.5, 1])
        for (const n of requests)
          for (const rho of rollbackBets) {
            const one = logRatioAgainst({ requests: 1, bad: 1 }, share, rho);
            const none = logRatioAgainst({ requests: 1, bad: 0 }, share, rho);
            const p = share * part;
            expect(n * Math.log(p * Math.exp(one) + (1 - p) * Math.exp(none))).toBeLessThan(1e-9);
          }
  });
});

function binomial(x: number, n: number, p: number): number {
  let ways = 1;
  for (let k = 1; k <= x; k += 1) ways *= (n - k + 1) / k;
  return ways * p ** x * (1 - p) ** (n - x);
}
