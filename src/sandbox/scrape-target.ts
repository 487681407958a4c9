/**
 * What the simulated mesh offers and the embedded Prometheus scrapes: one target per reporting pod, as a
 * real Prometheus sees them. Knows neither routing nor PromQL.
 */

/** One sample of one series as a target exposes it; histogram buckets are series with the label `le`. */
export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A reporting pod. Its labels (at least `pod`, `namespace`, `job`, `instance`) are added to each of its samples. */
export interface ScrapeTarget {
  readonly labels: Readonly<Record<string, string>>;
  collect(): readonly ExposedSample[];
}

/** Service discovery: the targets that exist now. A target that is gone gets staleness markers. */
export interface ScrapeTargets {
  list(): readonly ScrapeTarget[];
}
