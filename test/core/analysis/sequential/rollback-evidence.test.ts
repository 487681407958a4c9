import { describe, expect, it } from "vitest";
import { logRatio } from "../../../../src/core/analysis/sequential/bet.ts";
import {
  addRollbackBlock,
  blockCap,
  logRollbackEvidence,
  noRollbackEvidence,
  type RollbackEvidence,
  rollbackBets,
} from "../../../../src/core/analysis/sequential/rollback-evidence.ts";
import { drawBinomial } from "../../../support/chance.ts";
import { createSeededRandom } from "../../../support/seeded-random.ts";

const margin = { ratio: 1.2, excess: 0.001 };
const plannedBlocks = 240;

function add(
  past: RollbackEvidence,
  [canaryBad, stableBad]: readonly [number, number],
  { isWarm = true, seconds = 15 } = {},
): RollbackEvidence {
  const counts = {
    canary: { requests: 75, bad: canaryBad },
    stable: { requests: 675, bad: stableBad },
  };
  const logRatios = rollbackBets.map((rho) => logRatio(counts, margin, rho));
  return addRollbackBlock(past, { logRatios, dispersion: 1, isWarm, seconds, plannedBlocks });
}

/** The largest ln E over so many blocks, and the block in which it first reached `target`. */
function run(
  random: () => number,
  { shares, blocks, target }: { shares: readonly [number, number]; blocks: number; target: number },
) {
  let state = noRollbackEvidence;
  for (let block = 1; block <= blocks; block += 1) {
    const bad = [
      drawBinomial(random, 75, shares[0]),
      drawBinomial(random, 675, shares[1]),
    ] as const;
    state = add(state, bad, { isWarm: block > 4 });
    if (logRollbackEvidence(state) >= target) return block;
  }
  return undefined;
}

describe("evidence for a rollback", () => {
  it("is 1 before anything was seen", () => {
    expect(logRollbackEvidence(noRollbackEvidence)).toBe(0);
  });

  it("lets the whole capital in by parts, and never more", () => {
    let state = noRollbackEvidence;
    const flat = {
      logRatios: rollbackBets.map(() => 0),
      dispersion: 1,
      seconds: 15,
      plannedBlocks,
    };
    const kept = [1, 2, 5, 240, 5000].map((block) => {
      while (state.blocks < block)
        state = addRollbackBlock(state, { ...flat, isWarm: state.blocks >= 2 });
      expect(logRollbackEvidence(state)).toBeCloseTo(0, 10);
      return state.kept;
    });
    const planned = 0.3 / 240;
    expect(kept[0]).toBeCloseTo(0.9 - planned, 12);
    expect(kept[1]).toBeCloseTo(0.9 - 2 * planned, 12);
    expect(kept[2]).toBeCloseTo(0.4 - 5 * planned, 12);
    expect(kept[3]).toBeCloseTo(0.1, 12);
    expect(kept[4]).toBeGreaterThan(0);
    expect(kept[4]).toBeLessThan(0.006);
  });

  it.each([
    [15, 10],
    [60, 10],
    [5, 10 ** (1 / 3)],
  ])("gets from a block of %d s no more than %d times", (seconds, most) => {
    const before = add(noRollbackEvidence, [0, 0], { seconds });
    const after = add(before, [75, 0], { seconds });
    const gained = logRollbackEvidence(after) - logRollbackEvidence(before);
    expect(gained).toBeGreaterThan(0);
    expect(gained).toBeLessThanOrEqual(Math.log(most) + 1e-12);
    expect(blockCap(seconds)).toBeCloseTo(Math.log(most), 12);
  });

  it("is weakened by overdispersion", () => {
    const counts = { canary: { requests: 75, bad: 3 }, stable: { requests: 675, bad: 1 } };
    const logRatios = rollbackBets.map((rho) => logRatio(counts, margin, rho));
    const at = (dispersion: number) =>
      logRollbackEvidence(
        addRollbackBlock(noRollbackEvidence, {
          logRatios,
          dispersion,
          isWarm: true,
          seconds: 15,
          plannedBlocks,
        }),
      );
    expect(at(4)).toBeLessThan(at(1));
  });

  it("rolls back hardly any canary on the edge of the tolerance, over an hour of looks", () => {
    const random = createSeededRandom(20_261);
    const target = Math.log(1 / 0.05);
    const runs = 300;
    let wrong = 0;
    for (let index = 0; index < runs; index += 1)
      if (run(random, { shares: [0.0131, 0.01], blocks: 240, target }) !== undefined) wrong += 1;
    // At most 5 % by Ville's inequality; three standard errors are 3.8 points.
    expect(wrong / runs).toBeLessThan(0.088);
  });

  it("finds a fault from the start within minutes, and one that comes late as well", () => {
    const random = createSeededRandom(7);
    const target = Math.log(1 / 0.01);
    const found = run(random, { shares: [0.05, 0.001], blocks: 40, target });
    expect(found).toBeLessThanOrEqual(10);
    let state = noRollbackEvidence;
    for (let block = 0; block < 120; block += 1) state = add(state, [0, 1]);
    expect(logRollbackEvidence(state)).toBeLessThan(0);
    for (let block = 0; block < 8; block += 1) state = add(state, [4, 1]);
    expect(logRollbackEvidence(state)).toBeGreaterThan(target);
  });

  it("stays a number when nothing is left of what was bet", () => {
    let state = noRollbackEvidence;
    for (let block = 0; block < 3000; block += 1) state = add(state, [0, 600]);
    expect(logRollbackEvidence(state)).toBeLessThan(0);
    expect(Number.isNaN(logRollbackEvidence(state))).toBe(false);
  });
});
