/** The two thresholds that Flagger's and Argo Rollouts' examples ask for: 99 % without an error, P99 of half a second. */
import { p99, successShare, type Tally } from "../traces/tally.ts";

const leastSuccess = 0.99;
const mostMs = 500;

/** NaN, of no requests, fails every comparison. */
export function isSuccessful(tally: Tally, least = leastSuccess): boolean {
  return successShare(tally) >= least;
}

export function isFast(tally: Tally): boolean {
  return p99(tally) <= mostMs;
}
