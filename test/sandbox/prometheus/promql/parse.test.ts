import { describe, expect, it } from "vitest";
import {
  MAX_EXPRESSION_DEPTH,
  MAX_QUERY_CHARS,
} from "../../../../src/sandbox/prometheus/limits.ts";
import { parseQuery } from "../../../../src/sandbox/prometheus/promql/parse.ts";

describe("parseQuery", () => {
  it.each([
    ["foo(x)", '1:1: parse error: unknown function with name "foo"'],
    ["1 + foo_bar (x)", '1:5: parse error: unknown function with name "foo_bar"'],
    [
      'label_replace(x, "a", "b", "c", "d")',
      '1:1: parse error: unsupported: function "label_replace"',
    ],
    ["topk(3, x)", '1:1: parse error: unsupported: aggregation operator "topk"'],
    ["a atan2 b", '1:3: parse error: unsupported: operator "atan2"'],
    ["x[5m:1m]", "1:3: parse error: unsupported: subquery"],
    ["1 + x @ 3", "1:7: parse error: unsupported: modifier @"],
    ["rate(x[5m] smoothed)", "1:12: parse error: unsupported: modifier smoothed"],
    ["a + fill(0) b", "1:5: parse error: unsupported: modifier fill"],
    ["rate(x[step()])", '1:8: parse error: unsupported duration "step()"'],
    ['x{a=~"(?P<n>b)"}', '1:6: parse error: unsupported syntax in regular expression "(?P<n>b)"'],
    ['x{a=~"b["}', '1:6: parse error: error parsing regexp "b["'],
    [
      "sum(\n  rate(x))",
      '2:3: parse error: expected type range vector in call to function "rate", got instant vector',
    ],
    ["sum(x", "1:6: parse error: unexpected end of input"],
    ["x y", '1:3: parse error: unexpected "y"'],
    ["  ", "1:1: parse error: no expression found in input"],
  ])("refuses %s and says why", (query, message) => {
    expect(() => parseQuery(query)).toThrow(message);
  });

  it("accepts an expression as deep as the bound and refuses a deeper one", () => {
    const nested = (depth: number) => `${"(".repeat(depth)}x${")".repeat(depth)}`;
    expect(parseQuery(nested(MAX_EXPRESSION_DEPTH - 1)).kind).toBe("Parenthesis");
    expect(() => parseQuery(nested(MAX_EXPRESSION_DEPTH))).toThrow("nested too deeply");
  });

  it("accepts a query as long as the bound and refuses a longer one", () => {
    const padded = (length: number) => `x${" ".repeat(length - 1)}`;
    expect(parseQuery(padded(MAX_QUERY_CHARS)).kind).toBe("Selector");
    expect(() => parseQuery(padded(MAX_QUERY_CHARS + 1))).toThrow("longer than");
  });

  it("reads names in quotes, comments and durations without a unit", () => {
    expect(parseQuery('{"http.requests", "my label"="a"} # all of them')).toMatchObject({
      name: "http.requests",
      matchers: [{ label: "my label" }, { label: "__name__", value: "http.requests" }],
    });
    expect(parseQuery("x[90]")).toMatchObject({ kind: "Range", rangeMs: 90_000 });
  });
});
