/** Pairs the series of two vectors by their labels: one to one, or many to one with group_left and group_right. */
import type { Labels } from "../label-set.ts";
import {
  dropLabels,
  formatSeries,
  keepLabels,
  labelSignature,
  valuesSignature,
} from "../label-set.ts";
import type { Matching } from "./ast.ts";
import { executionError } from "./errors.ts";
import type { Vector, VectorSample } from "./value.ts";

/** The identity by which a sample is matched. */
export function matchKey(sample: VectorSample, matching: Matching): string {
  if (matching.on) return valuesSignature(sample, matching.labels);
  if (matching.labels.length === 0) return labelSignature(sample.labels);
  return labelSignature(dropLabels(sample.labels, matching.labels));
}

/** `undefined` drops the pair: a comparison that filters. */
export type Combine = (left: number, right: number) => number | undefined;

export interface MatchOptions {
  readonly matching: Matching;
  /** Comparisons that filter keep the name; everything else drops it. */
  readonly keepsName: boolean;
  readonly combine: Combine;
}

export function matchVectors(left: Vector, right: Vector, options: MatchOptions): Vector {
  const isGroupRight = options.matching.group === "Right";
  const many = isGroupRight ? right : left;
  const ones = indexOnes(isGroupRight ? left : right, options.matching);
  const seen = new Set<string>();
  const results: VectorSample[] = [];
  for (const sample of many) {
    const key = matchKey(sample, options.matching);
    const one = ones.get(key);
    if (one === undefined) continue;
    const value = isGroupRight
      ? options.combine(one.value, sample.value)
      : options.combine(sample.value, one.value);
    if (value === undefined) continue;
    const result = { ...resultSeries(sample, one, options), value, atMs: sample.atMs };
    requireUnique(seen, key, result, options.matching);
    results.push(result);
  }
  return results;
}

function indexOnes(vector: Vector, matching: Matching): ReadonlyMap<string, VectorSample> {
  const ones = new Map<string, VectorSample>();
  for (const sample of vector) {
    const key = matchKey(sample, matching);
    const other = ones.get(key);
    if (other !== undefined) {
      const side = matching.group === "Right" ? "left" : "right";
      throw executionError(
        `found duplicate series for the match group on the ${side} hand-side of the operation: ` +
          `[${formatSeries(sample)}, ${formatSeries(other)}];` +
          "many-to-many matching not allowed: matching labels must be unique on one side",
      );
    }
    ones.set(key, sample);
  }
  return ones;
}

function resultSeries(
  sample: VectorSample,
  one: VectorSample,
  { matching, keepsName }: MatchOptions,
): { readonly name: string; readonly labels: Labels } {
  const name = keepsName ? sample.name : "";
  if (matching.group !== "None") return { name, labels: included(sample, one, matching.include) };
  if (!matching.on) return { name, labels: dropLabels(sample.labels, matching.labels) };
  // Only the labels that were matched on remain, so the name goes too.
  return { name: "", labels: keepLabels(sample.labels, matching.labels) };
}

function included(sample: VectorSample, one: VectorSample, include: readonly string[]): Labels {
  if (include.length === 0) return sample.labels;
  return { ...dropLabels(sample.labels, include), ...keepLabels(one.labels, include) };
}

function requireUnique(
  seen: Set<string>,
  key: string,
  result: VectorSample,
  { group }: Matching,
): void {
  const identity = group === "None" ? key : `${result.name}\u00fe${labelSignature(result.labels)}`;
  if (seen.has(identity)) {
    throw executionError(
      group === "None"
        ? "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
        : "multiple matches for labels: grouping labels must ensure unique matches",
    );
  }
  seen.add(identity);
}
