import { describe, expect, it } from "vitest";
import {
  wordMeasured,
  wordNumber,
  wordRequests,
  wordSpan,
} from "../../../src/core/analysis/wording.ts";
import { latency, ratio } from "../../support/analysis.ts";

const errors = { kind: "Ratio", quantile: 0.99, unit: "%" } as const;

describe("wording", () => {
  it.each([
    [0, "0"],
    [0.004, "< 0.01"],
    [0.01, "0.01"],
    [2.1349, "2.13"],
    [41.449, "41.4"],
    [99.96, "100"],
    [340.4, "340"],
    [1234.5, "1235"],
  ])("shows %d as %s", (value, text) => {
    expect(wordNumber(value)).toBe(text);
  });

  it.each([
    [0, "1 s"],
    [39_001, "40 s"],
    [119_000, "119 s"],
    [120_000, "2 min"],
    [7_200_000, "2 h"],
  ])("shows %d ms as %s", (ms, text) => {
    expect(wordSpan(ms)).toBe(text);
  });

  it("counts requests", () => {
    expect(wordRequests(1)).toBe("1 request");
    expect(wordRequests(310, "more canary ")).toBe("310 more canary requests");
  });

  it.each([
    ["a ratio", ratio(340, 7), errors, "2.06 % of 340 requests"],
    ["no requests", ratio(0), errors, "no value of 0 requests"],
    [
      "a quantile",
      latency(100, { 250: 98, 500: 100 }),
      { kind: "Latency", quantile: 0.99, unit: "ms" } as const,
      "P99 375 ms of 100 requests",
    ],
    [
      "a quantile beyond the histogram",
      latency(1000, { 250: 98, 500: 990 }),
      { kind: "Latency", quantile: 0.999, unit: "ms" } as const,
      "P99.9 > 500 ms of 1000 requests",
    ],
  ])("shows %s", (_name, counts, metric, text) => {
    expect(wordMeasured(counts, metric)).toBe(text);
  });
});
