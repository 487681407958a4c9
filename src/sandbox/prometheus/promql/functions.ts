/** The functions that take values and not range selectors. */

import type { Labels } from "../label-set.ts";
import { METRIC_NAME, NO_LABELS } from "../label-set.ts";
import type { Call, Expression, Selector } from "./ast.ts";
import { withoutParentheses } from "./ast.ts";
import { histogramQuantile } from "./buckets.ts";
import type { Value, Vector } from "./value.ts";
import { mapValues } from "./value.ts";

/** The arguments are checked while parsing, so a missing or mistyped one cannot come here. */
export function callFunction(call: Call, args: readonly Value[], atMs: number): Value {
  switch (call.name) {
    case "time":
      return { kind: "Scalar", value: atMs / 1000 };
    case "vector":
      return vectorOf([{ name: "", labels: NO_LABELS, value: scalarAt(args, 0), atMs }]);
    case "abs":
      return vectorOf(mapValues(vectorAt(args, 0), Math.abs));
    case "clamp_min":
      return clamp(args, Math.max);
    case "clamp_max":
      return clamp(args, Math.min);
    case "histogram_quantile":
      return vectorOf(histogramQuantile(scalarAt(args, 0), vectorAt(args, 1)));
    case "timestamp":
      return vectorOf(timestamps(call.args[0], vectorAt(args, 0), atMs));
    case "absent":
      return vectorOf(absent(call.args[0], vectorAt(args, 0), atMs));
  }
}

function clamp(args: readonly Value[], limit: (value: number, bound: number) => number): Value {
  const bound = scalarAt(args, 1);
  return vectorOf(mapValues(vectorAt(args, 0), (value) => limit(value, bound)));
}

/** The scrape's time for what a selector found; whatever was computed is as old as the evaluation. */
function timestamps(arg: Expression | undefined, vector: Vector, atMs: number): Vector {
  const isSelected = arg !== undefined && withoutParentheses(arg).kind === "Selector";
  const times = vector.map((sample) => ({
    ...sample,
    value: (isSelected ? sample.atMs : atMs) / 1000,
  }));
  return mapValues(times, (value) => value);
}

function absent(arg: Expression | undefined, vector: Vector, atMs: number): Vector {
  if (vector.length > 0) return [];
  const selector = arg === undefined ? undefined : withoutParentheses(arg);
  const labels = selector?.kind === "Selector" ? impliedLabels(selector) : NO_LABELS;
  return [{ name: "", labels, value: 1, atMs }];
}

/** The labels that any series of the selector would have: those with exactly one matcher, and that an `=`. */
function impliedLabels({ matchers }: Selector): Labels {
  const labels: Record<string, string> = {};
  for (const { label, operator, value } of matchers) {
    const isOnly = matchers.filter((other) => other.label === label).length === 1;
    if (operator === "=" && isOnly && label !== METRIC_NAME && value !== "") labels[label] = value;
  }
  return labels;
}

function vectorOf(samples: Vector): Value {
  return { kind: "Vector", samples };
}

function vectorAt(args: readonly Value[], index: number): Vector {
  const value = args[index];
  return value?.kind === "Vector" ? value.samples : [];
}

function scalarAt(args: readonly Value[], index: number): number {
  const value = args[index];
  return value?.kind === "Scalar" ? value.value : Number.NaN;
}
