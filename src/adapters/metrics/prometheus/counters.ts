/** Makes the counters of one version of one release from tallies, or takes its value. */
import type { Bucket, Counts, PodCounter } from "../../../core/analysis/measure.ts";
import type { ReadProblem } from "./endpoint.ts";
import { type BucketCounts, type Tally, workloadOfKey } from "./tally.ts";
import type { Values } from "./values.ts";

/** What a measure's queries gave. */
export type Tallies =
  | { readonly kind: "Ratio"; readonly total: Tally; readonly bad: Tally }
  | { readonly kind: "Latency"; readonly histogram: Tally }
  | { readonly kind: "Value"; readonly values: Values };

export type Counters =
  | { readonly kind: "Counters"; readonly counters: readonly PodCounter[] }
  | { readonly kind: "Value"; readonly value: number | undefined }
  | ReadProblem;

/** Counters of the requests to the workload with this key; none if nobody has called it. */
export function countersFor(tallies: Tallies, key: string): Counters {
  const workload = workloadOfKey(key);
  if (tallies.kind === "Value") {
    const value = tallies.values.get(key);
    return typeof value === "object" ? value : { kind: "Value", value };
  }
  if (tallies.kind === "Ratio") return ratioCounters(tallies, key, workload);
  const pods = podsOf(tallies.histogram, key);
  if (isProblem(pods)) return pods;
  return toCounters(pods, workload, histogramOf);
}

/** A pod without bad requests has no series of them, which counts as 0. */
function ratioCounters(
  { total, bad }: Extract<Tallies, { kind: "Ratio" }>,
  key: string,
  workload: string,
): Counters {
  const all = podsOf(total, key);
  const failed = podsOf(bad, key);
  if (isProblem(all)) return all;
  if (isProblem(failed)) return failed;
  return toCounters(all, workload, (counts, pod) => ({
    kind: "Ratio",
    total: sumOf(counts),
    bad: sumOf(failed.get(pod)),
  }));
}

type Pods = ReadonlyMap<string, BucketCounts>;

function podsOf(tally: Tally, key: string): Pods | ReadProblem {
  return tally.get(key) ?? new Map();
}

function isProblem(pods: Pods | ReadProblem): pods is ReadProblem {
  return "kind" in pods;
}

function toCounters(
  pods: Pods,
  workload: string,
  countsOf: (counts: BucketCounts, pod: string) => Counts,
): Counters {
  const counters = [...pods].map(([pod, counts]) => ({
    workload,
    pod,
    counts: countsOf(counts, pod),
  }));
  return { kind: "Counters", counters };
}

function sumOf(counts: BucketCounts | undefined): number {
  return counts?.get(Number.POSITIVE_INFINITY) ?? 0;
}

function histogramOf(counts: BucketCounts): Counts {
  const buckets: Bucket[] = [...counts]
    .filter(([le]) => Number.isFinite(le))
    .map(([le, count]) => ({ le, count }))
    .sort((a, b) => a.le - b.le);
  const total = counts.get(Number.POSITIVE_INFINITY) ?? Math.max(0, ...counts.values());
  return { kind: "Latency", total, buckets };
}
