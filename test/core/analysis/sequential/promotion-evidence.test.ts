import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { betOn } from "../../../../src/core/analysis/sequential/bet.ts";
import {
  addPromotionBlock,
  excludedExcess,
  logPromotionEvidence,
  noPromotionEvidence,
  type PromotionEvidence,
  promotionBets,
  requestsToExclude,
} from "../../../../src/core/analysis/sequential/promotion-evidence.ts";
import { drawBinomial } from "../../../support/chance.ts";
import { createSeededRandom } from "../../../support/seeded-random.ts";

function add(
  past: PromotionEvidence,
  [canary, canaryBad]: readonly [number, number],
  [stable, stableBad]: readonly [number, number],
): PromotionEvidence {
  const counts = {
    canary: { requests: canary, bad: canaryBad },
    stable: { requests: stable, bad: stableBad },
  };
  return addPromotionBlock(past, {
    outcomes: promotionBets.map((rho) => betOn(counts, 1.5, rho)),
    dispersion: 1,
    requests: canary,
  });
}

const some = fc
  .array(fc.tuple(fc.nat(200), fc.nat(30), fc.integer({ min: 1, max: 2000 }), fc.nat(100)), {
    maxLength: 12,
  })
  .map((blocks) =>
    blocks.reduce(
      (state, [canary, canaryBad, stable, stableBad]) =>
        add(
          state,
          [canary + 1, Math.min(canaryBad, canary)],
          [stable, Math.min(stableBad, stable)],
        ),
      noPromotionEvidence,
    ),
  );

describe("evidence for a promotion", () => {
  it("is 1 for every excess before anything was seen, and excludes none", () => {
    expect(logPromotionEvidence(noPromotionEvidence, 0.005)).toBe(0);
    expect(excludedExcess(noPromotionEvidence, 0.05)).toBeUndefined();
    expect(requestsToExclude(noPromotionEvidence, 0.005, 0.05)).toBeUndefined();
  });

  it("rises with the excess", () => {
    fc.assert(
      fc.property(some, fc.double({ min: 0, max: 1, noNaN: true }), (state, excess) => {
        const [low, high] = [excess / 2, excess];
        expect(logPromotionEvidence(state, high)).toBeGreaterThanOrEqual(
          logPromotionEvidence(state, low),
        );
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  it("excludes at the certificate, and not a thousandth of a point below it", () => {
    fc.assert(
      fc.property(some, (state) => {
        const certificate = excludedExcess(state, 0.05);
        if (certificate === undefined) return;
        expect(logPromotionEvidence(state, certificate)).toBeGreaterThanOrEqual(Math.log(20));
        const below = logPromotionEvidence(state, certificate - 1e-5);
        expect(certificate === 0 || below < Math.log(20)).toBe(true);
      }),
      { seed: 12, numRuns: 200 },
    );
  });

  it("needs about ln(4/β)/d clean requests, and says so beforehand", () => {
    const start = add(noPromotionEvidence, [100, 0], [900, 0]);
    const missing = requestsToExclude(start, 0.005, 0.05) ?? 0;
    const needed = Math.log(4 / 0.05) / 0.005;
    expect(100 + missing).toBeGreaterThan(needed * 0.95);
    expect(100 + missing).toBeLessThan(needed * 1.3);
    const end = add(start, [Math.ceil(missing), 0], [9 * Math.ceil(missing), 0]);
    expect(logPromotionEvidence(end, 0.005)).toBeGreaterThanOrEqual(Math.log(20));
    expect(requestsToExclude(end, 0.005, 0.05)).toBe(0);
  });

  it("expects no end where the canary is as bad as what is to be excluded", () => {
    const bad = add(noPromotionEvidence, [2000, 40], [18_000, 90]);
    expect(requestsToExclude(bad, 0.005, 0.05)).toBeUndefined();
  });

  it("promotes hardly any canary on the edge of harm, over an hour of looks", () => {
    const random = createSeededRandom(4711);
    const runs = 300;
    let wrong = 0;
    for (let index = 0; index < runs; index += 1) {
      let state = noPromotionEvidence;
      for (let block = 0; block < 240; block += 1) {
        state = add(
          state,
          [75, drawBinomial(random, 75, 0.02)],
          [675, drawBinomial(random, 675, 0.01)],
        );
        if (logPromotionEvidence(state, 0.005) < Math.log(20)) continue;
        wrong += 1;
        break;
      }
    }
    // At most 5 % by Ville's inequality; three standard errors are 3.8 points.
    expect(wrong / runs).toBeLessThan(0.088);
    expect(wrong).toBeGreaterThan(0);
  });
});
