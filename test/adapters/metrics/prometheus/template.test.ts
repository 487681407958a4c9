import { describe, expect, it } from "vitest";
import { prepareTemplate } from "../../../../src/adapters/metrics/prometheus/template.ts";
import { AnalysisTemplateSpec } from "../../../../src/api/analysis-template.ts";

const own = 'x{w="{{ workload }}",ns="{{ namespace }}"}';

function spec(ratio: { total?: string; bad?: string }, more: object = {}): AnalysisTemplateSpec {
  return AnalysisTemplateSpec.parse({
    provider: { prometheus: {} },
    workloadLabel: "w",
    ratio: { total: own, bad: own, ...ratio },
    ...more,
  });
}

const histogram = (text: string): AnalysisTemplateSpec =>
  AnalysisTemplateSpec.parse({ provider: { prometheus: {} }, latency: { histogram: text } });

const findings = (template: AnalysisTemplateSpec, args: Record<string, string> = {}) =>
  prepareTemplate(template, args).problems.map(
    ({ severity, reason, message }) => `${severity} ${reason}: ${message}`,
  );

describe("a template", () => {
  it.each([
    ["selectors", own],
    ["several selectors joined by or", `${own} or (${own})`],
    ["relabelled counters", `label_replace(${own}, "w", "$1", "pod", "(.*)-.*")`],
    ["comments", `${own} # the callers' view, {{ or so`],
    ["a quoted metric name", '{"http.requests", w="{{ workload }}"}'],
    ["raw strings", "x{w=`{{ workload }}`}"],
  ])("may hold %s", (_name, total) => {
    expect(findings(spec({ total: total.replace(", {{ or so", "") }))).toEqual([]);
  });

  it.each([
    [
      "a syntax error, with its place in the template's own text",
      'x{w="{{ workload }}",\n  code=~5.."}',
      'Error SyntaxError: ratio.total, line 2, column 9: unexpected "5.."}"',
    ],
    [
      "an end that comes too early",
      'x{w="{{ workload }}"',
      "Error SyntaxError: ratio.total, line 1, column 21: the query ends too early",
    ],
    [
      "a variable that is not closed",
      'x{w="{{ workload"}',
      "Error SyntaxError: ratio.total: {{ without its }}",
    ],
    [
      "an unknown variable",
      'x{w="{{ workload }}",a="{{foo}}"}',
      "Error VariableUnknown: ratio.total: unknown variable {{ foo }}; known are workload, namespace, service, reporter, interval",
    ],
    [
      "no way to tell the versions apart",
      "x{}",
      'Error WorkloadMissing: ratio.total: use {{ workload }}, for example destination_workload="{{ workload }}", to tell the versions apart',
    ],
    [
      "a function that takes increments itself",
      'x{w="{{ workload }}"} or rate(y[1m])',
      "Error NotASelector: ratio.total, line 1, column 26: select counters only, name{…}, several joined by `or`; Serin takes increments and sums itself",
    ],
    [
      "an aggregation",
      'sum(x{w="{{ workload }}"})',
      "Error NotASelector: ratio.total, line 1, column 1: select counters only, name{…}, several joined by `or`; Serin takes increments and sums itself",
    ],
  ])("is refused for %s", (_name, total, finding) => {
    expect(findings(spec({ total }))).toEqual([finding]);
  });

  it.each([
    'x{w="{{ workload }}"} and y',
    'x{w="{{ workload }}"} offset 5m',
    "1",
    '"{{ workload }}"',
  ])("is refused for %s, which is no counter", (total) => {
    expect(findings(spec({ total })).join()).toContain("Error ");
  });

  it("is let through with a warning for functions that only the server may know", () => {
    const template = spec({ total: `mq_relabel(${own})` });
    expect(findings(template)).toEqual([
      "Warning FunctionUnknown: ratio.total, line 1, column 1: mq_relabel is no function that is known here; the server decides",
    ]);
    expect(prepareTemplate(template, {}).template).toBeDefined();
  });

  it.each([
    ["no measure", { ratio: undefined }, "MeasureMissing"],
    ["no provider", { provider: {} }, "ProviderMissing"],
  ])("is refused with %s", (_name, change, reason) => {
    const { problems, template } = prepareTemplate({ ...spec({}), ...change }, {});
    expect(problems.map((each) => each.reason)).toEqual([reason]);
    expect(template).toBeUndefined();
  });

  it.each([
    [
      "a bound of its own",
      'x_bucket{w="{{ workload }}",le="5"}',
      "Error BoundChosen: latency.histogram: leave the label le to Serin",
    ],
    [
      "series that are no buckets",
      'x_count{w="{{ workload }}"}',
      "Error NotAHistogram: latency.histogram: x_count does not end in _bucket; select the buckets of a classic histogram",
    ],
  ])("with a histogram is refused for %s", (_name, text, finding) => {
    expect(findings(histogram(text))).toEqual([finding]);
  });
});

describe("arguments", () => {
  const args = [
    { name: "code", default: "5..", required: false },
    { name: "path", required: true },
    { name: "metric", required: false },
  ];
  const total = 'x{w="{{ workload }}",code=~"{{ args.code }}"}';
  const using = (text: string) => spec({ total: text }, { args });

  it("take the Canary's value before the default", () => {
    const valueOf = (given: Record<string, string>) =>
      prepareTemplate(using(total), { path: "/", ...given }).template?.args.get("code");
    expect(valueOf({})).toBe("5..");
    expect(valueOf({ code: "503" })).toBe("503");
  });

  it.each([
    ["a required one that is missing", total, {}, "ArgumentMissing: give a value for args.path"],
    [
      "one that the template has not",
      total,
      { path: "/", paht: "/" },
      "ArgumentUnknown: unknown argument paht; known are code, path, metric",
    ],
    [
      "one that is used and has no value",
      'x{w="{{ workload }}",m="{{ args.metric }}"}',
      { path: "/" },
      "ArgumentMissing: ratio.total: {{ args.metric }} has no value; give the argument, or a default in the template",
    ],
    [
      "one outside quotes that is no name",
      '{{ args.metric }}{w="{{ workload }}"}',
      { path: "/", metric: "a{} or b" },
      "ArgumentUnfit: ratio.total: {{ args.metric }} cannot stand outside quotes with that value; put it in double quotes",
    ],
    [
      "one that would end a raw string",
      'x{w="{{ workload }}",m=~`{{ args.metric }}.*`}',
      { path: "/", metric: "a`" },
      "ArgumentUnfit: ratio.total: {{ args.metric }} cannot stand in a raw string with that value; put it in double quotes",
    ],
    [
      "a name that objects have by nature",
      total,
      { path: "/", toString: "x" },
      "ArgumentUnknown: unknown argument toString; known are code, path, metric",
    ],
  ])("are refused for %s", (_name, text, given, finding) => {
    expect(findings(using(text), given)).toEqual([`Error ${finding}`]);
  });

  it("may name a metric", () => {
    const template = using('{{ args.metric }}_total{w="{{ workload }}"}');
    expect(findings(template, { path: "/", metric: "http" })).toEqual([]);
  });
});

describe("a value query", () => {
  const value = (query: string, args: object[] = []) =>
    AnalysisTemplateSpec.parse({
      provider: { prometheus: {} },
      workloadLabel: "w",
      args,
      value: { query },
    });
  const rate = (range: string) => `rate(${own}[${range}])`;

  it.each([
    ["arithmetic", `100 * sum(${rate("1m")}) / sum(${rate("1m")})`],
    ["a range of one interval", `sum(${rate("{{ interval }}")})`],
    ["a subquery", `max_over_time(sum(${rate("1m")})[5m:{{ interval }}])`],
    ["an offset", `sum(${own} offset {{ interval }})`],
  ])("may hold %s", (_name, query) => {
    expect(findings(value(query))).toEqual([]);
  });

  it.each<[string, string, string]>([
    [
      "a syntax error",
      `sum(${own}) /`,
      "SyntaxError: value.query, line 1, column 50: the query ends too early",
    ],
    [
      "no way to tell the versions apart",
      "sum(up)",
      'WorkloadMissing: value.query: use {{ workload }}, for example destination_workload="{{ workload }}", to tell the versions apart',
    ],
    [
      "a range that is no duration",
      `sum(${rate("{{ workload }}")})`,
      "ArgumentUnfit: value.query: {{ workload }} cannot stand for a duration; give one like 5m",
    ],
  ])("is refused for %s", (_name, query, finding) => {
    expect(findings(value(query))).toEqual([`Error ${finding}`]);
  });

  it.each([
    ["5m", []],
    ["1h30m", []],
    [
      "5",
      [
        "Error ArgumentUnfit: value.query: {{ args.range }} cannot stand for a duration; give one like 5m",
      ],
    ],
    [
      "5m]) or up[5m",
      [
        "Error ArgumentUnfit: value.query: {{ args.range }} cannot stand for a duration; give one like 5m",
      ],
    ],
  ])("takes an argument as range: %s", (range, problems) => {
    const template = value(`sum(${rate("{{ args.range }}")})`, [{ name: "range", required: true }]);
    expect(findings(template, { range })).toEqual(problems);
  });

  it("takes a bracket inside quotes for a part of a pattern", () => {
    const query = 'sum(x{w="{{ workload }}",v=~"[{{ args.range }}]"})';
    expect(findings(value(query, [{ name: "range", default: "0-9" }]))).toEqual([]);
  });

  const by = "by (w, ns)";
  it.each([
    ["a plain selector", own, true],
    ["a sum by both labels", `sum ${by} (${rate("1m")})`, true],
    ["a ratio of such sums", `100 * sum ${by} (${rate("1m")}) / sum ${by} (${rate("5m")})`, true],
    ["a quantile of buckets", `histogram_quantile(0.5, sum by (w, ns, le) (${rate("1m")}))`, true],
    ["a function over a subquery", `max_over_time((sum ${by} (${rate("1m")}))[5m:1m])`, true],
    ["a sum over everything", `sum(${rate("1m")})`, false],
    ["a sum by one label", `sum by (w) (${rate("1m")})`, false],
    ["a sum without some labels", `sum without (pod) (${rate("1m")})`, false],
    ["a default for everybody", `sum ${by} (${own}) or vector(0)`, false],
    ["a match by one label", `sum ${by} (${own}) / on (w) sum ${by} (${own})`, false],
    ["a function that makes a number of it", `scalar(sum ${by} (${own}))`, false],
    ["absence", `absent_over_time(${own}[5m])`, false],
    ["a selector without the namespace", 'x{w="{{ workload }}"}', false],
  ])(
    "reads many releases at once where labels say whose each number is: %s",
    (_name, query, is) => {
      expect(prepareTemplate(value(query), {}).template?.isWidenable).toBe(is);
    },
  );
});

describe("reading many releases by one query", () => {
  it.each([
    ["is possible with workload and namespace as whole values", own, true],
    ["is possible in each part of a union", `${own} or ${own}`, true],
    ["is not without the namespace", 'x{w="{{ workload }}"}', false],
    ["is not with a pattern", 'x{w=~"{{ workload }}",ns="{{ namespace }}"}', false],
    ["is not with a part of a value", 'x{w="{{ workload }}-v1",ns="{{ namespace }}"}', false],
    [
      "is not by another label than the workload's",
      'x{job="{{ workload }}",ns="{{ namespace }}"}',
      false,
    ],
    ["is not when a part of a union selects more", `${own} or y{w="{{ workload }}"}`, false],
    [
      "is not when parts have other labels",
      `${own} or y{w="{{ workload }}",n="{{ namespace }}"}`,
      false,
    ],
  ])("%s", (_name, total, isWidenable) => {
    expect(prepareTemplate(spec({ total }), {}).template?.isWidenable).toBe(isWidenable);
  });
});
