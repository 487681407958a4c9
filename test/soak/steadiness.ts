/**
 * Whether a process that works on and on stays the same: growth of each measured thing over the measured time, by the
 * median of all pairwise slopes (Theil and Sen), against a bound. Knows nothing of where the samples come from.
 */
import type { Sample } from "./sample.ts";

export interface Bound {
  readonly name: string;
  readonly unit: string;
  readonly of: (sample: Sample) => number;
  /** Largest growth over the measured time, in per cent of the median; at least `least` in its unit. */
  readonly percent: number;
  readonly least: number;
}

export interface Steadiness {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Over the measured time. */
  readonly growth: number;
  /** Limits of the growth, within which it lies with 99 % by Sen's interval. */
  readonly growthFrom: number;
  readonly growthTo: number;
  readonly bound: number;
  readonly perHour: number;
  /** False: it grew by more than the bound, and more than the scatter of the samples explains. */
  readonly isFlat: boolean;
}

const mega = 1e6;

/** Of what is sampled, in the order of the report. */
export const bounds: readonly Bound[] = [
  {
    name: "resident memory",
    unit: "MB",
    of: ({ residentBytes }) => residentBytes / mega,
    percent: 8,
    least: 8,
  },
  {
    name: "heap after collection",
    unit: "MB",
    of: ({ heapBytes }) => heapBytes / mega,
    percent: 5,
    least: 2,
  },
  {
    name: "external memory",
    unit: "MB",
    of: ({ externalBytes }) => externalBytes / mega,
    percent: 10,
    least: 1,
  },
  { name: "open files", unit: "", of: ({ handles }) => handles, percent: 10, least: 3 },
  { name: "sockets", unit: "", of: ({ sockets }) => sockets, percent: 10, least: 3 },
  { name: "timers", unit: "", of: ({ timers }) => timers, percent: 15, least: 5 },
  { name: "listeners", unit: "", of: ({ listeners }) => listeners, percent: 15, least: 10 },
  { name: "abort signals", unit: "", of: ({ signals }) => signals, percent: 15, least: 10 },
  // Label values that were not met before come for a while; what a Canary leaves behind is looked for by its name.
  { name: "series of /metrics", unit: "", of: ({ series }) => series, percent: 10, least: 150 },
];

/** Normal quantile for 99 %, both sides. */
const sureAt = 2.576;

/** Needs three samples or more; throws a RangeError for fewer. */
export function judge(bound: Bound, samples: readonly Sample[]): Steadiness {
  if (samples.length < 3) throw new RangeError(`${samples.length} samples show no trend`);
  const points = samples.map((sample) => ({ at: sample.atMs, value: bound.of(sample) }));
  const slopes = pairwiseSlopes(points);
  const spanMs = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
  const [from, to] = senInterval(slopes, points.length);
  const values = points.map(({ value }) => value).toSorted((a, b) => a - b);
  const median = quantile(values, 0.5);
  const growth = quantile(slopes, 0.5) * spanMs;
  const allowed = Math.max(bound.least, (median * bound.percent) / 100);
  return {
    name: bound.name,
    unit: bound.unit,
    median,
    min: values[0] ?? Number.NaN,
    max: values.at(-1) ?? Number.NaN,
    growth,
    growthFrom: from * spanMs,
    growthTo: to * spanMs,
    bound: allowed,
    perHour: quantile(slopes, 0.5) * 3_600_000,
    isFlat: growth <= allowed || from <= 0,
  };
}

/** Sorted. */
function pairwiseSlopes(
  points: readonly { readonly at: number; readonly value: number }[],
): readonly number[] {
  const slopes: number[] = [];
  for (const [index, earlier] of points.entries())
    for (const later of points.slice(index + 1))
      if (later.at > earlier.at)
        slopes.push((later.value - earlier.value) / (later.at - earlier.at));
  return slopes.toSorted((a, b) => a - b);
}

/** Sen 1968: ranks of the slopes that the interval of Kendall's S ends at, no ties assumed. */
function senInterval(slopes: readonly number[], count: number): readonly [number, number] {
  const deviation = Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
  const half = sureAt * deviation;
  const at = (rank: number): number =>
    slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(rank)))] ?? Number.NaN;
  return [at((slopes.length - half) / 2), at((slopes.length + half) / 2)];
}

function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
