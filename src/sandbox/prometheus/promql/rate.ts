/**
 * rate, increase and irate over the samples of one series, with Prometheus' rules for counter resets and for
 * extrapolation to the edges of the window (extrapolatedRate in promql/functions.go of Prometheus 3).
 */
import type { RangeSamples } from "../sample-ring.ts";
import type { RangeFunction } from "./ast.ts";

/** The window (startMs, endMs] that a range selector covered. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** Samples further from the edge than this many mean spacings are taken as the series' start or end. */
const EXTRAPOLATION_THRESHOLD = 1.1;

/** undefined when the window holds fewer than the two samples that it takes. */
export function applyRangeFunction(
  name: RangeFunction,
  samples: RangeSamples,
  window: Window,
): number | undefined {
  switch (name) {
    case "increase":
      return increase(samples, window);
    case "rate": {
      const total = increase(samples, window);
      return total === undefined ? undefined : total / ((window.endMs - window.startMs) / 1000);
    }
    case "irate":
      return instantRate(samples);
  }
}

function increase({ times, values }: RangeSamples, window: Window): number | undefined {
  const firstMs = times[0];
  const lastMs = times.at(-1);
  const first = values[0];
  if (firstMs === undefined || lastMs === undefined || first === undefined || times.length < 2) {
    return undefined;
  }
  const growth = growthWithResets(values);
  const sampledMs = lastMs - firstMs;
  const spacingMs = sampledMs / (times.length - 1);
  let toStartMs = edgeDistance(firstMs - window.startMs, spacingMs);
  if (growth > 0 && first >= 0) {
    // A counter is never negative: do not extrapolate past the point where it was zero.
    toStartMs = Math.min(toStartMs, sampledMs * (first / growth));
  }
  const toEndMs = edgeDistance(window.endMs - lastMs, spacingMs);
  return growth * ((sampledMs + toStartMs + toEndMs) / sampledMs);
}

function growthWithResets(values: readonly number[]): number {
  let growth = (values.at(-1) ?? 0) - (values[0] ?? 0);
  let previous = values[0] ?? 0;
  for (const value of values) {
    if (value < previous) growth += previous;
    previous = value;
  }
  return growth;
}

function edgeDistance(distanceMs: number, spacingMs: number): number {
  return distanceMs < spacingMs * EXTRAPOLATION_THRESHOLD ? distanceMs : spacingMs / 2;
}

function instantRate({ times, values }: RangeSamples): number | undefined {
  const [beforeMs, lastMs] = times.slice(-2);
  const [before, last] = values.slice(-2);
  if (beforeMs === undefined || lastMs === undefined) return undefined;
  if (before === undefined || last === undefined) return undefined;
  const growth = last < before ? last : last - before;
  return growth / ((lastMs - beforeMs) / 1000);
}
