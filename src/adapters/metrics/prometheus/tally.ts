/** Sorts the samples of one answer by release, version, reporting pod and bucket. Judges no value but its form. */

import { ownValue } from "../../../core/own-value.ts";
import type { PrometheusSample } from "./answer.ts";
import { parseBound } from "./buckets.ts";
import { type ReadProblem, readProblem } from "./endpoint.ts";
import type { Identity } from "./queries.ts";

/** Counts by bucket bound; a plain counter is the bucket +Inf. */
export type BucketCounts = ReadonlyMap<number, number>;

/** What was counted for requests to one workload, by reporting pod, or why that cannot be told. */
export type Tally = ReadonlyMap<string, ReadonlyMap<string, BucketCounts> | ReadProblem>;

export interface TallyShape {
  /** Undefined: all samples are of the workload with the key `only`. */
  readonly identity: Identity | undefined;
  readonly only: string;
  readonly podLabel: string;
}

/** The key of one workload in a tally. */
export function workloadKey(namespace: string, workload: string): string {
  return `${namespace}/${workload}`;
}

/** The name of the workload with this key; names of namespaces have no slash. */
export function workloadOfKey(key: string): string {
  return key.slice(key.indexOf("/") + 1);
}

export function tallySamples(samples: readonly PrometheusSample[], shape: TallyShape): Tally {
  const tally = new Map<string, PodCounts | ReadProblem>();
  for (const sample of samples) {
    const key = keyOf(sample.labels, shape);
    const pods = tally.get(key) ?? new Map();
    tally.set(key, "kind" in pods ? pods : addSample(pods, sample, shape.podLabel));
  }
  return tally;
}

type PodCounts = Map<string, Map<number, number>>;

function addSample(
  pods: PodCounts,
  { labels, value }: PrometheusSample,
  podLabel: string,
): PodCounts | ReadProblem {
  const pod = ownValue(labels, podLabel);
  if (pod === undefined) return podUnknown(podLabel);
  if (!Number.isFinite(value) || value < 0) {
    return readProblem("NotACounter", `a selected series reads ${value}, which no counter can`);
  }
  const le = labels["le"] === undefined ? Number.POSITIVE_INFINITY : parseBound(labels["le"]);
  const counts = pods.get(pod) ?? new Map<number, number>();
  if (!Number.isNaN(le)) counts.set(le, (counts.get(le) ?? 0) + value);
  return pods.set(pod, counts);
}

function podUnknown(podLabel: string): ReadProblem {
  const why = "counters of different pods cannot be told apart";
  const fix = "set podLabel to the label that names the reporting pod";
  return readProblem("PodLabelMissing", `the series have no label ${podLabel}: ${why}; ${fix}`);
}

/** The key of the workload that a sample is of. */
export function keyOf(
  labels: PrometheusSample["labels"],
  { identity, only }: Pick<TallyShape, "identity" | "only">,
): string {
  if (identity === undefined) return only;
  const { namespaceLabel, workloadLabel } = identity;
  return workloadKey(ownValue(labels, namespaceLabel) ?? "", ownValue(labels, workloadLabel) ?? "");
}
