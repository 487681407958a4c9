/** Evaluates an expression at one instant over the series of a store. Knows neither HTTP nor scraping. */
import type { SeriesStore } from "../series-store.ts";
import { aggregate } from "./aggregate.ts";
import type { Expression, RangeCall, RangeSelector, Selector } from "./ast.ts";
import { evaluateBinary } from "./binary.ts";
import { callFunction } from "./functions.ts";
import { applyRangeFunction } from "./rate.ts";
import type { MatrixSeries, Value, Vector, VectorSample } from "./value.ts";
import { hasSeveralNames, mapValues, requireDistinct } from "./value.ts";

export interface Evaluation {
  readonly store: SeriesStore;
  /** The instant, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly lookbackMs: number;
}

export function evaluate(expression: Expression, at: Evaluation): Value {
  switch (expression.kind) {
    case "Number":
      return { kind: "Scalar", value: expression.value };
    case "Text":
      return { kind: "Text", value: expression.value };
    case "Parenthesis":
      return evaluate(expression.operand, at);
    case "Negation":
      return negate(evaluate(expression.operand, at));
    case "Selector":
      return { kind: "Vector", samples: selectInstant(expression, at) };
    case "Range":
      return { kind: "Matrix", series: selectRange(expression, at) };
    case "RangeCall":
      return { kind: "Vector", samples: callRangeFunction(expression, at) };
    case "Call": {
      const args = expression.args.map((arg) => evaluate(arg, at));
      return callFunction(expression, args, at.atMs);
    }
    case "Aggregate": {
      const operand = evaluate(expression.operand, at);
      const vector = operand.kind === "Vector" ? operand.samples : [];
      return { kind: "Vector", samples: aggregate(expression, vector, at.atMs) };
    }
    case "Arithmetic":
    case "Comparison":
    case "SetOperation":
      return evaluateBinary(
        expression,
        evaluate(expression.left, at),
        evaluate(expression.right, at),
      );
  }
}

function negate(value: Value): Value {
  switch (value.kind) {
    case "Scalar":
      return { kind: "Scalar", value: -value.value };
    case "Vector":
      return { kind: "Vector", samples: mapValues(value.samples, (number) => -number) };
    case "Matrix":
    case "Text":
      // Parsing refuses to negate these.
      return value;
  }
}

/** The newest sample of each series in the lookback window, unless the series has ended. */
function selectInstant(selector: Selector, { store, atMs, lookbackMs }: Evaluation): Vector {
  const endMs = atMs - selector.offsetMs;
  const samples: VectorSample[] = [];
  for (const { name, labels, samples: ring } of store.select(selector.matchers)) {
    const latest = ring.latest(endMs - lookbackMs, endMs);
    if (latest !== undefined) samples.push({ name, labels, ...latest });
  }
  return samples;
}

/** The window is open on the left, as in Prometheus 3. */
function selectRange({ selector, rangeMs }: RangeSelector, at: Evaluation): MatrixSeries[] {
  const endMs = at.atMs - selector.offsetMs;
  const matrix: MatrixSeries[] = [];
  for (const { name, labels, samples: ring } of at.store.select(selector.matchers)) {
    const samples = ring.range(endMs - rangeMs, endMs);
    if (samples.times.length > 0) matrix.push({ name, labels, samples });
  }
  return matrix;
}

function callRangeFunction({ name, range }: RangeCall, at: Evaluation): Vector {
  const endMs = at.atMs - range.selector.offsetMs;
  const window = { startMs: endMs - range.rangeMs, endMs };
  const matrix = selectRange(range, at);
  const results: VectorSample[] = [];
  for (const { labels, samples } of matrix) {
    const value = applyRangeFunction(name, samples, window);
    if (value !== undefined) results.push({ name: "", labels, value, atMs: at.atMs });
  }
  if (hasSeveralNames(matrix)) requireDistinct(results);
  return results;
}
