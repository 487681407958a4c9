/** Makes a check of what is known of one metric: a verdict and a sentence with the numbers. Decides nothing else. */

import { assessComparison, judgeExclusion } from "./assess-comparison.ts";
import {
  type AssessInput,
  type Finding,
  judgeRead,
  judgeSilence,
  staleAfterMs,
  toAssessment,
  wordRun,
} from "./assess-input.ts";
import { assessValue } from "./assess-value.ts";
import type { Assessment } from "./check.ts";
import { placeOf } from "./limit.ts";
import { limitWindowMs, maxSamplesShown } from "./limits.ts";
import type { Block } from "./measure.ts";
import { measureCounts } from "./value.ts";
import { growWindow } from "./window.ts";
import { wordMeasured, wordNumber, wordRequests, wordSpan } from "./wording.ts";

/** A finding and the blocks that it speaks of. */
interface Judgement extends Finding {
  readonly window: Block | undefined;
}

/**
 * The check of one metric now. In this order:
 * - Fail: `consecutive` judged blocks in a row were beyond the limit. Older evidence stands while reads fail.
 * - Error: the latest read failed, or no read has come for too long (see `fresh`).
 * - Fail: nothing was seen of the canary for as long as the spec tolerates.
 * - NoData: nothing was read yet, or there were no requests in either version of late.
 * - Inconclusive: the canary is silent, the latest numbers are beyond the limit but not yet a Fail, or the requests
 *   since `evidenceFrom` are too few.
 * - Inconclusive: the comparison with stable has not excluded enough; nothing else is missing.
 * - Pass: at least `minSamples` canary requests since `evidenceFrom`, and their value is within the limit.
 */
export function assessMetric(input: AssessInput): Assessment {
  const { facts } = input;
  if (facts.kind === "Value") return assessValue(input);
  const judgement = withComparison(input, judge(input));
  const { window } = judgement;
  const value = (arm: "canary" | "stable"): number | undefined =>
    window === undefined ? undefined : measureCounts(window[arm], facts.quantile)?.value;
  return toAssessment(input, judgement, {
    canaryValue: value("canary"),
    stableValue: value("stable"),
    samples: Math.min(maxSamplesShown, Math.round(window?.canary.total ?? 0)),
    compared: assessComparison(input),
  });
}

/** Who holds the limit must also be short of what is harmful beside stable. */
function withComparison(input: AssessInput, judgement: Judgement): Judgement {
  if (judgement.verdict !== "Pass") return judgement;
  const held = judgeExclusion(input);
  if (held === undefined) return judgement;
  return { ...held, message: `${judgement.message}; ${held.message}`, window: judgement.window };
}

function judge(input: AssessInput): Judgement {
  const { blocks, breaches } = input.facts.state;
  const { minSamples, consecutive } = input.limit;
  const recent = growWindow(blocks, { minSamples, maxSpanMs: limitWindowMs });
  if (recent !== undefined && breaches >= consecutive) {
    const window = input.facts.state.provenBy ?? recent;
    return { verdict: "Fail", message: `${describe(input, window)}, ${wordRun(breaches)}`, window };
  }
  return judgeReads(input, recent) ?? judgeTraffic(input, recent) ?? judgeEvidence(input, recent);
}

/** Error, NoData, or a Fail for want of data: whether anything is known at all. */
function judgeReads(input: AssessInput, recent: Block | undefined): Judgement | undefined {
  const finding = judgeRead(input);
  if (finding !== undefined) return { ...finding, window: recent };
  const silence = judgeSilence(input);
  if (silence !== undefined) return { ...silence, window: undefined };
  if (recent === undefined || input.now - recent.endAt > staleAfterMs(input)) {
    return {
      verdict: "NoData",
      message: "nobody calls the service: no requests to either version",
      window: undefined,
    };
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
