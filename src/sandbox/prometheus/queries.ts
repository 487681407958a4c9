/** The endpoints that evaluate: a query at one instant, a query over a range, selectors for series and labels. */
import type { Metric, Point, QueryData } from "./answer-format.ts";
import { formatInstant, formatMetric, point } from "./answer-format.ts";
import { labelSignature, METRIC_NAME } from "./label-set.ts";
import { LOOKBACK_MS, MAX_RANGE_POINTS } from "./limits.ts";
import type { Expression, Selector } from "./promql/ast.ts";
import { typeOf } from "./promql/ast.ts";
import { QueryError } from "./promql/errors.ts";
import { evaluate } from "./promql/evaluate.ts";
import { parseQuery } from "./promql/parse.ts";
import { printExpression } from "./promql/print.ts";
import type { VectorSample } from "./promql/value.ts";
import { durationParam, invalidParam, timeParam } from "./request-params.ts";
import type { Series, SeriesStore } from "./series-store.ts";

export interface QueryContext {
  readonly store: SeriesStore;
  readonly nowMs: number;
}

export function instantQuery(params: URLSearchParams, { store, nowMs }: QueryContext): QueryData {
  const atMs = timeParam(params, "time", nowMs);
  const expression = parseParam(params);
  return formatInstant(evaluate(expression, { store, atMs, lookbackMs: LOOKBACK_MS }), atMs);
}

export function rangeQuery(params: URLSearchParams, { store }: QueryContext): QueryData {
  const startMs = timeParam(params, "start", Number.NaN);
  const endMs = timeParam(params, "end", Number.NaN);
  if (Number.isNaN(startMs)) throw invalidParam("start", 'cannot parse "" to a valid timestamp');
  if (Number.isNaN(endMs)) throw invalidParam("end", 'cannot parse "" to a valid timestamp');
  if (endMs < startMs) throw invalidParam("end", "end timestamp must not be before start time");
  const stepMs = durationParam(params, "step");
  if ((endMs - startMs) / stepMs > MAX_RANGE_POINTS) {
    throw new QueryError(
      "bad_data",
      `exceeded maximum resolution of ${MAX_RANGE_POINTS} points per timeseries. ` +
        "Try decreasing the query resolution (?step=XX)",
    );
  }
  const expression = parseParam(params);
  requireGraphable(expression);
  const series = new Map<string, { metric: Metric; values: Point[] }>();
  for (let atMs = startMs; atMs <= endMs; atMs += stepMs) {
    const value = evaluate(expression, { store, atMs, lookbackMs: LOOKBACK_MS });
    if (value.kind === "Scalar") addPoint(series, UNNAMED, point(atMs, value.value));
    if (value.kind !== "Vector") continue;
    for (const sample of value.samples) addPoint(series, sample, point(atMs, sample.value));
  }
  return { resultType: "matrix", result: [...series.values()] };
}

const UNNAMED = { name: "", labels: {} };

function addPoint(
  series: Map<string, { metric: Metric; values: Point[] }>,
  sample: Pick<VectorSample, "name" | "labels">,
  at: Point,
): void {
  const key = `${sample.name}\u00fe${labelSignature(sample.labels)}`;
  const known = series.get(key);
  if (known === undefined) series.set(key, { metric: formatMetric(sample), values: [at] });
  else known.values.push(at);
}

function requireGraphable(expression: Expression): void {
  const type = typeOf(expression);
  if (type === "scalar" || type === "instant vector") return;
  const message = `invalid expression type "${type}" for range query, must be Scalar or instant Vector`;
  throw new QueryError("bad_data", message);
}

export function formatQuery(params: URLSearchParams): string {
  return printExpression(parseParam(params));
}

function parseParam(params: URLSearchParams): Expression {
  return parseNamed(params.get("query") ?? "", "query");
}

function parseNamed(text: string, param: string): Expression {
  try {
    return parseQuery(text);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw invalidParam(param, error.message);
  }
}

/** /series: at least one selector is required. */
export function findSeries(params: URLSearchParams, context: QueryContext): readonly Metric[] {
  if (params.getAll("match[]").length === 0) {
    throw new QueryError("bad_data", "no match[] parameter provided");
  }
  return matchingSeries(params, context).map(formatMetric);
}

/** /labels: of the selected series, or of all. */
export function findLabelNames(params: URLSearchParams, context: QueryContext): readonly string[] {
  const names = new Set<string>();
  for (const series of matchingSeries(params, context)) {
    for (const name of Object.keys(formatMetric(series))) names.add(name);
  }
  return [...names].sort();
}

/** /label/<name>/values: of the selected series, or of all. */
export function findLabelValues(
  label: string,
  params: URLSearchParams,
  context: QueryContext,
): readonly string[] {
  const values = new Set<string>();
  for (const series of matchingSeries(params, context)) {
    const value = label === METRIC_NAME ? series.name : series.labels[label];
    if (value !== undefined) values.add(value);
  }
  return [...values].sort();
}

function matchingSeries(params: URLSearchParams, context: QueryContext): readonly Series[] {
  const { store, nowMs } = context;
  const startMs = timeParam(params, "start", Number.NEGATIVE_INFINITY);
  const endMs = timeParam(params, "end", nowMs);
  const selectors = params.getAll("match[]").map(parseSelectorParam);
  const found =
    selectors.length === 0
      ? store.select([])
      : selectors.flatMap((selector) => store.select(selector.matchers));
  return [...new Set(found)].filter(({ samples }) => samples.hasSampleIn(startMs, endMs));
}

function parseSelectorParam(text: string): Selector {
  const expression = parseNamed(text, "match[]");
  if (expression.kind === "Selector") return expression;
  throw invalidParam("match[]", "invalid series selector");
}
