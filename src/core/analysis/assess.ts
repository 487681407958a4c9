/** Makes a check of what is known of one metric: a verdict and a sentence with the numbers. Decides nothing else. */
import type { MetricLimit } from "../../api/canary-spec.ts";
import type { Verdict } from "../../api/canary-status.ts";
import type { MetricFacts } from "../canary/snapshot.ts";
import type { Check } from "./check.ts";
import { placeOf, provingWindow } from "./limit.ts";
import { limitWindowMs, maxSamplesShown } from "./limits.ts";
import type { Block } from "./measure.ts";
import { measureCounts } from "./value.ts";
import { growWindow } from "./window.ts";
import { wordMeasured, wordNumber, wordRequests, wordSpan } from "./wording.ts";

/** What a check is made from. */
export interface AssessInput {
  readonly facts: MetricFacts;
  readonly limit: MetricLimit;
  readonly intervalSeconds: number;
  /** Only blocks that start at or after this instant (ms) count towards Pass; undefined: none may pass yet. */
  readonly evidenceFrom: number | undefined;
  /** True at weight 0, where no canary requests are expected. */
  readonly canaryMayBeSilent: boolean;
  /** Now, ms. */
  readonly now: number;
}

/** A verdict, why, and the blocks that it speaks of. */
interface Judgement {
  readonly verdict: Verdict;
  readonly message: string;
  readonly window: Block | undefined;
}

/**
 * The check of one metric now. In this order:
 * - Fail: `consecutive` judged blocks in a row were beyond the limit. Older evidence stands while reads fail.
 * - Error: the latest read failed, or no read has come for too long (see `fresh`).
 * - NoData: nothing was read yet, or there were no requests in either version of late.
 * - Inconclusive: the canary is silent, the latest numbers are beyond the limit but not yet a Fail, or the requests
 *   since `evidenceFrom` are too few.
 * - Pass: at least `minSamples` canary requests since `evidenceFrom`, and their value is within the limit.
 */
export function assessMetric(input: AssessInput): Check {
  const { facts, limit, now } = input;
  const { state } = facts;
  const { verdict, message, window } = judge(input);
  const value = (arm: "canary" | "stable"): number | undefined =>
    window === undefined ? undefined : measureCounts(window[arm], facts.quantile)?.value;
  return {
    metric: facts.name,
    verdict,
    message,
    canaryValue: value("canary"),
    stableValue: value("stable"),
    limit: limit.max,
    samples: Math.min(maxSamplesShown, Math.round(window?.canary.total ?? 0)),
    breaches: state.breaches,
    breachedAt: state.breachedAt,
    fresh: state.readAt !== undefined && now - state.readAt <= staleAfterMs(input),
    query: state.query,
    at: latestOf(state.readAt, state.failure?.at),
  };
}

/** Age at which a reading, or the newest block, no longer tells what happens now, ms. */
function staleAfterMs({ facts, intervalSeconds }: AssessInput): number {
  return 1000 * (2 * Math.max(intervalSeconds, facts.scrapeSeconds) + facts.queryTimeoutSeconds);
}

function judge(input: AssessInput): Judgement {
  const { blocks, breaches } = input.facts.state;
  const { minSamples, consecutive } = input.limit;
  const recent = growWindow(blocks, { minSamples, maxSpanMs: limitWindowMs });
  if (recent !== undefined && breaches >= consecutive) {
    const run = breaches === 1 ? "in 1 check" : `in ${breaches} checks in a row`;
    const window = provingWindow(blocks, { ...input.facts, limit: input.limit }) ?? recent;
    return { verdict: "Fail", message: `${describe(input, window)}, ${run}`, window };
  }
  return judgeReads(input, recent) ?? judgeTraffic(input, recent) ?? judgeEvidence(input, recent);
}

/** Error and NoData: whether anything is known at all. */
function judgeReads(input: AssessInput, recent: Block | undefined): Judgement | undefined {
  const { failure, readAt } = input.facts.state;
  const finding = (verdict: Verdict, message: string): Judgement => ({
    verdict,
    message,
    window: recent,
  });
  if (failure !== undefined) return finding("Error", `${failure.reason}: ${failure.message}`);
  if (readAt === undefined) return finding("NoData", "nothing was read yet");
  const age = input.now - readAt;
  if (age > staleAfterMs(input)) {
    return finding("Error", `the latest reading is ${wordSpan(age)} old`);
  }
  if (recent === undefined || input.now - recent.endAt > staleAfterMs(input)) {
    return { ...finding("NoData", "no requests to either version"), window: undefined };
  }
  return undefined;
}

/** Inconclusive because the canary is silent, or because the latest numbers speak against it. */
function judgeTraffic(input: AssessInput, recent: Block | undefined): Judgement | undefined {
  const { facts, limit, now } = input;
  const span = staleAfterMs(input);
  const isHeard = facts.state.blocks.some(
    ({ canary, endAt }) => canary.total > 0 && now - endAt <= span,
  );
  if (!isHeard) {
    const message = input.canaryMayBeSilent
      ? "no canary requests, and none are expected at weight 0"
      : `no canary requests in the last ${wordSpan(span)}`;
    return { verdict: "Inconclusive", message, window: undefined };
  }
  if (recent === undefined || placeOf(recent.canary, { ...facts, limit }) !== "Beyond") {
    return undefined;
  }
  const message = `${describe(input, recent)}; ${wordBreaches(input)}`;
  return { verdict: "Inconclusive", message, window: recent };
}

/** Pass, or Inconclusive because there is not enough to pass on. */
function judgeEvidence(input: AssessInput, recent: Block | undefined): Judgement {
  const { facts, limit, evidenceFrom } = input;
  const { minSamples } = limit;
  const held = (because: string, window = recent): Judgement => ({
    verdict: "Inconclusive",
    message: window === undefined ? because : `${describe(input, window)}; ${because}`,
    window,
  });
  if (evidenceFrom === undefined) return held("not counted as evidence yet");
  const window = growWindow(facts.state.blocks, { minSamples, startsFrom: evidenceFrom });
  const missing = minSamples - (window?.canary.total ?? 0);
  if (window === undefined || missing > 0) return held(wordMissing(input, missing), window);
  const place = placeOf(window.canary, { ...facts, limit });
  if (place === "Unknown") return held("the histogram's bounds end below the limit", window);
  if (place === "Beyond" || facts.state.breaches > 0) return held(wordBreaches(input), window);
  return { verdict: "Pass", message: describe(input, window), window };
}

function wordBreaches({ facts, limit }: AssessInput): string {
  const { breaches } = facts.state;
  if (breaches === 0) return "beyond it, but not surely";
  return `surely beyond it in ${breaches} of ${limit.consecutive} checks`;
}

/** How many requests are missing and, by the rate of the last minute, for how long. */
function wordMissing({ facts, now }: AssessInput, missing: number): string {
  const needs = `needs ${wordRequests(Math.ceil(missing), "more canary ")}`;
  const minute = growWindow(facts.state.blocks, {
    minSamples: Number.POSITIVE_INFINITY,
    maxSpanMs: limitWindowMs,
  });
  if (minute === undefined || minute.canary.total <= 0) return needs;
  const rate = minute.canary.total / Math.max(1, now - minute.startAt);
  return `${needs}, about ${wordSpan(missing / rate)}`;
}

function describe({ facts, limit }: AssessInput, { canary }: Block): string {
  return `${wordMeasured(canary, facts)}, limit ${wordNumber(limit.max)} ${facts.unit}`;
}

function latestOf(...instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
