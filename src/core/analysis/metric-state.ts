/** What is remembered of one metric of one release between two reads. Bounded; but for the
 * comparison it lives in memory only. */
import type { Block, PodCounter, ValuePair } from "./measure.ts";
import type { Comparison } from "./sequential/comparison.ts";

/** A read that failed, as a value: it is evidence of nothing. */
export interface ReadFailure {
  /** One word, for example Timeout, Unreachable, BadQuery. */
  readonly reason: string;
  readonly message: string;
  /** Instant of the failure, ms. */
  readonly at: number;
}

/** A counter and when it was last part of an answer. */
export interface SeenCounter extends PodCounter {
  /** Instant of that answer, ms. */
  readonly seenAt: number;
}

/** A value of the canary that was judged, and when it was read, ms. */
export interface JudgedValue {
  readonly at: number;
  readonly value: number;
}

/** What is known of stable under the canary's limit. */
export interface StableRun {
  /** How many of stable's latest judged blocks in a row were beyond the limit. */
  readonly breaches: number;
  /** End of the latest block in which stable was beyond it, ms; kept while it holds again. */
  readonly breachEndAt: number | undefined;
  /** End of the latest block in which stable could be judged, ms. */
  readonly judgedAt: number | undefined;
}

export interface MetricState {
  /** The latest value of every counter seen of late, from which the next block is taken. */
  readonly counters: readonly SeenCounter[];
  /** Instant of the latest good read, ms; undefined before the first. */
  readonly readAt: number | undefined;
  /** Instant of the latest good read that found a counter of either version, moving or not, ms. */
  readonly heardAt: number | undefined;
  /** Blocks with new samples, oldest first, at most `maxBlocks`. */
  readonly blocks: readonly Block[];
  /** What the latest good read of a value metric gave. */
  readonly latestValues: ValuePair | undefined;
  /** Values of a value metric that were judged, oldest first, at most `maxValues`. */
  readonly values: readonly JudgedValue[];
  /** How many of the latest blocks, or values, in a row were beyond the limit. */
  readonly breaches: number;
  /** End of the first block of that run, or instant of its first value, ms. */
  readonly breachedAt: number | undefined;
  /** The requests on which the latest of that run was judged; undefined for values. */
  readonly provenBy: Block | undefined;
  /** End of the latest block, or instant of the latest value, that could be judged against the limit, ms. */
  readonly judgedAt: number | undefined;
  /**
   * Since when (ms) good reads, without a failed one between them, have shown nothing of the canary: the instant of the
   * last read before; undefined while they show something.
   */
  readonly silentSince: number | undefined;
  /** The same of requests to either version, for metrics that count them. */
  readonly quietSince: number | undefined;
  readonly stable: StableRun;
  /** What is known of the canary beside stable; undefined before the first block, and where they are not compared. */
  readonly comparison: Comparison | undefined;
  /** Blocks that begin before this instant (ms) are in the comparison that was taken over; undefined: none was. */
  readonly comparedUntil: number | undefined;
  /** How often it was tried to learn from stable's past; Infinity once it was learnt from. */
  readonly lookedBack: number;
  /** The latest read's failure, if it failed. */
  readonly failure: ReadFailure | undefined;
  /** A query that shows the canary's value, for people. */
  readonly query: string | undefined;
}
