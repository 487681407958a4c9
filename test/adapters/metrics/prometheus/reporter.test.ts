import { expect, it } from "vitest";
import { prepareTemplate } from "../../../../src/adapters/metrics/prometheus/template.ts";
import { AnalysisTemplateSpec } from "../../../../src/api/analysis-template.ts";

const counter = (...matchers: string[]) =>
  `a{${['w="{{ workload }}"', 'ns="{{ namespace }}"', ...matchers].join(",")}}`;
const template = (total: string) =>
  AnalysisTemplateSpec.parse({
    provider: { prometheus: {} },
    workloadLabel: "w",
    args: [{ name: "side", default: "source" }],
    ratio: { total, bad: counter() },
  });
const findings = (total: string, args: Record<string, string> = {}) =>
  prepareTemplate(template(total), args).copyProblems.map(({ message }) => message);

it.each([
  ['reporter="source"', 'reporter="source"'],
  ['reporter=~"source|waypoint"', 'reporter=~"source|waypoint"'],
  ['reporter!="destination"', 'reporter!="destination"'],
  ['reporter!~"dest.*"', 'reporter!~"dest.*"'],
])("a selector with %s sees no copies, and is told what to write", (matcher, written) => {
  expect(findings(counter(matcher))).toEqual([
    `ratio.total: ${written} sees no copies in a mirror stage, of which only the pods know; write reporter=~"{{ reporter }}"`,
  ]);
});

it.each([
  ["nothing", counter()],
  ["the variable", counter('reporter=~"{{ reporter }}"')],
  ["the pods", counter('reporter="destination"')],
  ["a pattern that fits them", counter('reporter=~"dest.*|source"')],
  ["all but the callers", counter('reporter!="source"')],
  ["a pattern that only the server knows", counter('reporter=~"(?P<x>source)"')],
  ["pieces", counter('reporter=~"{{ args.side }}|destination"')],
  [
    "pods beside callers",
    `${counter('reporter="source"')} or ${counter('reporter="destination"')}`,
  ],
])("a selector that says %s may see copies", (_, total) => {
  expect(findings(total)).toEqual([]);
});

it("an argument's value counts", () => {
  const total = counter('reporter="{{ args.side }}"');
  expect(findings(total)).toHaveLength(1);
  expect(findings(total, { side: "destination" })).toEqual([]);
});

it("is no problem where callers are asked", () => {
  expect(prepareTemplate(template(counter('reporter="source"')), {}).problems).toEqual([]);
});
