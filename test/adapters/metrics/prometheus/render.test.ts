import { parser } from "@prometheus-io/lezer-promql";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  escapeRegex,
  quoteValue,
  type Rendering,
  renderSelector,
} from "../../../../src/adapters/metrics/prometheus/render.ts";
import { cutSelector } from "../../../../src/adapters/metrics/prometheus/selector.ts";
import { parseField } from "../../../../src/adapters/metrics/prometheus/syntax.ts";
import { sampleOf } from "../../../../src/adapters/metrics/prometheus/variables.ts";

const render = (text: string, rendering: Partial<Rendering> = {}) =>
  renderSelector(cutSelector(parseField("total", text, sampleOf(text), "Query")), {
    values: new Map([
      ["workload", "web"],
      ["namespace", "shop"],
    ]),
    ...rendering,
  });

const widened = new Map([
  ["workload", ["web", "web.v2"]],
  ["namespace", ["shop"]],
]);

describe("writing a selector", () => {
  it.each([
    [
      "fills in variables",
      'x{w="{{ workload }}",n=~"{{namespace}}-.*"}',
      {},
      'x{w="web",n=~"shop-.*"}',
    ],
    ["leaves everything else alone", "a{ b = 'c' } # d", {}, "a{ b = 'c' } # d"],
    [
      "widens whole values to patterns",
      'x{w="{{ workload }}",n="{{ namespace }}"}',
      { widened },
      String.raw`x{w=~"web|web\\.v2",n=~"shop"}`,
    ],
    ["adds a matcher", 'x{w="a"} or y', { matcher: 'le="1"' }, 'x{le="1",w="a"} or y{le="1"}'],
    ["adds a matcher to nothing", "x{}", { matcher: 'le="1"' }, 'x{le="1",}'],
    [
      "wraps each selector",
      'x{w="{{ workload }}"} or y',
      { before: "rate(", after: "[1m])" },
      'rate(x{w="web"}[1m]) or rate(y[1m])',
    ],
    [
      "adds and wraps at once",
      "x",
      { matcher: 'le="1"', before: "rate(", after: "[1m])" },
      'rate(x{le="1"}[1m])',
    ],
  ])("%s", (_name, text, rendering, query) => {
    expect(render(text, rendering)).toBe(query);
  });

  it("writes no value that is more than a name outside quotes", () => {
    const values = new Map([["workload", "a{} or vector(1) #"]]);
    expect(render("{{ workload }}_total", { values })).toBe("_total");
  });
});

/** The value of a PromQL string with the escapes that are written here. */
function unquote(text: string): string {
  return text
    .slice(1, -1)
    .replaceAll(/\\(.)/g, (_all, char: string) => (char === "n" ? "\n" : char));
}

/** Names of the tree's nodes, and whether it has an error. */
function shapeOf(query: string): string {
  let shape = "";
  parser.parse(query).iterate({
    enter: (node) => {
      shape += `(${node.name}${node.type.isError ? "!" : ""}`;
    },
    leave: () => {
      shape += ")";
    },
  });
  return shape;
}

describe("a value", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('"', "'", "\\", "\n", "`", "{", "}", "|", ".", "a") }),
  );

  it.each(['x{w="{{ workload }}",b="c"}', "x{w='a{{ workload }}b',b=\"c\"}"])(
    "never becomes syntax in %s",
    (template) => {
      fc.assert(
        fc.property(text, (value) => {
          const query = render(template, { values: new Map([["workload", value]]) });
          expect(shapeOf(query)).toBe(shapeOf('x{w="a",b="c"}'));
        }),
      );
    },
  );

  it("is read back as it was", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(unquote(quoteValue(value))).toBe(value);
      }),
    );
  });

  it("matches itself alone as a pattern", () => {
    fc.assert(
      fc.property(text, text, (value, other) => {
        const pattern = new RegExp(`^(?:${escapeRegex(value)})$`);
        expect(pattern.test(value)).toBe(true);
        expect(pattern.test(other)).toBe(other === value);
      }),
    );
  });
});
