/** Arithmetic of counts: empty ones, sums, differences. Knows neither versions nor limits. */
import { maxCounter } from "./limits.ts";
import type { Bucket, Counts, LatencyCounts, RatioCounts } from "./measure.ts";

/** No requests. */
export function emptyCounts(kind: Counts["kind"]): Counts {
  return kind === "Ratio" ? { kind, total: 0, bad: 0 } : { kind, total: 0, buckets: [] };
}

/** The sum of two counts of one kind; of two kinds the first. Of histograms only bounds that both have are kept. */
export function addCounts(a: Counts, b: Counts): Counts {
  if (a.kind === "Ratio" && b.kind === "Ratio") {
    return { kind: "Ratio", total: a.total + b.total, bad: a.bad + b.bad };
  }
  if (a.kind === "Latency" && b.kind === "Latency") return addHistograms(a, b);
  return a;
}

function addHistograms(a: LatencyCounts, b: LatencyCounts): LatencyCounts {
  if (b.total === 0) return a;
  if (a.total === 0) return b;
  const buckets = zipBounds(a.buckets, b.buckets, (left, right) => left + right);
  return { kind: "Latency", total: a.total + b.total, buckets };
}

/**
 * What was counted between two readings of the counters of one pod that did not restart. A single counter that drops
 * (its series expired) counts 0; `before` undefined means that the counters were born since and count from 0.
 */
export function riseOf(before: Counts | undefined, after: Counts): Counts {
  if (before === undefined) return orderly(after);
  if (before.kind === "Ratio" && after.kind === "Ratio") return riseOfRatio(before, after);
  if (before.kind === "Latency" && after.kind === "Latency") {
    const buckets = zipBounds(before.buckets, after.buckets, rise);
    return orderly({ kind: "Latency", total: rise(before.total, after.total), buckets });
  }
  return emptyCounts(after.kind);
}

function riseOfRatio(before: RatioCounts, after: RatioCounts): Counts {
  const total = rise(before.total, after.total);
  return orderly({ kind: "Ratio", total, bad: rise(before.bad, after.bad) });
}

function rise(before: number, after: number): number {
  return Math.max(0, finite(after) - finite(before));
}

/** Counts that are possible: finite, not negative, no part above the whole, buckets that never fall over `le`. */
export function orderly(counts: Counts): Counts {
  const total = finite(counts.total);
  if (counts.kind === "Ratio") {
    return { kind: "Ratio", total, bad: Math.min(total, finite(counts.bad)) };
  }
  let floor = 0;
  const buckets = counts.buckets.map(({ le, count }) => {
    floor = Math.min(total, Math.max(floor, finite(count)));
    return { le, count: floor };
  });
  return { kind: "Latency", total, buckets };
}

/** The single counters within, by a name that is stable from read to read. */
export function countersOf(counts: Counts): readonly (readonly [name: string, value: number])[] {
  const total = ["total", finite(counts.total)] as const;
  if (counts.kind === "Ratio") return [total, ["bad", finite(counts.bad)]];
  return [total, ...counts.buckets.map(({ le, count }) => [String(le), finite(count)] as const)];
}

function finite(value: number): number {
  return value > 0 ? Math.min(value, maxCounter) : 0;
}

/** Joins two ascending lists of buckets on the bounds that both have. */
function zipBounds(
  a: readonly Bucket[],
  b: readonly Bucket[],
  join: (left: number, right: number) => number,
): readonly Bucket[] {
  const right = new Map(b.map(({ le, count }) => [le, count]));
  return a.flatMap(({ le, count }) => {
    const other = right.get(le);
    return other === undefined ? [] : [{ le, count: join(count, other) }];
  });
}
