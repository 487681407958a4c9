/**
 * The comparison of one metric, block by block: evidence for a rollback, evidence for a promotion, and the noise that both are
 * weakened by. Bad requests are errors, or for latencies requests above each of a few bounds. Knows neither stages nor verdicts.
 */

import { addCounts } from "../counts.ts";
import type { Counts, LatencyCounts } from "../measure.ts";
import { addToTest, type BoundTest, newTest } from "./bound-test.ts";
import type { ComparisonRules } from "./comparison-rules.ts";
import { dispersionOf, type OwnPods, reportersOf } from "./dispersion.ts";
import { chooseBounds, countAbove, requestsToChoose } from "./latency-bounds.ts";
import { logMean } from "./log-sum.ts";
import type { PodCounts } from "./pod-counts.ts";
import { excludedExcess, logPromotionEvidence, requestsToExclude } from "./promotion-evidence.ts";
import { logRollbackEvidence } from "./rollback-evidence.ts";

/** What has been seen: O(1), however long a release takes. */
export interface Comparison {
  /** One for a ratio; of a latency one per bound, none until they are chosen. */
  readonly tests: readonly BoundTest[];
  /** Stable's durations until the bounds are chosen. */
  readonly history: LatencyCounts | undefined;
}

/** One block of both versions. */
export interface ComparedBlock {
  readonly canary: Counts;
  readonly stable: Counts;
  /** Stable's requests by reporting pod. */
  readonly stablePods: readonly PodPart[];
  /** How many pods report on themselves, by version; undefined where callers report on both. */
  readonly pods: OwnPods;
}

/** What one pod reports. */
export interface PodPart {
  readonly pod: string;
  readonly counts: Counts;
}

/** Nothing seen yet. */
export function newComparison(kind: ComparisonRules["kind"]): Comparison {
  return kind === "Ratio"
    ? { tests: [newTest(undefined)], history: undefined }
    : { tests: [], history: undefined };
}

/** The comparison after a block. Bounds are chosen, and noise is told, from the blocks before it alone. */
export function addToComparison(
  past: Comparison,
  block: ComparedBlock,
  rules: ComparisonRules,
): Comparison {
  const { tests, history } = withBounds(past, rules);
  const compared = tests.map((test) => {
    const counts = countsFor(test, block);
    return counts === undefined ? test : addToTest(test, { ...counts, pods: block.pods }, rules);
  });
  const isChosen = compared.length > 0 || block.stable.kind !== "Latency";
  return {
    tests: compared,
    history: isChosen ? undefined : addHistory(history, block.stable),
  };
}

/** The comparison with bounds chosen from these durations too, if they suffice; of errors it stays as it is. */
export function chooseFrom(past: Comparison, durations: Counts, limit: number): Comparison {
  if (durations.kind !== "Latency" || past.tests.length > 0) return past;
  return withBounds({ ...past, history: addHistory(past.history, durations) }, { limit });
}

function withBounds(past: Comparison, { limit }: Pick<ComparisonRules, "limit">): Comparison {
  if (past.tests.length > 0 || past.history === undefined) return past;
  const tests = chooseBounds(past.history, limit).map(newTest);
  return tests.length > 0 ? { tests, history: undefined } : past;
}

function addHistory(history: LatencyCounts | undefined, counts: Counts): LatencyCounts | undefined {
  if (counts.kind !== "Latency") return history;
  const sum = history === undefined ? counts : addCounts(history, counts);
  return sum.kind === "Latency" ? sum : history;
}

/** The block as the test sees it; undefined where the histogram of a version lacks its bound. */
function countsFor({ above }: BoundTest, { canary, stable, stablePods }: ComparedBlock) {
  const bad = { canary: badOf(canary, above), stable: badOf(stable, above) };
  if (bad.canary === undefined || bad.stable === undefined) return undefined;
  return {
    canary: { requests: canary.total, bad: bad.canary },
    stable: { requests: stable.total, bad: bad.stable },
    stablePods: stablePods.flatMap(({ pod, counts }): PodCounts[] => {
      const own = badOf(counts, above);
      return own === undefined ? [] : [{ pod, requests: counts.total, bad: own }];
    }),
  };
}

function badOf(counts: Counts, above: number | undefined): number | undefined {
  if (counts.kind === "Ratio") return counts.bad;
  return above === undefined ? undefined : countAbove(counts, above);
}

/** The bounds at which requests are counted as slow, in the template's unit; none for errors, and while none is chosen. */
export function comparedBounds(comparison: Comparison | undefined): readonly number[] {
  return (comparison?.tests ?? []).flatMap(({ above }) => (above === undefined ? [] : [above]));
}

/** ln E against the canary: the mean over the bounds; 0 while none is chosen. */
export function logEvidenceAgainst({ tests }: Comparison): number {
  return tests.length === 0
    ? 0
    : logMean(tests.map(({ rollback }) => logRollbackEvidence(rollback)));
}

/** ln E for the canary against an excess (a share): every bound must exclude it, so the least; −Infinity while none is chosen. */
export function logEvidenceFor({ tests }: Comparison, excess: number): number {
  const logs = tests.map(({ promotion }) => logPromotionEvidence(promotion, excess));
  return logs.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...logs);
}

/** The smallest excess (a share) over r·p_s that every bound excludes at β; undefined where one excludes none. */
export function excessExcluded({ tests }: Comparison, beta: number): number | undefined {
  const all = tests.map(({ promotion }) => excludedExcess(promotion, beta));
  const known = all.filter((excess) => excess !== undefined);
  return known.length < all.length || known.length === 0 ? undefined : Math.max(...known);
}

/** Canary requests, beyond those seen, that exclude the excess on every bound if they go as before; undefined if unknown. */
export function requestsMissing(
  { tests }: Comparison,
  excess: number,
  beta: number,
): number | undefined {
  const all = tests.map(({ promotion }) => requestsToExclude(promotion, excess, beta));
  const known = all.filter((requests) => requests !== undefined);
  return known.length < all.length || known.length === 0 ? undefined : Math.max(...known);
}

/**
 * How many bad requests come together, at least 1: of errors, or of requests slower than the limit (in the template's unit),
 * which is one of the bounds. 1 while it is not known.
 */
export function dispersionAt(
  comparison: Comparison | undefined,
  limit: number,
  pods: OwnPods,
): number {
  const test = comparison?.tests.find(({ above }) => above === undefined || above >= limit);
  return test === undefined ? 1 : dispersionOf(test.dispersion, reportersOf(pods));
}

/** Canary requests that count towards a promotion. */
export function requestsCounted({ tests }: Comparison): number {
  return tests.length === 0 ? 0 : Math.min(...tests.map(({ promotion }) => promotion.requests));
}

/** Stable requests that are still missing before the bounds of a latency can be chosen; 0 once they are. */
export function requestsToBegin({ tests, history }: Comparison): number {
  return tests.length > 0 ? 0 : Math.max(0, requestsToChoose - (history?.total ?? 0));
}
