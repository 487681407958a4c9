/**
 * Kayenta's judge at a fixed 10 %: a point every 30 s of each metric and version, judged as one growing window after 10,
 * 20 and 30 minutes. Both metrics are critical.
 */
import { p99, type Tally } from "../traces/tally.ts";
import type { Ending, Telemetry, Version } from "../traces/telemetry.ts";
import { shiftOf } from "./mann-whitney.ts";

const weight = 10;
const pointSeconds = 30;
const judgeSeconds = 600;
const lifetimeSeconds = 1800;
const tolerance = 0.25;
/** With at least this share of the points missing a metric has no data. */
const missingShare = 0.5;

const metrics: readonly ((tally: Tally) => number)[] = [
  ({ requests, errors }) => errors / requests,
  p99,
];

interface Points {
  readonly canary: readonly number[];
  readonly stable: readonly number[];
}

export function runKayenta(telemetry: Telemetry): Ending {
  const points = metrics.map((): Record<Version, number[]> => ({ canary: [], stable: [] }));
  telemetry.setWeight(weight);
  for (let second = pointSeconds; second <= lifetimeSeconds; second += pointSeconds) {
    telemetry.advance(second);
    const tallies = {
      canary: telemetry.increase("canary", 60),
      stable: telemetry.increase("stable", 60),
    };
    for (const [index, value] of metrics.entries())
      for (const version of ["canary", "stable"] as const) {
        const tally = tallies[version];
        points[index]?.[version].push(tally === undefined ? Number.NaN : value(tally));
      }
    if (second % judgeSeconds === 0 && !points.every(isPassed))
      return { kind: "RolledBack", second };
  }
  return { kind: "Promoted", second: lifetimeSeconds };
}

/** False where the metric is classified High, or has no data. */
export function isPassed({ canary, stable }: Points): boolean {
  const [experiment, control] = [canary, stable].map((values) => values.filter(Number.isFinite));
  if (experiment === undefined || control === undefined) return false;
  const least = canary.length * (1 - missingShare);
  if (experiment.length <= least || control.length <= least) return false;
  const { estimate, low } = shiftOf(experiment, control);
  const isHigh = low > tolerance * Math.abs(estimate) && mean(experiment) >= mean(control);
  return !isHigh;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
