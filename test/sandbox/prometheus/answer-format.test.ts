import { describe, expect, it } from "vitest";
import { formatScalar, formatValue } from "../../../src/sandbox/prometheus/answer-format.ts";

describe("formatValue", () => {
  it.each([
    [1, "1"],
    [-0.5, "-0.5"],
    [-0, "-0"],
    [0.1 + 0.2, "0.30000000000000004"],
    [1e-6, "0.000001"],
    [1e-7, "1e-07"],
    [-1.25e-19, "-1.25e-19"],
    [123456789012345680000, "123456789012345680000"],
    [1e21, "1e+21"],
    [1.5e-300, "1.5e-300"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "+Inf"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
  ])("writes %d as %s", (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});

describe("formatScalar", () => {
  it.each([
    [1e-7, "0.0000001"],
    [-1.25e-9, "-0.00000000125"],
    [1e21, "1000000000000000000000"],
    [-1.234567890123456e22, "-12345678901234560000000"],
    [0.5, "0.5"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
  ])("writes %d as %s", (value, text) => {
    expect(formatScalar(value)).toBe(text);
  });
});
