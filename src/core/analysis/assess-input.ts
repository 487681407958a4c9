/** What every check has in common, however its metric is measured: its input, and whether anything is known at all. */
import type { MetricLimit } from "../../api/canary-spec.ts";
import type { Verdict } from "../../api/canary-status.ts";
import type { MetricFacts } from "../canary/snapshot.ts";
import type { Check } from "./check.ts";
import { wordSpan } from "./wording.ts";

/** What a check is made from. */
export interface AssessInput {
  readonly facts: MetricFacts;
  readonly limit: MetricLimit;
  readonly intervalSeconds: number;
  /** Only blocks that start, and values read, at or after this instant (ms) count towards Pass; undefined: none may pass yet. */
  readonly evidenceFrom: number | undefined;
  /** True at weight 0, where no canary requests are expected. */
  readonly canaryMayBeSilent: boolean;
  /** Now, ms. */
  readonly now: number;
}

/** A verdict and why. */
export interface Finding {
  readonly verdict: Verdict;
  readonly message: string;
}

/** The numbers that a finding speaks of. */
interface Numbers {
  readonly canaryValue: number | undefined;
  readonly stableValue: number | undefined;
  readonly samples: number;
}

/** Age at which a reading, or the newest block, no longer tells what happens now, ms. */
export function staleAfterMs({ facts, intervalSeconds }: AssessInput): number {
  return 1000 * (2 * Math.max(intervalSeconds, facts.scrapeSeconds) + facts.queryTimeoutSeconds);
}

/** Error and NoData: the latest read failed, none has come for too long, or none has come at all. */
export function judgeRead(input: AssessInput): Finding | undefined {
  const { failure, readAt } = input.facts.state;
  if (failure !== undefined) {
    return { verdict: "Error", message: `${failure.reason}: ${failure.message}` };
  }
  if (readAt === undefined) return { verdict: "NoData", message: "nothing was read yet" };
  const age = input.now - readAt;
  return age > staleAfterMs(input)
    ? { verdict: "Error", message: `the latest reading is ${wordSpan(age)} old` }
    : undefined;
}

/** "in 1 check", "in 3 checks in a row". */
export function wordRun(breaches: number): string {
  return breaches === 1 ? "in 1 check" : `in ${breaches} checks in a row`;
}

/** The check: a finding with its numbers, and what is known of the metric whatever was found. */
export function toCheck(
  input: AssessInput,
  { verdict, message }: Finding,
  numbers: Numbers,
): Check {
  const { name, state } = input.facts;
  return {
    metric: name,
    verdict,
    message,
    ...numbers,
    limit: input.limit.max,
    breaches: state.breaches,
    breachedAt: state.breachedAt,
    fresh: state.readAt !== undefined && input.now - state.readAt <= staleAfterMs(input),
    query: state.query,
    at: latestOf(state.readAt, state.failure?.at),
  };
}

function latestOf(...instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
