import { describe, expect, it } from "vitest";
import { nearest } from "../../src/core/nearest.ts";

const known = ["SERIN_QPS", "SERIN_BURST", "SERIN_METRICS_SERVER"];

describe("the word that somebody may have meant", () => {
  it.each([
    ["SERIN_QSP", "SERIN_QPS"],
    ["serin_burst", "SERIN_BURST"],
    ["SERIN_METRIC_SERVER", "SERIN_METRICS_SERVER"],
  ])("is for %s %s", (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });

  it("is none where nothing is near", () => {
    expect(nearest("SERIN_TIMEOUT_SECONDS", known)).toBeUndefined();
    expect(nearest("SERIN_QPS", [])).toBeUndefined();
  });
});
