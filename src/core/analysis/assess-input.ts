/** What every check has in common, however its metric is measured: its input, and whether anything is known at all. */
import type { MetricLimit } from "../../api/canary-spec.ts";
import type { Verdict } from "../../api/canary-status.ts";
import type { FailureReason } from "../../api/conditions.ts";
import type { MetricFacts } from "../canary/snapshot.ts";
import type { Assessment } from "./check.ts";
import type { Compared, CompareTerms } from "./compared.ts";
import { isBreachShared } from "./stable.ts";
import { wordSpan } from "./wording.ts";

/** What a check is made from. */
export interface AssessInput {
  readonly facts: MetricFacts;
  readonly limit: MetricLimit;
  readonly intervalSeconds: number;
  /** Only blocks that start, and values read, at or after this instant (ms) count towards Pass; undefined: none may pass yet. */
  readonly evidenceFrom: number | undefined;
  /** Since when (ms) the routes have sent the new version traffic in this stage; undefined: they do not yet. */
  readonly routedSince: number | undefined;
  /** Silence (ms) under traffic that fails the metric; undefined: none does. */
  readonly failsAfterSilenceMs: number | undefined;
  /** True at weight 0, where no canary requests are expected. */
  readonly canaryMayBeSilent: boolean;
  /** How it is compared with stable; undefined: by its limit alone. */
  readonly compare?: CompareTerms | undefined;
  /** Now, ms. */
  readonly now: number;
}

/** A verdict and why. */
export interface Finding {
  readonly verdict: Verdict;
  readonly message: string;
  /** True where nothing but the comparison with stable keeps it from passing. */
  readonly isHeld?: boolean;
  /** Why it fails, where it is for another reason than the limit, and since when, ms. */
  readonly failure?: { readonly reason: FailureReason; readonly since: number };
}

/** The numbers that a finding speaks of. */
interface Numbers {
  readonly canaryValue: number | undefined;
  readonly stableValue: number | undefined;
  readonly samples: number;
  readonly compared: Compared | undefined;
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

/** Fail, where the spec asks for it: the provider answers, traffic is routed, and it has shown nothing of the canary. */
export function judgeSilence(input: AssessInput): Finding | undefined {
  const { facts, routedSince, failsAfterSilenceMs, canaryMayBeSilent, now } = input;
  const { silentSince } = facts.state;
  if (failsAfterSilenceMs === undefined || canaryMayBeSilent) return undefined;
  if (silentSince === undefined || routedSince === undefined) return undefined;
  const since = Math.max(silentSince, routedSince);
  if (now - since < failsAfterSilenceMs) return undefined;
  const message = `no data on the new version for ${wordSpan(now - since)}, while the provider answers`;
  return { verdict: "Fail", message, failure: { reason: "MetricNoData", since } };
}

/** "in 1 check", "in 3 checks in a row". */
export function wordRun(breaches: number): string {
  return breaches === 1 ? "in 1 check" : `in ${breaches} checks in a row`;
}

/** The assessment: a finding with its numbers, and what is known of the metric whatever was found. */
export function toAssessment(input: AssessInput, finding: Finding, numbers: Numbers): Assessment {
  const { verdict, message, failure, isHeld = false } = finding;
  const { name, state } = input.facts;
  return {
    metric: name,
    verdict,
    message,
    isHeld,
    ...numbers,
    limit: input.limit.max,
    breaches: state.breaches,
    failure: verdict === "Fail" ? (failure?.reason ?? "MetricLimitExceeded") : undefined,
    breachedAt: failure?.since ?? state.breachedAt,
    isShared: isBreachShared(state, input.limit, staleAfterMs(input)),
    fresh: state.readAt !== undefined && input.now - state.readAt <= staleAfterMs(input),
    query: state.query,
    at: latestOf(state.readAt, state.failure?.at),
  };
}

function latestOf(...instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
