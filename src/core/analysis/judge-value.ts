/** Judges the value that a query just gave against the limit: by plain counts, since nothing is known of its chance. */
import type { MetricLimit } from "../../api/canary-spec.ts";
import { maxValues } from "./limits.ts";
import type { MetricState } from "./metric-state.ts";

/** How a value is judged. */
export interface ValueRules {
  readonly limit: MetricLimit;
  /** Values from before this instant (ms) are not judged. */
  readonly limitAppliesFrom: number;
  readonly scrapeSeconds: number;
}

/**
 * The state after the latest good read. A value is new, and judged, if it was read at least one scrape interval after
 * the one judged before: sooner the same samples would count twice. A version without a value neither adds to a run of
 * breaches nor ends it.
 */
export function judgeValue(state: MetricState, rules: ValueRules): MetricState {
  const { readAt: at, values } = state;
  const value = state.latestValues?.canary;
  if (at === undefined || value === undefined || at < rules.limitAppliesFrom) return state;
  const before = values.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  if (at - before < 1000 * rules.scrapeSeconds) return state;
  const judged: MetricState = {
    ...state,
    values: [...values, { at, value }].slice(-maxValues),
    judgedAt: at,
  };
  return value > rules.limit.max
    ? { ...judged, breaches: state.breaches + 1, breachedAt: state.breachedAt ?? at }
    : { ...judged, breaches: 0, breachedAt: undefined };
}
