import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  codeToFit,
  escapeToFit,
  sayDuration,
  sayNumber,
} from "../../../../src/adapters/notify/slack/text.ts";

describe("escapeToFit", () => {
  it("lets nothing become a link or a mention", () => {
    expect(escapeToFit("<!channel> & <https://a|b>", 99)).toBe(
      "&lt;!channel&gt; &amp; &lt;https://a|b&gt;",
    );
  });

  it.each([
    ["abcde", 5, "abcde"],
    ["abcdef", 5, "abcd…"],
    ["ab&", 6, "ab…"],
    ["ab&", 7, "ab&amp;"],
    ["ab&cd", 8, "ab&amp;…"],
    ["ab&cd", 7, "ab…"],
    ["a😀b", 3, "a…"],
  ])("cuts %j to %i characters between whole escapes", (text, limit, expected) => {
    expect(escapeToFit(text, limit)).toBe(expected);
  });

  it("never exceeds its limit and never leaves a bare bracket", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 40 }), (text, limit) => {
        const fitted = escapeToFit(text, limit);
        expect(fitted.length).toBeLessThanOrEqual(limit);
        expect(fitted).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
      }),
    );
  });
});

describe("codeToFit", () => {
  it("cannot be left by a backtick", () => {
    expect(codeToFit("sum(`x`)", 99)).toBe("`sum('x')`");
  });
  it("counts its own backticks", () => {
    expect(codeToFit("abcdef", 6)).toBe("`abc…`");
  });
});

describe("sayDuration", () => {
  it.each([
    ["0", "0 s"],
    ["5.24", "5.2 s"],
    ["59.9", "59.9 s"],
    ["60", "1 min 0 s"],
    ["200", "3 min 20 s"],
    ["3599", "59 min 59 s"],
    ["3600", "1 h 0 min"],
    ["", ""],
    ["soon", "soon"],
    ["-1", "-1"],
  ])("says %j as %j", (seconds, said) => {
    expect(sayDuration(seconds)).toBe(said);
  });
});

describe("sayNumber", () => {
  it.each([
    ["25.806", "25.8"],
    ["0.04167", "0.0417"],
    ["512.4", "512"],
    ["1234.4", "1234"],
    ["0", "0"],
    ["", ""],
    ["much", "much"],
  ])("says %j as %j", (text, said) => {
    expect(sayNumber(text)).toBe(said);
  });
});
