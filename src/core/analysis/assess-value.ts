/** Makes a check of what is known of one value metric. The verdicts are those of requests, by plain counts of checks. */
import {
  type AssessInput,
  type Finding,
  judgeRead,
  judgeSilence,
  toAssessment,
  wordRun,
} from "./assess-input.ts";
import type { Assessment } from "./check.ts";
import { wordSpan, wordValue } from "./wording.ts";

/**
 * The check of one value metric now. In this order:
 * - Fail: `consecutive` new values in a row were beyond the limit. Older evidence stands while reads fail.
 * - Error: the latest read failed, or no read has come for too long.
 * - Fail: nothing was seen of the canary for as long as the spec tolerates.
 * - NoData: nothing was read yet, or the query gives no number for the new version (Inconclusive at weight 0).
 * - Inconclusive: the latest values are beyond the limit but not yet a Fail, or too few were read since `evidenceFrom`.
 * - Pass: as many new values in a row since `evidenceFrom` as it takes to fail, all within the limit.
 */
export function assessValue(input: AssessInput): Assessment {
  const { latestValues } = input.facts.state;
  return toAssessment(input, judge(input), {
    canaryValue: finite(latestValues?.canary),
    stableValue: finite(latestValues?.stable),
    samples: 0,
    compared: undefined,
  });
}

/** Status and metrics have no word for infinity. */
function finite(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function judge(input: AssessInput): Finding {
  const { limit, facts } = input;
  const { breaches, values } = facts.state;
  const newest = values.at(-1);
  if (newest !== undefined && breaches >= limit.consecutive) {
    return { verdict: "Fail", message: `${describe(input, newest.value)}, ${wordRun(breaches)}` };
  }
  return judgeRead(input) ?? judgeSilence(input) ?? judgePresence(input) ?? judgeEvidence(input);
}

function judgePresence({ facts, canaryMayBeSilent }: AssessInput): Finding | undefined {
  if (facts.state.latestValues?.canary !== undefined) return undefined;
  const message = "the query gives no number for the new version";
  return canaryMayBeSilent
    ? { verdict: "Inconclusive", message: `${message}, and none is expected at weight 0` }
    : { verdict: "NoData", message };
}

function judgeEvidence(input: AssessInput): Finding {
  const { facts, limit, evidenceFrom } = input;
  const { latestValues, breaches, values } = facts.state;
  const latest = latestValues?.canary ?? 0;
  const held = (because: string): Finding => ({
    verdict: "Inconclusive",
    message: `${describe(input, latest)}; ${because}`,
  });
  if (breaches > 0) return held(`beyond it in ${breaches} of ${limit.consecutive} checks`);
  if (latest > limit.max) return held("beyond it, but not judged yet");
  if (evidenceFrom === undefined) return held("not counted as evidence yet");
  const counted = values.filter(({ at }) => at >= evidenceFrom).slice(-limit.consecutive);
  const good = counted.filter(({ value }) => value <= limit.max).length;
  if (good >= limit.consecutive) return { verdict: "Pass", message: describe(input, latest) };
  const missing = limit.consecutive - good;
  const span = wordSpan(1000 * missing * Math.max(input.intervalSeconds, facts.scrapeSeconds));
  return held(`needs ${missing} more ${missing === 1 ? "check" : "checks"}, about ${span}`);
}

function describe({ facts, limit }: AssessInput, value: number): string {
  return `${wordValue(value, facts.unit)}, limit ${wordValue(limit.max, facts.unit)}`;
}
