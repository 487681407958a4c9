/** What the comparison adds to a check: how much speaks against the canary, and whether enough is excluded to go on. */
import type { AssessInput, Finding } from "./assess-input.ts";
import type { Compared } from "./compared.ts";
import { limitWindowMs } from "./limits.ts";
import {
  type Comparison,
  excessExcluded,
  logEvidenceAgainst,
  logEvidenceFor,
  newComparison,
  requestsMissing,
  requestsToBegin,
} from "./sequential/comparison.ts";
import { requestsToPromote } from "./sequential/sizing.ts";
import { growWindow } from "./window.ts";
import { wordNumber, wordRequests, wordSpan } from "./wording.ts";

/** The comparison as it stands; undefined where the metric is judged by its limit alone. */
export function assessComparison({ facts, compare }: AssessInput): Compared | undefined {
  const { kind, state } = facts;
  if (compare === undefined || kind === "Value") return undefined;
  const comparison = state.comparison ?? newComparison(kind);
  return {
    kind,
    log: logEvidenceAgainst(comparison),
    excluded: excessExcluded(comparison, compare.beta),
    comparison: state.comparison,
    until: state.readAt ?? state.comparedUntil,
  };
}

/** Why a metric that holds its limit does not pass yet; undefined if enough is excluded, or nothing need be. */
export function judgeExclusion(input: AssessInput): Finding | undefined {
  const { compare, facts } = input;
  const compared = assessComparison(input);
  if (compare?.excess === undefined || compared === undefined || facts.kind === "Value")
    return undefined;
  const { comparison = newComparison(facts.kind), excluded } = compared;
  if (logEvidenceFor(comparison, compare.excess) >= Math.log(1 / compare.beta)) return undefined;
  const toBegin = requestsToBegin(comparison);
  if (toBegin > 0)
    return held(
      `held: ${wordRequests(Math.ceil(toBegin), "more stable ")} must show what is slow for this service`,
    );
  const missing = missingRequests(input, comparison, compare.excess);
  const now = excluded === undefined ? "none yet" : `now ${wordPoints(excluded)}`;
  const points = `an excess above ${wordPoints(compare.excess)} points`;
  return held(
    missing === undefined
      ? `held: ${points} is not excluded (${now}), and with these numbers will not be`
      : `held: ${wordRequests(Math.ceil(missing), "more canary ")} exclude ${points} (${now})${wordTime(input, missing)}`,
  );
}

function held(message: string): Finding {
  return { verdict: "Inconclusive", message, isHeld: true };
}

/** By what was counted so far; before anything was, by what a version as good as stable needs. */
function missingRequests(
  { facts, compare }: AssessInput,
  comparison: Comparison,
  excess: number,
): number | undefined {
  if (compare === undefined) return undefined;
  const isBegun = comparison.tests.some(({ promotion }) => promotion.requests > 0);
  if (isBegun) return requestsMissing(comparison, excess, compare.beta);
  const minute = growWindow(facts.state.blocks, { minSamples: Infinity, maxSpanMs: limitWindowMs });
  const stablePerCanary = (minute?.stable.total ?? 0) / Math.max(1, minute?.canary.total ?? 0);
  const needed = requestsToPromote({ ...compare.margins.harmful, excess }, compare.beta, {
    share: 0,
    stablePerCanary: Math.max(1, stablePerCanary),
    dispersion: 1,
  });
  return Number.isFinite(needed) ? needed : undefined;
}

function wordTime({ facts, now }: AssessInput, missing: number): string {
  const minute = growWindow(facts.state.blocks, { minSamples: Infinity, maxSpanMs: limitWindowMs });
  if (minute === undefined || minute.canary.total <= 0) return "";
  const rate = minute.canary.total / Math.max(1, now - minute.startAt);
  return `, about ${wordSpan(missing / rate)}`;
}

/** A share as percentage points. */
export function wordPoints(share: number): string {
  return wordNumber(100 * share);
}
