/** Short ways to write counts, blocks and metric facts in tests, and arbitraries of them. */
import fc from "fast-check";
import { emptyMetricState } from "../../src/core/analysis/advance.ts";
import type {
  Block,
  Counts,
  LatencyCounts,
  PodCounter,
  RatioCounts,
} from "../../src/core/analysis/measure.ts";
import type { MetricState } from "../../src/core/analysis/metric-state.ts";
import type { MetricFacts } from "../../src/core/canary/snapshot.ts";

export function ratio(total: number, bad = 0): RatioCounts {
  return { kind: "Ratio", total, bad };
}

/** `buckets` by upper bound: `latency(100, { 250: 90, 500: 99 })`. */
export function latency(total: number, buckets: Readonly<Record<string, number>>): LatencyCounts {
  const list = Object.entries(buckets).map(([le, count]) => ({ le: Number(le), count }));
  return { kind: "Latency", total, buckets: list.sort((a, b) => a.le - b.le) };
}

export function counter(workload: string, pod: string, counts: Counts): PodCounter {
  return { workload, pod, counts };
}

/** Blocks of 15 s that follow each other and end at `endAt`, oldest first. */
export function blocksUntil(
  endAt: number,
  arms: readonly (readonly [canary: Counts, stable: Counts])[],
  spanMs = 15_000,
): readonly Block[] {
  return arms.map(([canary, stable], index) => {
    const end = endAt - (arms.length - 1 - index) * spanMs;
    return { startAt: end - spanMs, endAt: end, canary, stable };
  });
}

/** A metric with defaults: an error rate, scraped every 15 s, that was read at the end of its newest block. */
export function metricFacts(
  state: Partial<MetricState> = {},
  metric: Partial<Omit<MetricFacts, "state">> = {},
): MetricFacts {
  return {
    name: "error-rate",
    kind: "Ratio",
    quantile: 0.99,
    unit: "%",
    scrapeSeconds: 15,
    queryTimeoutSeconds: 5,
    ...metric,
    state: {
      ...emptyMetricState,
      readAt: state.blocks?.at(-1)?.endAt,
      heardAt: state.blocks?.at(-1)?.endAt,
      ...state,
    },
  };
}

/** Numbers as a broken server may send them. */
const anyNumber = fc.oneof(
  fc.nat(1000),
  fc.double(),
  fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300),
);

const bounds = [25, 100, 250, 500, 1000];

/** Counts of one kind, possible or not. */
export function anyCounts(kind: Counts["kind"]): fc.Arbitrary<Counts> {
  if (kind === "Ratio")
    return fc.record({ kind: fc.constant(kind), total: anyNumber, bad: anyNumber });
  return fc.record({
    kind: fc.constant(kind),
    total: anyNumber,
    buckets: fc
      .tuple(fc.subarray(bounds), fc.array(anyNumber, { minLength: 5, maxLength: 5 }))
      .map(([les, counts]) => les.map((le, index) => ({ le, count: counts[index] ?? 0 }))),
  });
}

/** Counts that can be: bad requests within the total, buckets that never fall. */
export function possibleCounts(kind: Counts["kind"], max = 1000): fc.Arbitrary<Counts> {
  return fc
    .tuple(fc.nat(max), fc.array(fc.nat(max), { minLength: 5, maxLength: 5 }))
    .map(([total, parts]) => {
      const sorted = parts.map((part) => Math.min(part, total)).sort((a, b) => a - b);
      return kind === "Ratio"
        ? ratio(total, sorted[0])
        : {
            kind: "Latency" as const,
            total,
            buckets: bounds.map((le, index) => ({ le, count: sorted[index] ?? 0 })),
          };
    });
}

/** Counters of a few pods and workloads, each at most once. */
export function anyCounters(kind: Counts["kind"]): fc.Arbitrary<readonly PodCounter[]> {
  return fc.uniqueArray(
    fc.record({
      workload: fc.constantFrom("web", "web-primary", "other"),
      pod: fc.constantFrom("a", "b", "c"),
      counts: anyCounts(kind),
    }),
    { maxLength: 9, selector: ({ workload, pod }) => `${workload} ${pod}` },
  );
}
