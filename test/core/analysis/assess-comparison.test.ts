import { describe, expect, it } from "vitest";
import { assessComparison, judgeExclusion } from "../../../src/core/analysis/assess-comparison.ts";
import type { AssessInput } from "../../../src/core/analysis/assess-input.ts";
import type { CompareTerms } from "../../../src/core/analysis/compared.ts";
import {
  addToComparison,
  type Comparison,
  newComparison,
} from "../../../src/core/analysis/sequential/comparison.ts";
import { blocksUntil, metricFacts, ratio } from "../../support/analysis.ts";
import { errorBlock, errorRules } from "../../support/comparing.ts";
import { createSeededRandom } from "../../support/seeded-random.ts";

const now = 600_000;
const terms: CompareTerms = { margins: errorRules.margins, beta: 0.05, excess: 0.005 };

function inputOf(comparison: Comparison | undefined, compare?: CompareTerms): AssessInput {
  const minute = Array.from({ length: 4 }, () => [ratio(75), ratio(676)] as const);
  return {
    facts: metricFacts({ blocks: blocksUntil(now, minute), comparison }),
    limit: { max: 5, consecutive: 2, minSamples: 20 },
    intervalSeconds: 15,
    evidenceFrom: 0,
    routedSince: 0,
    failsAfterSilenceMs: undefined,
    canaryMayBeSilent: false,
    compare,
    now,
  };
}

function after(blocks: number, canary: number): Comparison {
  const random = createSeededRandom(3);
  let state = newComparison("Ratio");
  for (let index = 0; index < blocks; index += 1)
    state = addToComparison(state, errorBlock(random, { canary, stable: 0.001 }), errorRules);
  return state;
}

describe("what is still to be excluded", () => {
  it("is told with the requests and the time that it takes, and with what is excluded now", () => {
    const finding = judgeExclusion(inputOf(after(4, 0.001), terms));
    expect(finding?.isHeld).toBe(true);
    expect(finding?.message).toMatch(
      /^held: \d+ more canary requests exclude an excess above 0.5 points \(now [\d.]+\), about \d+ (s|min)$/,
    );
  });

  it("is told by what a good version needs before anything was counted", () => {
    expect(judgeExclusion(inputOf(undefined, terms))?.message).toMatch(
      /^held: 8\d\d more canary requests exclude an excess above 0.5 points \(none yet\), about 3 min$/,
    );
  });

  it("is told honestly where it will not come", () => {
    expect(judgeExclusion(inputOf(after(12, 0.03), terms))?.message).toMatch(
      /^held: an excess above 0.5 points is not excluded \((now [\d.]+|none yet)\), and with these numbers will not be$/,
    );
  });

  it("is nothing once it is excluded, where nothing need be, and where nothing is compared", () => {
    expect(judgeExclusion(inputOf(after(40, 0.001), terms))).toBeUndefined();
    expect(
      judgeExclusion(inputOf(after(4, 0.001), { ...terms, excess: undefined })),
    ).toBeUndefined();
    expect(judgeExclusion(inputOf(after(4, 0.001)))).toBeUndefined();
  });

  it("waits for stable where what is slow is not known yet", () => {
    const { facts, ...rest } = inputOf(undefined, terms);
    const finding = judgeExclusion({ ...rest, facts: { ...facts, kind: "Latency" } });
    expect(finding?.message).toBe(
      "held: 200 more stable requests must show what is slow for this service",
    );
  });
});

describe("what the comparison says", () => {
  it("is its evidence and what it excludes", () => {
    expect(assessComparison(inputOf(after(40, 0.001), terms))).toMatchObject({ kind: "Ratio" });
    expect(assessComparison(inputOf(after(40, 0.001), terms))?.excluded).toBeLessThan(0.005);
    expect(assessComparison(inputOf(undefined, terms))).toEqual({
      kind: "Ratio",
      log: 0,
      excluded: undefined,
      comparison: undefined,
      until: 600_000,
    });
    expect(assessComparison(inputOf(after(4, 0.001)))).toBeUndefined();
  });
});
