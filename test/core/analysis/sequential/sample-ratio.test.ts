import { describe, expect, it } from "vitest";
import { logSplitEvidence } from "../../../../src/core/analysis/sequential/sample-ratio.ts";
import { drawBinomial } from "../../../support/chance.ts";
import { createSeededRandom } from "../../../support/seeded-random.ts";

const alarm = Math.log(1 / 0.01);
const split = (
  canary: number,
  stable: number,
  rest: { weight?: number; unmanaged?: number } = {},
) =>
  logSplitEvidence({
    weight: rest.weight ?? 10,
    unmanagedShare: rest.unmanaged ?? 0,
    canary,
    stable,
  });

describe("the guard of the split", () => {
  it("finds a split that is not what was set, either way", () => {
    expect(split(500, 2500)).toBeGreaterThan(alarm);
    expect(split(100, 2900)).toBeGreaterThan(alarm);
    expect(split(300, 2700)).toBeLessThan(0);
  });

  it("does not mind what callers' retries and stragglers make of it, however many requests", () => {
    expect(split(110_000, 890_000)).toBeLessThan(0);
    expect(split(90_000, 910_000)).toBeLessThan(0);
    expect(split(140_000, 860_000)).toBeGreaterThan(alarm);
  });

  it("allows for requests that routes outside management send to stable, and for none to the canary", () => {
    expect(split(700, 9300, { unmanaged: 0.3 })).toBeLessThan(0);
    expect(split(600, 9400)).toBeGreaterThan(alarm);
    expect(split(1600, 8400, { unmanaged: 0.3 })).toBeGreaterThan(alarm);
  });

  it("says nothing where there is nothing to divide", () => {
    expect(split(0, 0)).toBe(0);
    expect(split(5, 0, { weight: 100 })).toBe(0);
    expect(split(0, 5, { weight: 0 })).toBe(0);
  });

  it("hardly ever alarms over an hour of looks at what was set", () => {
    const random = createSeededRandom(8);
    let alarms = 0;
    for (let index = 0; index < 300; index += 1) {
      let [canary, stable] = [0, 0];
      for (let block = 0; block < 240; block += 1) {
        const drawn = drawBinomial(random, 60, 0.125);
        canary += drawn;
        stable += 60 - drawn;
        if (split(canary, stable) < Math.log(20)) continue;
        alarms += 1;
        break;
      }
    }
    // On the edge of what is tolerated at most 5 %; three standard errors are 3.8 points.
    expect(alarms / 300).toBeLessThan(0.088);
  });
});
