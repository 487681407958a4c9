/**
 * Takes one reading into what is remembered of a metric: counters become a block, which is judged; a value is judged
 * as it is. Knows neither stages nor verdicts; `assess` makes a check of the result.
 */
import type { MetricLimit } from "../../api/canary-spec.ts";
import { appendBlock } from "./blocks.ts";
import { type CompareRules, compareBlock, ownPods, type ReportedBlock } from "./compare-block.ts";
import { addCounts, emptyCounts } from "./counts.ts";
import { countedSince, incrementsBetween, rememberCounters } from "./increments.ts";
import { judgeValue } from "./judge-value.ts";
import { judgeLimit } from "./limit.ts";
import type { Block, Counts, MeasureKind, PodCounter, ValuePair } from "./measure.ts";
import type { MetricState } from "./metric-state.ts";
import { dispersionAt } from "./sequential/comparison.ts";
import { advanceStable, emptyStableRun } from "./stable.ts";

const unbroken = { breaches: 0, breachedAt: undefined, provenBy: undefined } as const;

/** Nothing read yet. */
export const emptyMetricState: MetricState = {
  counters: [],
  readAt: undefined,
  heardAt: undefined,
  blocks: [],
  latestValues: undefined,
  values: [],
  ...unbroken,
  judgedAt: undefined,
  silentSince: undefined,
  quietSince: undefined,
  stable: emptyStableRun,
  comparison: undefined,
  comparedUntil: undefined,
  lookedBack: 0,
  failure: undefined,
  query: undefined,
};

/** How a metric's blocks are made and judged. */
export interface AdvanceRules {
  readonly kind: MeasureKind;
  /** Quantile in (0, 1); latency only. */
  readonly quantile: number;
  readonly limit: MetricLimit;
  readonly canaryWorkload: string;
  readonly primaryWorkload: string;
  /** Blocks and values from before this instant (ms) never breach: the warm-up of latency limits; 0 judges all. */
  readonly limitAppliesFrom: number;
  /** How canary and stable are compared; undefined: by their limits alone. */
  readonly compare?: CompareRules | undefined;
  /** How often the pods are scraped: a value read again within that time tells nothing new. */
  readonly scrapeSeconds: number;
}

/** What a read gave, and the instant it speaks of, ms. */
export type NewReading =
  | {
      readonly kind: "Counters";
      readonly at: number;
      readonly counters: readonly PodCounter[];
      readonly query: string;
    }
  | (ValuePair & { readonly kind: "Value"; readonly at: number; readonly query: string })
  | {
      readonly kind: "Failure";
      readonly at: number;
      readonly reason: string;
      readonly message: string;
      readonly query?: string;
    };

type CountersReading = Extract<NewReading, { kind: "Counters" }>;

/**
 * The state after a reading. A failed read leaves blocks and breaches as they were. A read without new requests in
 * either version adds no block. A second reading of the same instant adds nothing; one from before the last (a
 * clock was set back) starts over, since nothing can be said about the time in between.
 */
export function advanceMetric(
  state: MetricState,
  reading: NewReading,
  rules: AdvanceRules,
): MetricState {
  if (reading.kind === "Failure") {
    const { reason, message, at } = reading;
    const query = reading.query ?? state.query;
    const failure = { reason, message, at };
    return { ...state, failure, silentSince: undefined, quietSince: undefined, query };
  }
  if (state.readAt === reading.at) return { ...state, failure: undefined };
  const isBackwards = state.readAt !== undefined && reading.at < state.readAt;
  const { comparison, lookedBack } = state;
  const past = isBackwards ? { ...emptyMetricState, comparison, lookedBack } : state;
  return reading.kind === "Value"
    ? advanceValue(past, reading, rules)
    : advanceCounters(past, reading, rules);
}

function advanceValue(
  past: MetricState,
  { canary, stable, at, query }: Extract<NewReading, { kind: "Value" }>,
  rules: AdvanceRules,
): MetricState {
  const read: MetricState = {
    ...past,
    readAt: at,
    heardAt: (canary ?? stable) === undefined ? past.heardAt : at,
    latestValues: { canary, stable },
    silentSince: canary === undefined ? silenceFrom(past, at, past.silentSince) : undefined,
    failure: undefined,
    query,
  };
  return judgeValue(read, rules);
}

function advanceCounters(
  past: MetricState,
  reading: CountersReading,
  rules: AdvanceRules,
): MetricState {
  const { at, query, counters } = reading;
  const increments = incrementsBetween(past.counters, counters);
  const block = blockBetween(past, at, { increments, rules });
  const isHeard = block !== undefined && block.canary.total > 0;
  // Counters that have gone say nothing of callers: whoever scraped them may be broken.
  const isGone = counters.length === 0 && past.counters.length > 0;
  const isQuiet = block === undefined && !isGone;
  const read: MetricState = {
    ...past,
    counters: rememberCounters(past.counters, counters, at),
    readAt: at,
    heardAt: hasOwn(reading, rules) ? at : past.heardAt,
    silentSince: isHeard ? undefined : silenceFrom(past, at, past.silentSince),
    quietSince: isQuiet ? silenceFrom(past, at, past.quietSince) : undefined,
    failure: undefined,
    query,
  };
  return block === undefined ? read : judge(read, { block, increments, counters }, rules);
}

/** A read that shows nothing speaks of the time since the one before, if that one was good. */
function silenceFrom(
  { failure, readAt }: MetricState,
  at: number,
  since: number | undefined,
): number {
  return since ?? (failure === undefined ? (readAt ?? at) : at);
}

function hasOwn({ counters }: CountersReading, rules: AdvanceRules): boolean {
  return counters.some(
    ({ workload }) => workload === rules.canaryWorkload || workload === rules.primaryWorkload,
  );
}

function blockBetween(
  past: Pick<MetricState, "readAt" | "counters">,
  at: number,
  {
    increments,
    rules,
  }: { readonly increments: readonly PodCounter[]; readonly rules: AdvanceRules },
): Block | undefined {
  if (past.readAt === undefined) return undefined;
  const kind = rules.kind === "Latency" ? "Latency" : "Ratio";
  const canary = sumOf(increments, rules.canaryWorkload, kind);
  const stable = sumOf(increments, rules.primaryWorkload, kind);
  if (canary.total + stable.total <= 0) return undefined;
  const own = increments.filter(
    ({ workload }) => workload === rules.canaryWorkload || workload === rules.primaryWorkload,
  );
  const startAt = countedSince(past.counters, own, past.readAt);
  return { startAt, endAt: at, canary, stable };
}

function sumOf(increments: readonly PodCounter[], workload: string, kind: Counts["kind"]): Counts {
  return increments
    .filter((increment) => increment.workload === workload)
    .reduce((sum, { counts }) => addCounts(sum, counts), emptyCounts(kind));
}

/**
 * Judges a new block, in the order of the design: the limit, of both versions, then the comparison of one with the other,
 * which keeps its evidence whatever the limit says.
 */
function judge(state: MetricState, reported: ReportedBlock, rules: AdvanceRules): MetricState {
  const { block, counters } = reported;
  const dispersion = dispersionAt(state.comparison, rules.limit.max, ownPods(counters, rules));
  const certain = { ...rules, dispersion };
  const blocks = appendBlock(state.blocks, block);
  const isNew = block.startAt >= (state.comparedUntil ?? 0);
  const metric = { ...rules, compare: rules.compare };
  const judged = {
    ...state,
    blocks,
    stable: advanceStable(state.stable, blocks, certain),
    comparison: isNew ? compareBlock(state.comparison, reported, metric) : state.comparison,
  };
  const { outcome, window } = judgeLimit(blocks, certain, state.judgedAt);
  const judgedAt = block.endAt;
  switch (outcome) {
    case "Breach":
      return {
        ...judged,
        breaches: state.breaches + 1,
        breachedAt: state.breachedAt ?? block.endAt,
        provenBy: window,
        judgedAt,
      };
    case "Holds":
      return { ...judged, ...unbroken, judgedAt };
    case "Open":
      return judged;
  }
}
