/**
 * The time series that were scraped, found by name and labels through an inverted index. Decides which series a
 * set of matchers selects; knows neither PromQL nor where samples come from.
 */
import type { LabelMatcher } from "./label-matcher.ts";
import type { Labels } from "./label-set.ts";
import { labelSignature, labelValue, METRIC_NAME, normalizeLabels } from "./label-set.ts";
import { SampleRing } from "./sample-ring.ts";

export interface Series {
  readonly name: string;
  readonly labels: Labels;
  readonly samples: SampleRing;
}

export interface SeriesStoreOptions {
  readonly retentionMs: number;
  readonly maxSeries: number;
}

type Postings = Map<string, Set<Series>>;

export class SeriesStore {
  readonly #options: SeriesStoreOptions;
  readonly #series = new Map<string, Series>();
  readonly #index = new Map<string, Postings>();

  constructor(options: SeriesStoreOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#series.size;
  }

  /** The series of that name and those labels, made if need be; undefined when the store is full. */
  series(name: string, labels: Labels): Series | undefined {
    const normalized = normalizeLabels(labels);
    const key = seriesKey(name, normalized);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    if (this.#series.size >= this.#options.maxSeries) return undefined;
    const series: Series = { name, labels: normalized, samples: new SampleRing() };
    this.#series.set(key, series);
    this.#eachPosting(series, (postings, value) => {
      const members = postings.get(value);
      if (members === undefined) postings.set(value, new Set([series]));
      else members.add(series);
    });
    return series;
  }

  /** Appends a sample and forgets those of the same series that are older than the retention. */
  append(series: Series, atMs: number, value: number): void {
    series.samples.append(atMs, value);
    series.samples.forgetBefore(atMs - this.#options.retentionMs);
  }

  /** Removes the series whose newest sample is older than the retention; returns those removed. */
  removeExpired(nowMs: number): readonly Series[] {
    const oldestMs = nowMs - this.#options.retentionMs;
    const expired: Series[] = [];
    for (const series of this.#series.values()) {
      if (series.samples.lastAtMs < oldestMs) expired.push(series);
    }
    for (const series of expired) this.#remove(series);
    return expired;
  }

  /** Series that satisfy all matchers, in the order in which they first appeared per index entry. */
  select(matchers: readonly LabelMatcher[]): readonly Series[] {
    const driver = this.#narrowest(matchers);
    const rest = matchers.filter((matcher) => matcher !== driver.matcher);
    const selected: Series[] = [];
    for (const series of driver.candidates) {
      if (rest.every((matcher) => matcher.matches(labelValue(series, matcher.label)))) {
        selected.push(series);
      }
    }
    return selected;
  }

  /** The matcher with a known list of values that selects fewest series; all series when there is none. */
  #narrowest(matchers: readonly LabelMatcher[]): {
    readonly matcher: LabelMatcher | undefined;
    readonly candidates: Iterable<Series>;
  } {
    let best: { matcher: LabelMatcher; sets: readonly Set<Series>[]; size: number } | undefined;
    for (const matcher of matchers) {
      if (matcher.candidates === undefined || matcher.candidates.has("")) continue;
      const sets = this.#postings(matcher.label, matcher.candidates);
      const size = sets.reduce((sum, set) => sum + set.size, 0);
      if (best === undefined || size < best.size) best = { matcher, sets, size };
    }
    if (best === undefined) return { matcher: undefined, candidates: this.#series.values() };
    return { matcher: best.matcher, candidates: best.sets.flatMap((set) => [...set]) };
  }

  #postings(label: string, values: ReadonlySet<string>): readonly Set<Series>[] {
    const postings = this.#index.get(label);
    if (postings === undefined) return [];
    const sets: Set<Series>[] = [];
    for (const value of values) {
      const set = postings.get(value);
      if (set !== undefined) sets.push(set);
    }
    return sets;
  }

  #remove(series: Series): void {
    this.#series.delete(seriesKey(series.name, series.labels));
    this.#eachPosting(series, (postings, value) => {
      const members = postings.get(value);
      members?.delete(series);
      if (members?.size === 0) postings.delete(value);
    });
  }

  #eachPosting(series: Series, visit: (postings: Postings, value: string) => void): void {
    visit(this.#postingsOf(METRIC_NAME), series.name);
    for (const [label, value] of Object.entries(series.labels)) {
      visit(this.#postingsOf(label), value);
    }
  }

  #postingsOf(label: string): Postings {
    const known = this.#index.get(label);
    if (known !== undefined) return known;
    const postings: Postings = new Map();
    this.#index.set(label, postings);
    return postings;
  }
}

function seriesKey(name: string, labels: Labels): string {
  return `${name}\u00fe${labelSignature(labels)}`;
}
