/** sum, avg, max, min and count of a vector, grouped by or without labels. */
import type { Labels } from "../label-set.ts";
import {
  dropLabels,
  keepLabels,
  labelSignature,
  METRIC_NAME,
  valuesSignature,
} from "../label-set.ts";
import type { Aggregate, AggregateOperator } from "./ast.ts";
import type { Vector, VectorSample } from "./value.ts";

interface Group {
  readonly name: string;
  readonly labels: Labels;
  readonly values: number[];
}

export function aggregate(expression: Aggregate, vector: Vector, atMs: number): Vector {
  const groups = expression.without
    ? groupWithout(vector, expression.labels)
    : groupBy(vector, [...new Set(expression.labels)].sort());
  return [...groups.values()].map(({ name, labels, values }) => ({
    name,
    labels,
    atMs,
    value: combine(expression.operator, values),
  }));
}

function groupBy(vector: Vector, names: readonly string[]): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  const keepsName = names.includes(METRIC_NAME);
  for (const sample of vector) {
    const key = valuesSignature(sample, names);
    const known = groups.get(key);
    if (known !== undefined) known.values.push(sample.value);
    else groups.set(key, newGroup(sample, keepLabels(sample.labels, names), keepsName));
  }
  return groups;
}

function groupWithout(vector: Vector, names: readonly string[]): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  for (const sample of vector) {
    const labels = dropLabels(sample.labels, names);
    const key = labelSignature(labels);
    const known = groups.get(key);
    if (known !== undefined) known.values.push(sample.value);
    else groups.set(key, newGroup(sample, labels, false));
  }
  return groups;
}

function newGroup(sample: VectorSample, labels: Labels, keepsName: boolean): Group {
  return { name: keepsName ? sample.name : "", labels, values: [sample.value] };
}

function combine(operator: AggregateOperator, values: readonly number[]): number {
  switch (operator) {
    case "sum":
      return compensatedSum(values);
    case "avg":
      return average(values);
    case "max":
      return extreme(values, (value, best) => value > best);
    case "min":
      return extreme(values, (value, best) => value < best);
    case "count":
      return values.length;
  }
}

function average(values: readonly number[]): number {
  const sum = compensatedSum(values);
  if (Number.isFinite(sum)) return sum / values.length;
  return compensatedSum(values.map((value) => value / values.length));
}

/** Kahan's sum in Neumaier's form, which Prometheus uses since 3.0. */
function compensatedSum(values: readonly number[]): number {
  let sum = 0;
  let compensation = 0;
  for (const value of values) {
    const next = sum + value;
    const isSumLarger = Math.abs(sum) >= Math.abs(value);
    if (Number.isFinite(next)) {
      compensation += isSumLarger ? sum - next + value : value - next + sum;
    }
    sum = next;
  }
  return Number.isFinite(sum) ? sum + compensation : sum;
}

/** NaN loses against any number. */
function extreme(
  values: readonly number[],
  isBetter: (value: number, best: number) => boolean,
): number {
  let best = Number.NaN;
  for (const value of values) {
    if (Number.isNaN(best) || isBetter(value, best)) best = value;
  }
  return best;
}
