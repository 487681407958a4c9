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

/** What tells a proxy's series apart: the Service, the other end, and the kind of answer. */
export interface SeriesKey {
  readonly service: string;
  readonly peer: string;
  readonly answer: string;
}

export interface ProxyMetrics {
  /** `key` stands for the labels, which are built only when the series is born. */
  record(key: SeriesKey, labels: () => Labels, answers: Answers): void;
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
  // Nested, as joining long texts to one key would be most of a tick's work.
  const byService = new Map<string, Map<string, Map<string, Series>>>();
  const all: Series[] = [];
  return {
    record(key, labels, answers) {
      if (answers.count === 0) return;
      const byPeer = getOrAdd(byService, key.service, () => new Map<string, Map<string, Series>>());
      const byAnswer = getOrAdd(byPeer, key.peer, () => new Map<string, Series>());
      const series = getOrAdd(byAnswer, key.answer, () => {
        const born = createSeries(labels());
        all.push(born);
        return born;
      });
      addTo(series, answers);
    },
    collect: () => all.flatMap(exposeSeries),
    restart() {
      byService.clear();
      all.length = 0;
    },
  };
}

function getOrAdd<T>(map: Map<string, T>, key: string, create: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}

function addTo(series: Series, { count, sumMs, bucketCounts }: Answers): void {
  const { buckets } = series;
  series.count += count;
  series.sumMs += sumMs;
  for (let place = 0; place < bucketCounts.length; place += 1) {
    const hits = bucketCounts[place] ?? 0;
    if (hits > 0) buckets[place] = (buckets[place] ?? 0) + hits;
  }
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
