/**
 * The two standard metrics of one reporting proxy, `istio_requests_total` and
 * `istio_request_duration_milliseconds`, as counters that are born at their first event. Knows nothing of what the
 * labels mean.
 */
import type { ExposedSample } from "../scrape-target.ts";
import { bucketBoundsMs } from "./latency.ts";
import type { Labels } from "./objects.ts";

/** Answers that share all their labels. */
export interface Answers {
  readonly count: number;
  /** Answers per bucket (not running totals), the last being +Inf; they add up to `count`. */
  readonly bucketCounts: readonly number[];
  readonly sumMs: number;
}

export interface ProxyMetrics {
  /** `key` stands for the labels, which are built only when the series is born. */
  record(key: string, labels: () => Labels, answers: Answers): void;
  collect(): readonly ExposedSample[];
  /** The process started again: every series is gone until its next event. */
  restart(): void;
}

interface Series {
  readonly labels: Labels;
  readonly bucketLabels: readonly Labels[];
  count: number;
  readonly buckets: number[];
  sumMs: number;
}

const bucketNames: readonly string[] = [...bucketBoundsMs.map(String), "+Inf"];

export function createProxyMetrics(): ProxyMetrics {
  const byKey = new Map<string, Series>();
  return {
    record(key, labels, answers) {
      if (answers.count === 0) return;
      const series = byKey.get(key) ?? createSeries(labels());
      byKey.set(key, series);
      series.count += answers.count;
      series.sumMs += answers.sumMs;
      for (const [place, count] of answers.bucketCounts.entries()) {
        series.buckets[place] = (series.buckets[place] ?? 0) + count;
      }
    },
    collect: () => [...byKey.values()].flatMap(exposeSeries),
    restart: () => byKey.clear(),
  };
}

/** A label with an empty value is the same as none, and is left out. */
function createSeries(all: Labels): Series {
  const labels = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
  return {
    labels,
    bucketLabels: bucketNames.map((le) => ({ ...labels, le })),
    count: 0,
    buckets: bucketNames.map(() => 0),
    sumMs: 0,
  };
}

function exposeSeries(series: Series): readonly ExposedSample[] {
  const { labels } = series;
  const duration = "istio_request_duration_milliseconds";
  const samples: ExposedSample[] = [
    { name: "istio_requests_total", labels, value: series.count },
    { name: `${duration}_count`, labels, value: series.count },
    { name: `${duration}_sum`, labels, value: series.sumMs },
  ];
  let upTo = 0;
  for (const [place, bucketLabels] of series.bucketLabels.entries()) {
    upTo += series.buckets[place] ?? 0;
    samples.push({ name: `${duration}_bucket`, labels: bucketLabels, value: upTo });
  }
  return samples;
}
