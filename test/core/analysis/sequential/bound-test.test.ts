import { describe, expect, it } from "vitest";
import {
  addToTest,
  newTest,
  type TestedBlock,
} from "../../../../src/core/analysis/sequential/bound-test.ts";
import type {
  BlockUse,
  ComparisonRules,
} from "../../../../src/core/analysis/sequential/comparison-rules.ts";
import { noDispersion } from "../../../../src/core/analysis/sequential/dispersion.ts";
import { logRollbackEvidence } from "../../../../src/core/analysis/sequential/rollback-evidence.ts";
import { errorRules } from "../../../support/comparing.ts";

const rulesFor = (use: BlockUse): ComparisonRules => ({ ...errorRules, use });
const block = (canaryBad: number, overrides: Partial<TestedBlock> = {}): TestedBlock => ({
  canary: { requests: 100, bad: canaryBad },
  stable: { requests: 900, bad: 1 },
  stablePods: [
    { pod: "a", requests: 450, bad: 1 },
    { pod: "b", requests: 450, bad: 0 },
  ],
  pods: undefined,
  ...overrides,
});
const against = (use: BlockUse, bad: number, overrides: Partial<TestedBlock> = {}) =>
  logRollbackEvidence(addToTest(newTest(undefined), block(bad, overrides), rulesFor(use)).rollback);

describe("one kind of bad request", () => {
  it("is evidence against the canary, and only in a proof for it", () => {
    const evidence = addToTest(newTest(undefined), block(0), rulesFor({ kind: "Evidence" }));
    expect(evidence.rollback.blocks).toBe(1);
    expect(evidence.promotion.requests).toBe(0);
    const proof = addToTest(newTest(undefined), block(0), rulesFor({ kind: "Proof" }));
    expect(proof.rollback.blocks).toBe(1);
    expect(proof.promotion.requests).toBe(100);
  });

  it("is neither in history, which tells of noise alone", () => {
    const test = addToTest(newTest(undefined), block(9), rulesFor({ kind: "History" }));
    expect(test.rollback.blocks).toBe(0);
    expect(test.dispersion).toEqual({ ...noDispersion, recent: [{ requests: 900, bad: 1 }] });
    expect([...test.totals.values()]).toEqual([
      { requests: 450, bad: 1 },
      { requests: 450, bad: 0 },
    ]);
    expect(test.dispersion.recent).toEqual([{ requests: 900, bad: 1 }]);
    const later = addToTest(test, block(9), rulesFor({ kind: "History" }));
    expect(later.rollback.blocks).toBe(0);
    expect(later.dispersion.acrossPods.weight).toBe(1);
  });

  it("is tolerated more while the canary warms up, unless it is a catastrophe", () => {
    expect(against({ kind: "Warmup" }, 5)).toBeLessThan(0);
    expect(against({ kind: "Evidence" }, 5)).toBeGreaterThan(0);
    expect(against({ kind: "Warmup" }, 40)).toBeGreaterThan(0);
  });

  it("says nothing without requests to both versions", () => {
    const none = { requests: 0, bad: 0 };
    expect(against({ kind: "Proof" }, 9, { stable: none })).toBe(0);
    expect(against({ kind: "Proof" }, 9, { canary: none })).toBe(0);
  });

  it("is held against the limit alone where there is nothing to compare with", () => {
    const alone = { kind: "Alone", mostShare: 0.05 } as const;
    const none = { stable: { requests: 0, bad: 0 } };
    expect(against(alone, 20, none)).toBeGreaterThan(0);
    expect(against(alone, 4, none)).toBeLessThan(0);
    const tail = addToTest(newTest(100), block(20, none), {
      ...rulesFor(alone),
      kind: "Latency",
      limit: 500,
    });
    expect(tail.rollback.blocks).toBe(0);
    const atLimit = addToTest(newTest(500), block(20, none), {
      ...rulesFor(alone),
      kind: "Latency",
      limit: 500,
    });
    expect(atLimit.rollback.blocks).toBe(1);
  });

  it("counts for less where stable's errors come in bursts", () => {
    const burst = block(0, {
      stable: { requests: 900, bad: 30 },
      stablePods: [
        { pod: "a", requests: 450, bad: 30 },
        { pod: "b", requests: 450, bad: 0 },
      ],
    });
    let noisy = newTest(undefined);
    for (let index = 0; index < 4; index += 1)
      noisy = addToTest(noisy, burst, rulesFor({ kind: "History" }));
    const proof = rulesFor({ kind: "Proof" });
    const calm = addToTest(newTest(undefined), block(9), proof);
    const weakened = addToTest(noisy, block(9), proof);
    expect(logRollbackEvidence(weakened.rollback)).toBeLessThan(logRollbackEvidence(calm.rollback));
  });

  it("tolerates more where stable's own pods differ for good", () => {
    const pods = { canary: 2, stable: 8 };
    const unlike = block(0, {
      stable: { requests: 8000, bad: 800 },
      stablePods: [150, 50, 150, 50, 150, 50, 150, 50].map((bad, index) => ({
        pod: `${index}`,
        requests: 1000,
        bad,
      })),
      pods,
    });
    let test = newTest(undefined);
    for (let index = 0; index < 20; index += 1)
      test = addToTest(test, unlike, rulesFor({ kind: "History" }));
    expect(test.spread).toBeGreaterThan(0.1);
    expect(test.dispersion.acrossPods.weight).toBeGreaterThan(0);
    const callers = addToTest(test, { ...unlike, pods: undefined }, rulesFor({ kind: "History" }));
    expect(callers.spread).toBe(0);
  });
});
