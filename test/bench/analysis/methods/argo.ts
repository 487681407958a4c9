/**
 * Argo Rollouts' rule: steps by the clock; beside them each metric is measured on its own, and the release is aborted
 * when one has failed more often than its failureLimit, or gave an error more often in a row than is allowed.
 */
import type { Tally } from "../traces/tally.ts";
import type { Ending, Telemetry } from "../traces/telemetry.ts";
import { isFast, isSuccessful } from "./thresholds.ts";

const failureLimit = 3;
const consecutiveErrorLimit = 4;

/** Undefined is an error: there is no series to measure. */
type Measure = (telemetry: Telemetry) => boolean | undefined;

interface Plan {
  readonly weights: readonly number[];
  readonly stepSeconds: number;
  /** First measurement, seconds. */
  readonly from: number;
  readonly intervalSeconds: number;
  readonly metrics: readonly Measure[];
}

function ofCanary(windowSeconds: number, passes: (tally: Tally) => boolean): Measure {
  return (telemetry) => {
    const tally = telemetry.increase("canary", windowSeconds);
    return tally === undefined ? undefined : passes(tally);
  };
}

/** As its documentation has it: irate, 95 %, every 5 min from 40 % on. */
export function runArgoDocs(telemetry: Telemetry): Ending {
  const success: Measure = (source) => {
    const tally = source.latestIncrease("canary", 300);
    return tally === undefined ? undefined : isSuccessful(tally, 0.95);
  };
  return runPlan(telemetry, {
    weights: [20, 40, 60, 80],
    stepSeconds: 600,
    from: 600,
    intervalSeconds: 300,
    metrics: [success],
  });
}

const byTwoMinutes = {
  weights: [10, 20, 30, 40, 50],
  stepSeconds: 120,
  from: 60,
  intervalSeconds: 60,
};

/** Tuned: every minute, 99 % and P99 of half a second. */
export function runArgoMinute(telemetry: Telemetry): Ending {
  const metrics = [ofCanary(60, (tally) => isSuccessful(tally)), ofCanary(60, isFast)];
  return runPlan(telemetry, { ...byTwoMinutes, metrics });
}

/** What people write themselves: the canary's share of errors against 1.2 × stable's, over 5 min, every minute. */
export function runHandRatio(telemetry: Telemetry): Ending {
  const ratio: Measure = (source) => {
    const [canary, stable] = [source.increase("canary", 300), source.increase("stable", 300)];
    if (canary === undefined || stable === undefined) return undefined;
    const most = Math.max(1.2 * (stable.errors / stable.requests), 1e-4);
    return canary.errors / canary.requests <= most;
  };
  return runPlan(telemetry, { ...byTwoMinutes, metrics: [ratio] });
}

function runPlan(telemetry: Telemetry, plan: Plan): Ending {
  const { weights, stepSeconds, from, intervalSeconds } = plan;
  const end = weights.length * stepSeconds;
  const runs = plan.metrics.map((measure) => ({ measure, failed: 0, errors: 0 }));
  const instants = new Set<number>([...weights.keys()].map((step) => step * stepSeconds));
  for (let second = from; second <= end; second += intervalSeconds) instants.add(second);
  for (const second of [...instants].sort((a, b) => a - b)) {
    telemetry.advance(second);
    if (second >= from && (second - from) % intervalSeconds === 0) {
      for (const run of runs) {
        const passes = run.measure(telemetry);
        run.errors = passes === undefined ? run.errors + 1 : 0;
        run.failed += passes === false ? 1 : 0;
      }
      if (
        runs.some(({ failed, errors }) => failed > failureLimit || errors > consecutiveErrorLimit)
      )
        return { kind: "RolledBack", second };
    }
    const weight = second % stepSeconds === 0 ? weights[second / stepSeconds] : undefined;
    if (weight !== undefined) telemetry.setWeight(weight);
  }
  return { kind: "Promoted", second: end };
}
