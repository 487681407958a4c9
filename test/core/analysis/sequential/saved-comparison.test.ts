import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ComparisonState } from "../../../../src/api/canary-status.ts";
import {
  addToComparison,
  type Comparison,
  logEvidenceAgainst,
  logEvidenceFor,
  newComparison,
} from "../../../../src/core/analysis/sequential/comparison.ts";
import {
  loadComparison,
  saveComparison,
} from "../../../../src/core/analysis/sequential/saved-comparison.ts";
import { latency } from "../../../support/analysis.ts";
import { errorBlock, errorRules } from "../../../support/comparing.ts";
import { createSeededRandom } from "../../../support/seeded-random.ts";

/** As it comes back from the API server. */
function reload(state: Comparison): Comparison {
  const text = JSON.stringify(saveComparison(state));
  const loaded = loadComparison(JSON.parse(text));
  if (loaded === undefined) throw new Error("what was saved cannot be loaded");
  return loaded;
}

/** In which block each decision is due, if it is. */
function decisions(states: readonly Comparison[]) {
  const first = (isDue: (state: Comparison) => boolean) => {
    const index = states.findIndex(isDue);
    return index === -1 ? states.length : index;
  };
  return {
    rollback: first((state) => logEvidenceAgainst(state) >= Math.log(100)),
    promotion: first((state) => logEvidenceFor(state, 0.005) >= Math.log(20)),
  };
}

describe("a comparison in status", () => {
  it("decides the same in the same block, wherever it was saved and taken up again", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 0, max: 39 }),
        fc.constantFrom(0, 0.001, 0.004, 0.01, 0.05, 0.3),
        (seed, savedAt, share) => {
          const random = createSeededRandom(seed);
          const blocks = Array.from({ length: 40 }, () =>
            errorBlock(random, { canary: share, stable: 0.002 }),
          );
          let [kept, moved] = [newComparison("Ratio"), newComparison("Ratio")];
          const [all, some]: [Comparison[], Comparison[]] = [[], []];
          for (const [index, block] of blocks.entries()) {
            kept = addToComparison(kept, block, errorRules);
            moved = addToComparison(moved, block, errorRules);
            if (index === savedAt) moved = reload(moved);
            all.push(kept);
            some.push(moved);
          }
          const [before, after] = [decisions(all), decisions(some)];
          expect(after).toEqual(before);
        },
      ),
      { seed: 2026, numRuns: 150 },
    );
  });

  it("keeps every digit, −Infinity too", () => {
    const fresh = newComparison("Ratio");
    expect(JSON.stringify(saveComparison(fresh))).toContain("-Infinity");
    expect(reload(fresh)).toEqual(fresh);
    const random = createSeededRandom(1);
    const later = addToComparison(
      fresh,
      errorBlock(random, { canary: 0.01, stable: 0.003 }),
      errorRules,
    );
    const loaded = reload(later);
    expect(loaded).toEqual(later);
  });

  it("keeps bounds, and the durations from which they are still to be chosen", () => {
    const rules = { ...errorRules, kind: "Latency" as const, limit: 500 };
    const few = latency(100, { 100: 95, 250: 99, 500: 100 });
    const block = { canary: few, stable: few, stablePods: [], pods: undefined };
    const begun = addToComparison(newComparison("Latency"), block, rules);
    expect(reload(begun)).toEqual(begun);
    const chosen = [1, 2].reduce((state) => addToComparison(state, block, rules), begun);
    expect(chosen.tests.length).toBeGreaterThan(0);
    expect(reload(chosen)).toEqual(chosen);
  });

  it("is begun anew where the text is not what this version writes", () => {
    const saved = saveComparison(newComparison("Ratio"));
    const [test] = saved.tests;
    if (test === undefined) throw new Error("no test");
    const without = (part: Partial<typeof test>) =>
      loadComparison({ ...saved, tests: [{ ...test, ...part }] });
    expect(without({})).toBeDefined();
    expect(without({ rollback: "1 0 1" })).toBeUndefined();
    expect(without({ promotion: "x 0 0 0 0 0 0 0 0" })).toBeUndefined();
    expect(without({ noise: "" })).toBeUndefined();
    // As it was written before noise was also told across time: its fifth number is no spread.
    expect(without({ noise: "20 20 0 900 7" })).toBeUndefined();
    expect(without({ noise: "20 20 20 20 0 2 900 7" })).toBeUndefined();
    expect(without({ noise: "20 20 20 20 0 1 900 7" })).toBeDefined();
    expect(without({ pods: "k3j 12" })).toBeUndefined();
  });

  it("is small: three bounds in less than three kilobytes", () => {
    const random = createSeededRandom(9);
    let state = newComparison("Ratio");
    for (let index = 0; index < 100; index += 1)
      state = addToComparison(
        state,
        errorBlock(random, { canary: 0.004, stable: 0.003 }),
        errorRules,
      );
    const three = { ...state, tests: [state.tests, state.tests, state.tests].flat() };
    expect(JSON.stringify(saveComparison(three)).length).toBeLessThan(3000);
  });

  it.each([
    ["is kept", 20, true],
    ["is left out where it does not fit the schema", 200, false],
  ])("a history of durations %s: %d bounds", (_, count, isKept) => {
    const bounds = Array.from({ length: count }, (__, index) => [(index + 1) * 5, 150] as const);
    const history = latency(199, Object.fromEntries(bounds));
    const saved = saveComparison({ tests: [], history });
    expect(saved.history !== undefined).toBe(isKept);
    expect(ComparisonState.safeParse({ of: "next-1", ...saved }).success).toBe(true);
  });
});
