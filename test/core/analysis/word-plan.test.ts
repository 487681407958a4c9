import { describe, expect, it } from "vitest";
import { wordWarning } from "../../../src/core/analysis/word-plan.ts";

describe("a warning of a plan", () => {
  it("says what to write instead", () => {
    expect(wordWarning({ kind: "NothingCompared" })).toMatch(/add a stage below 100$/);
    expect(wordWarning({ kind: "RollbackSlow", seconds: 130, boundSeconds: 70 })).toBe(
      "a fault beyond a limit may last 2 min at this rate instead of 70 s: lower limit.minSamples, or give the first stage more weight",
    );
  });
});
