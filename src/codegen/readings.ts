/** What an error rate may show over some minutes, read as the controller reads it, for the table of phases and verdicts. */
import type { MetricLimit } from "../api/canary-spec.ts";
import type { Verdict } from "../api/canary-status.ts";
import {
  type AdvanceRules,
  advanceMetric,
  emptyMetricState,
  type NewReading,
} from "../core/analysis/advance.ts";
import type { PodCounter } from "../core/analysis/measure.ts";
import type { MetricFacts } from "../core/canary/snapshot.ts";

/** Requests between two reads, by version: in all, and bad ones. */
export interface Traffic {
  readonly canary: readonly [total: number, bad: number];
  readonly stable: readonly [total: number, bad: number];
}

/** One kind of evidence: what it is called, what it is, and which verdict it gives once a stage is measured. */
export interface Evidence {
  readonly name: string;
  readonly doc: string;
  readonly verdict: Verdict;
  /** What was counted between two reads, by the reads that are still to come; undefined: the read failed. */
  readonly at: (readsLeft: number) => Traffic | undefined;
}

/** Also how often the metric is read and its pods are scraped. */
const stepMs = 15_000;
const reads = 13;

const healthy: Traffic = { canary: [100, 0], stable: [900, 0] };
const broken: Traffic = { canary: [100, 20], stable: [900, 0] };
const incident: Traffic = { canary: [100, 20], stable: [900, 180] };
const silent: Traffic = { canary: [0, 0], stable: [1000, 0] };
const unused: Traffic = { canary: [0, 0], stable: [0, 0] };

/** Every kind of evidence, in the order of the table's columns. */
export const evidences: readonly Evidence[] = [
  { name: "Pass", doc: "the limit holds, on enough requests", verdict: "Pass", at: () => healthy },
  {
    name: "Inconclusive",
    doc: "the latest check is beyond the limit, and `consecutive` asks for one more",
    verdict: "Inconclusive",
    at: (left) => (left < 1 ? broken : healthy),
  },
  {
    name: "Fail",
    doc: "the new version is beyond the limit in enough checks, stable is not",
    verdict: "Fail",
    at: (left) => (left < 3 ? broken : healthy),
  },
  {
    name: "Fail, stable too",
    doc: "both versions are beyond the limit",
    verdict: "Fail",
    at: (left) => (left < 3 ? incident : healthy),
  },
  {
    name: "Canary silent",
    doc: "for a minute nobody has seen the new version answer, while stable's requests go on",
    verdict: "Inconclusive",
    at: (left) => (left < 4 ? silent : healthy),
  },
  {
    name: "NoData",
    doc: "for a minute nobody has called either version",
    verdict: "NoData",
    at: (left) => (left < 4 ? unused : healthy),
  },
  {
    name: "Error",
    doc: "the metrics cannot be read",
    verdict: "Error",
    at: (left) => (left < 2 ? undefined : healthy),
  },
  {
    name: "Error, long",
    doc: "they could not be read for longer than rollback.withinSeconds",
    verdict: "Error",
    at: (left) => (left < 10 ? undefined : healthy),
  },
];

/** Names of the workloads of both versions. */
export const workloads = { canary: "web", primary: "web-primary" } as const;

/** The facts of an error rate whose last read was made at `now` (ms). */
export function readUntil(
  now: number,
  { at }: Pick<Evidence, "at">,
  limit: MetricLimit,
): MetricFacts {
  const rules: AdvanceRules = {
    kind: "Ratio",
    quantile: 0.99,
    limit,
    canaryWorkload: workloads.canary,
    primaryWorkload: workloads.primary,
    limitAppliesFrom: 0,
    scrapeSeconds: stepMs / 1000,
  };
  let state = emptyMetricState;
  let counted: Traffic = { canary: [1000, 0], stable: [1000, 0] };
  for (let left = reads; left >= 0; left -= 1) {
    const traffic = at(left);
    if (traffic !== undefined && left < reads) counted = add(counted, traffic);
    state = advanceMetric(state, toReading(traffic && counted, now - left * stepMs), rules);
  }
  return {
    name: "error-rate",
    kind: "Ratio",
    quantile: 0.99,
    unit: "%",
    scrapeSeconds: stepMs / 1000,
    queryTimeoutSeconds: 5,
    state,
  };
}

function add(before: Traffic, more: Traffic): Traffic {
  return {
    canary: [before.canary[0] + more.canary[0], before.canary[1] + more.canary[1]],
    stable: [before.stable[0] + more.stable[0], before.stable[1] + more.stable[1]],
  };
}

function toReading(traffic: Traffic | undefined, at: number): NewReading {
  if (traffic === undefined)
    return { kind: "Failure", at, reason: "Timeout", message: "no answer within 5 s" };
  const counters = [
    toCounter(workloads.canary, traffic.canary),
    toCounter(workloads.primary, traffic.stable),
  ];
  return { kind: "Counters", at, counters, query: "" };
}

function toCounter(
  workload: string,
  [total, bad]: readonly [total: number, bad: number],
): PodCounter {
  return { workload, pod: "caller-1", counts: { kind: "Ratio", total, bad } };
}
