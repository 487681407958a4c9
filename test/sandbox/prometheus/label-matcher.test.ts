import { describe, expect, it } from "vitest";
import { createMatcher } from "../../../src/sandbox/prometheus/label-matcher.ts";

describe("createMatcher", () => {
  it.each([
    ["=", "a", ["a"], ["", "ab", "b"]],
    ["=", "", [""], ["a"]],
    ["!=", "a", ["", "b"], ["a"]],
    ["=~", "a|b", ["a", "b"], ["", "ab", "c"]],
    ["=~", "5..", ["500", "5xx"], ["50", "5000", "1500"]],
    ["=~", "a.*", ["a", "ab", "a\nb"], ["ba"]],
    ["=~", "", [""], ["a"]],
    ["=~", "a|", ["a", ""], ["b"]],
    ["=~", "500|\\+Inf", ["500", "+Inf"], ["Inf", "500|+Inf"]],
    ["=~", "a\\|b", ["a|b"], ["a", "b"]],
    ["=~", "a\\.b|c", ["a.b", "c"], ["axb"]],
    ["=~", "(?i)ab", ["ab", "AB"], ["b"]],
    ["!~", "5..", ["200", ""], ["500"]],
  ] as const)("matches %s %j as Prometheus does", (operator, value, accepted, refused) => {
    const matcher = createMatcher("label", operator, value);
    expect(accepted.filter((text) => !matcher.matches(text))).toStrictEqual([]);
    expect(refused.filter((text) => matcher.matches(text))).toStrictEqual([]);
  });

  it("knows the candidates of equality and of a plain alternation, and of nothing else", () => {
    expect(createMatcher("l", "=", "a").candidates).toStrictEqual(new Set(["a"]));
    expect(createMatcher("l", "=~", "a|b\\.c").candidates).toStrictEqual(new Set(["a", "b.c"]));
    expect(createMatcher("l", "=~", "a.").candidates).toBeUndefined();
    expect(createMatcher("l", "!=", "a").candidates).toBeUndefined();
  });

  it.each(["(?=a)", "(?!a)", "(?<n>a)", "(a)\\1", "\\pL", "[[:alpha:]]", "("])(
    "refuses %s, which RE2 does not have or reads otherwise",
    (value) => {
      expect(() => createMatcher("l", "=~", value)).toThrow(/regular expression|regexp/);
    },
  );
});
