/** The evaluator against a real Prometheus: the same samples, the same queries, its answers. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { answer } from "../../../../src/sandbox/prometheus/http-api.ts";
import { formatSeries } from "../../../../src/sandbox/prometheus/label-set.ts";
import { SeriesStore } from "../../../../src/sandbox/prometheus/series-store.ts";
import oracleAnswers from "./oracle-answers.json" with { type: "json" };
import { ORACLE_SERIES, ORACLE_START_MS } from "./oracle-series.ts";

const OracleAnswer = z.strictObject({
  query: z.string(),
  at: z.number().optional(),
  range: z.tuple([z.number(), z.number(), z.number()]).optional(),
  vector: z.array(z.string()).optional(),
  matrix: z.array(z.string()).optional(),
  scalar: z.string().optional(),
  string: z.string().optional(),
  text: z.string().optional(),
  error: z.string().optional(),
});
type OracleAnswer = z.infer<typeof OracleAnswer>;

const Point = z.tuple([z.number(), z.string()]);
const Metric = z.record(z.string(), z.string());
const Answer = z.union([
  z.object({ status: z.literal("error"), errorType: z.string() }),
  z.object({ status: z.literal("success"), data: z.string() }),
  z.object({
    status: z.literal("success"),
    data: z.discriminatedUnion("resultType", [
      z.object({ resultType: z.enum(["scalar", "string"]), result: Point }),
      z.object({
        resultType: z.literal("vector"),
        result: z.array(z.object({ metric: Metric, value: Point })),
      }),
      z.object({
        resultType: z.literal("matrix"),
        result: z.array(z.object({ metric: Metric, values: z.array(Point) })),
      }),
    ]),
  }),
]);

const store = new SeriesStore({ retentionMs: 3_600_000, maxSeries: 1_000 });
for (const { name, labels, points } of ORACLE_SERIES) {
  const series = store.series(name, labels);
  for (const [atMs, value] of points) if (series !== undefined) store.append(series, atMs, value);
}

const seconds = (offset: number) => String((ORACLE_START_MS + offset * 1000) / 1000);

function requestFor({ query, at, range }: OracleAnswer): Request {
  const body = new URLSearchParams({ query });
  if (at !== undefined) body.set("time", seconds(at));
  if (range !== undefined) {
    body.set("start", seconds(range[0]));
    body.set("end", seconds(range[1]));
    body.set("step", String(range[2]));
  }
  const evaluating = range === undefined ? "query" : "query_range";
  const path = at === undefined && range === undefined ? "format_query" : evaluating;
  return new Request(`http://prometheus/api/v1/${path}`, { method: "POST", body });
}

function seriesText({ __name__: name = "", ...labels }: Record<string, string>): string {
  const sorted = Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  return formatSeries({ name, labels: sorted });
}

async function ask(row: OracleAnswer): Promise<Partial<OracleAnswer>> {
  const response = await answer(requestFor(row), {
    store,
    nowMs: ORACLE_START_MS,
    targets: () => [],
  });
  const body = Answer.parse(await response.json());
  if (body.status === "error") return { error: body.errorType };
  if (typeof body.data === "string") return { text: body.data };
  switch (body.data.resultType) {
    case "scalar":
    case "string":
      return { [body.data.resultType]: body.data.result[1] };
    case "vector":
      return {
        vector: body.data.result
          .map(({ metric, value }) => `${seriesText(metric)} ${value[1]}`)
          .sort(),
      };
    case "matrix":
      return {
        matrix: body.data.result
          .map(({ metric, values }) => {
            const points = values.map(
              ([at, value]) => `${value}@${Number((at - ORACLE_START_MS / 1000).toFixed(3))}`,
            );
            return `${seriesText(metric)} ${points.join(" ")}`;
          })
          .sort(),
      };
  }
}

/** Both sides with numbers cut to 12 digits: sums may be added in another order. */
function rounded(row: Partial<OracleAnswer>): string {
  return JSON.stringify(row).replaceAll(/(?<=[ "])-?\d+\.\d+(?:e-?\d+)?(?=[@" ])/g, (text) =>
    String(Number(Number(text).toPrecision(12))),
  );
}

const oracle = z.array(OracleAnswer).parse(oracleAnswers);

describe("evaluate", () => {
  it.each(oracle)("answers $query as Prometheus does", async (row) => {
    const { query: _query, at: _at, range: _range, ...expected } = row;
    expect(rounded(await ask(row))).toBe(rounded(expected));
  });
});
