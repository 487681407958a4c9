/**
 * What was counted before anybody looked. Whoever takes a release over goes on as if he had read it himself; whoever begins one
 * learns from stable alone how its bad requests come, and what is slow for it. Knows neither providers nor releases.
 */
import { type AdvanceRules, advanceMetric, type NewReading } from "./advance.ts";
import { compareBlock, type ReportedBlock } from "./compare-block.ts";
import { addCounts, emptyCounts } from "./counts.ts";
import { incrementsBetween } from "./increments.ts";
import { limitWindowMs, maxPastMs, maxPastReads } from "./limits.ts";
import type { PodCounter } from "./measure.ts";
import type { MetricState } from "./metric-state.ts";
import { type Comparison, chooseFrom, newComparison } from "./sequential/comparison.ts";

/** Past instants from `fromMs` to `untilMs`, `stepMs` apart, all on the grid of reads. */
export interface Past {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly stepMs: number;
}

/**
 * What whoever reads a metric at `at` (ms) for the first time has missed: since the last read that its comparison knows, and
 * at least what a limit looks back on.
 */
export function missedBefore(
  { comparedUntil = Number.POSITIVE_INFINITY }: Pick<MetricState, "comparedUntil">,
  at: number,
  intervalSeconds: number,
): Past {
  const stepMs = 1000 * intervalSeconds;
  const since = Math.min(comparedUntil, at - limitWindowMs) - stepMs;
  const earliest = at - Math.min(maxPastMs, maxPastReads * stepMs);
  const fromMs = onGrid(Math.max(earliest, since), stepMs);
  return { fromMs, untilMs: at - stepMs, stepMs };
}

/** What is learnt from when a release begins: half an hour at most, in blocks as long as its own will be. */
export function pastToLearn(at: number, { intervalSeconds, scrapeSeconds }: Cadence): Past {
  const stepMs = 1000 * intervalSeconds * Math.max(1, Math.ceil(scrapeSeconds / intervalSeconds));
  const untilMs = onGrid(at, 1000 * intervalSeconds);
  const reads = Math.floor(Math.min(maxPastMs, maxPastReads * stepMs) / stepMs);
  return { fromMs: untilMs - reads * stepMs, untilMs, stepMs };
}

interface Cadence {
  readonly intervalSeconds: number;
  readonly scrapeSeconds: number;
}

function onGrid(ms: number, stepMs: number): number {
  return Math.floor(ms / stepMs) * stepMs;
}

/** Counters as they were at one instant, ms. */
export interface PastCounters {
  readonly at: number;
  readonly counters: readonly PodCounter[];
}

/** The state after readings of the past, oldest first, judged as if each had come in its time. Failures tell nothing. */
export function goOnFrom(
  state: MetricState,
  past: readonly NewReading[],
  rules: AdvanceRules,
): MetricState {
  return past
    .filter(({ kind }) => kind !== "Failure")
    .reduce((reached, reading) => advanceMetric(reached, reading, rules), state);
}

/**
 * The state with what stable's past tells of noise and of slow requests, before anything is judged by them. Of pods that are
 * gone nothing is learnt. Where nothing is compared the state stays as it is.
 */
export function learnFrom(
  state: MetricState,
  past: readonly PastCounters[],
  rules: AdvanceRules,
): MetricState {
  const { kind, compare } = rules;
  if (kind === "Value" || compare === undefined) return state;
  const blocks = stableBlocks(past, rules);
  const durations = blocks.reduce(
    (sum, { block: { stable } }) => addCounts(sum, stable),
    emptyCounts(kind),
  );
  const begun = chooseFrom(state.comparison ?? newComparison(kind), durations, rules.limit.max);
  const comparison = begun.tests.length === 0 ? begun : addNoise(begun, blocks, rules);
  return { ...state, comparison };
}

function addNoise(
  begun: Comparison,
  blocks: readonly ReportedBlock[],
  rules: AdvanceRules,
): Comparison | undefined {
  const compare = rules.compare && { ...rules.compare, evidenceFrom: Number.POSITIVE_INFINITY };
  const metric = { ...rules, compare };
  return blocks.reduce<Comparison | undefined>(
    (reached, block) => compareBlock(reached, block, metric),
    begun,
  );
}

function stableBlocks(
  past: readonly PastCounters[],
  { kind, primaryWorkload }: AdvanceRules,
): readonly ReportedBlock[] {
  const pods = new Set(past.at(-1)?.counters.map(({ pod }) => pod));
  const none = emptyCounts(kind === "Latency" ? "Latency" : "Ratio");
  const own = past.map(({ at, counters }) => ({
    at,
    counters: counters.filter(({ pod, workload }) => workload === primaryWorkload && pods.has(pod)),
  }));
  return own.slice(1).flatMap(({ at, counters }, index): ReportedBlock[] => {
    const before = own[index];
    if (before === undefined) return [];
    const increments = incrementsBetween(before.counters, counters);
    const stable = increments.reduce((sum, { counts }) => addCounts(sum, counts), none);
    if (stable.total <= 0) return [];
    const block = { startAt: before.at, endAt: at, canary: none, stable };
    return [{ block, increments, counters }];
  });
}
