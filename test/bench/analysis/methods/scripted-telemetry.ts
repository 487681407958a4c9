/** Telemetry that is written down, for tests: what each minute shows, whatever the weight. */
import { bounds } from "../traces/latency.ts";
import { emptyTally, type Tally } from "../traces/tally.ts";
import type { Telemetry, Version } from "../traces/telemetry.ts";

/** Tallies by second; undefined for no series. */
type Script = (second: number, version: Version) => Tally | undefined;

export interface ScriptedTelemetry extends Telemetry {
  /** Weights in the order in which they were set, with their seconds. */
  readonly weights: readonly (readonly [second: number, percent: number])[];
}

export function createScriptedTelemetry(script: Script): ScriptedTelemetry {
  const weights: (readonly [number, number])[] = [];
  let now = 0;
  return {
    weights,
    setWeight: (percent) => weights.push([now, percent]),
    advance: (second) => {
      now = second;
    },
    increase: (version) => script(now, version),
    latestIncrease: (version) => script(now, version),
    total: (version) => script(now, version) ?? emptyTally,
  };
}

/** Requests of which so many fail, and so many take as long as the slow bound says. */
export function tally(
  requests: number,
  errors = 0,
  slow: { readonly count?: number; readonly ms?: number } = {},
): Tally {
  const { count = 0, ms = 1000 } = slow;
  const buckets = [...emptyTally.buckets];
  buckets[bounds.indexOf(100)] = requests - count;
  buckets[bounds.indexOf(ms)] = (buckets[bounds.indexOf(ms)] ?? 0) + count;
  return { requests, errors, buckets };
}
