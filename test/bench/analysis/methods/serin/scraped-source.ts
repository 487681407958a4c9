/** Answers metric requests from what was scraped, as the Prometheus adapter would. */

import { boundsAround, boundsOf } from "../../../../../src/adapters/metrics/prometheus/buckets.ts";
import type { PodCounter } from "../../../../../src/core/analysis/measure.ts";
import type { MetricRequest, Reading } from "../../../../../src/ports/metric-source.ts";
import type { Exposure } from "../../traces/exposure.ts";
import { bounds } from "../../traces/latency.ts";
import type { Tally } from "../../traces/tally.ts";

/** Prometheus' own: older samples are not part of an answer, s. */
const lookbackSeconds = 300;
const allBounds = boundsOf(bounds.map(String));

/** What a read of the request would give at a second; with every bound of a histogram, or those that are asked for. */
export function readScraped(
  exposure: Exposure,
  request: MetricRequest,
  { second = exposure.second, isWhole = false } = {},
): Extract<Reading, { kind: "Counters" }> {
  const counters: PodCounter[] = [];
  for (const [index, { version, reporter }] of exposure.series.entries()) {
    const scrapedAt = exposure.scrapedAt(index, second);
    if (scrapedAt === undefined || second - scrapedAt >= lookbackSeconds) continue;
    const tally = exposure.latest(index, second);
    // Nobody has a series of requests that were never made.
    if (tally.requests === 0) continue;
    const workload = version === "canary" ? request.canaryWorkload : request.primaryWorkload;
    counters.push({
      workload,
      pod: podName(exposure, workload, reporter),
      counts: countsOf(tally, request, isWhole),
    });
  }
  return { kind: "Counters", counters, query: request.id };
}

/** Pods report on themselves, callers on both versions. */
function podName({ reporters }: Exposure, workload: string, reporter: number): string {
  return reporters === "Pods" ? `${workload}-${reporter}` : `caller-${reporter}`;
}

function countsOf(
  tally: Tally,
  { template, limit, bounds: compared = [] }: MetricRequest,
  isWhole: boolean,
): PodCounter["counts"] {
  if (template.ratio !== undefined)
    return { kind: "Ratio", total: tally.requests, bad: tally.errors };
  const read = boundsAround(allBounds, limit);
  let below = 0;
  const cumulative = bounds.map((le, bucket) => {
    below += tally.buckets[bucket] ?? 0;
    return { le, count: below };
  });
  return {
    kind: "Latency",
    total: tally.requests,
    buckets: cumulative.filter(({ le }) => isWhole || read.has(le) || compared.includes(le)),
  };
}
