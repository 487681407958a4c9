/** The numbers that analysis works on: cumulative counters as read, and blocks of what came between two reads. */

/** What one reporting pod has counted of the requests to one workload since it started. */
export interface PodCounter {
  /** Name of the workload that answered. */
  readonly workload: string;
  /** Reporting pod. Its counters restart together when it restarts. */
  readonly pod: string;
  readonly counts: Counts;
}

/** Requests and bad requests. Counters as read, or increments; never negative. */
export interface RatioCounts {
  readonly kind: "Ratio";
  readonly total: number;
  readonly bad: number;
}

/** Requests by bucket of a classic histogram: `buckets` maps an upper bound to the count at or below it. */
export interface LatencyCounts {
  readonly kind: "Latency";
  /** Requests in all (the +Inf bucket). */
  readonly total: number;
  /** Cumulative counts in ascending order of `le`, in the template's unit; +Inf is not among them. */
  readonly buckets: readonly Bucket[];
}

/** One bound of a classic histogram. */
export interface Bucket {
  readonly le: number;
  readonly count: number;
}

/** How a metric is measured: by counters of requests, or as one number that a query gives. */
export type MeasureKind = "Ratio" | "Latency" | "Value";

/** What a query gave for each version at one instant; undefined: no series, or not a number. */
export interface ValuePair {
  readonly canary: number | undefined;
  readonly stable: number | undefined;
}

/** What was counted, as the template's measure asks. */
export type Counts = RatioCounts | LatencyCounts;

/** What came between two reads: one block is one new sample. Instants in milliseconds of wall time. */
export interface Block {
  readonly startAt: number;
  readonly endAt: number;
  readonly canary: Counts;
  readonly stable: Counts;
}
