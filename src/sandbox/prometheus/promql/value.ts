/** What expressions evaluate to. A vector's samples carry the time of the scrape they came from, if any. */
import type { Labels } from "../label-set.ts";
import { labelSignature } from "../label-set.ts";
import type { RangeSamples } from "../sample-ring.ts";
import { executionError } from "./errors.ts";

export interface VectorSample {
  /** The metric's name, empty once it was dropped. */
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
  readonly atMs: number;
}

export type Vector = readonly VectorSample[];

export interface MatrixSeries {
  readonly name: string;
  readonly labels: Labels;
  readonly samples: RangeSamples;
}

export type Value =
  | { readonly kind: "Scalar"; readonly value: number }
  | { readonly kind: "Text"; readonly value: string }
  | { readonly kind: "Vector"; readonly samples: Vector }
  | { readonly kind: "Matrix"; readonly series: readonly MatrixSeries[] };

/** Each sample with a new value and, as functions do, without its name. */
export function mapValues(vector: Vector, change: (value: number) => number): Vector {
  const mapped = vector.map((sample) => ({ ...sample, name: "", value: change(sample.value) }));
  if (hasSeveralNames(vector)) requireDistinct(mapped);
  return mapped;
}

/** Without its names a vector can only hold a label set twice if there were several names. */
export function hasSeveralNames(vector: readonly { readonly name: string }[]): boolean {
  return vector.some((sample) => sample.name !== vector[0]?.name);
}

export function requireDistinct(
  vector: readonly { readonly name: string; readonly labels: Labels }[],
): void {
  const seen = new Set<string>();
  for (const { name, labels } of vector) seen.add(`${name}\u00fe${labelSignature(labels)}`);
  if (seen.size < vector.length) {
    throw executionError("vector cannot contain metrics with the same labelset");
  }
}
