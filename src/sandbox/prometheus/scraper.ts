/**
 * Reads every target into the store and marks what ended, as Prometheus' scrape loop does: `up` per target,
 * staleness markers for series and targets that vanish. Decides nothing about when.
 */
import type { ExposedSample, ScrapeTarget, ScrapeTargets } from "../scrape-target.ts";
import type { Labels } from "./label-set.ts";
import { labelSignature } from "./label-set.ts";
import type { Series, SeriesStore } from "./series-store.ts";

/** A target for as long as it exists; its id is never given to another. */
export interface KnownTarget {
  readonly id: number;
  readonly target: ScrapeTarget;
}

/** A series as one target exposes it, and the round in which that was last so. */
interface ExposedSeries {
  readonly series: Series;
  round: number;
}

interface TargetState {
  readonly id: number;
  target: ScrapeTarget;
  round: number;
  readonly up: ExposedSeries | undefined;
  readonly exposed: Map<Series, ExposedSeries>;
  /** Finds the series of a labels object seen before without looking at its labels. */
  readonly cache: WeakMap<Labels, Map<string, ExposedSeries>>;
}

const UP = "up";
const COLLISION_PREFIX = "exported_";

export class Scraper {
  readonly #targets: ScrapeTargets;
  readonly #store: SeriesStore;
  readonly #states = new Map<string, TargetState>();
  #round = 0;
  #nextId = 0;

  constructor(targets: ScrapeTargets, store: SeriesStore) {
    this.#targets = targets;
    this.#store = store;
  }

  /** One round over all targets; their samples get the same time. */
  scrape(atMs: number): void {
    this.#round += 1;
    for (const state of this.#discover()) this.#scrapeTarget(state, atMs);
    for (const [key, state] of this.#states) {
      if (state.round === this.#round) continue;
      this.#endUnseen(state, atMs);
      this.#states.delete(key);
    }
    this.#store.removeExpired(atMs);
  }

  /** The targets that exist now, with the ids that stay theirs. */
  knownTargets(): readonly KnownTarget[] {
    return [...this.#discover()];
  }

  /** Targets with equal labels are one, as in Prometheus. */
  #discover(): ReadonlySet<TargetState> {
    const found = new Set<TargetState>();
    for (const target of this.#targets.list()) {
      const key = labelSignature(target.labels);
      const state = this.#states.get(key) ?? this.#addTarget(key, target);
      state.target = target;
      found.add(state);
    }
    return found;
  }

  #addTarget(key: string, target: ScrapeTarget): TargetState {
    const up = this.#store.series(UP, target.labels);
    const state: TargetState = {
      id: this.#nextId,
      target,
      round: 0,
      up: up === undefined ? undefined : { series: up, round: 0 },
      exposed: new Map(),
      cache: new WeakMap(),
    };
    this.#nextId += 1;
    this.#states.set(key, state);
    return state;
  }

  #scrapeTarget(state: TargetState, atMs: number): void {
    state.round = this.#round;
    const samples = collect(state.target);
    for (const sample of samples ?? []) this.#record(state, sample, atMs);
    this.#endUnseen(state, atMs);
    if (state.up !== undefined) {
      this.#store.append(state.up.series, atMs, samples === undefined ? 0 : 1);
    }
  }

  #record(state: TargetState, sample: ExposedSample, atMs: number): void {
    const exposed = this.#resolve(state, sample);
    if (exposed === undefined) return;
    exposed.round = this.#round;
    this.#store.append(exposed.series, atMs, sample.value);
  }

  #resolve(state: TargetState, { name, labels }: ExposedSample): ExposedSeries | undefined {
    const cached = state.cache.get(labels)?.get(name);
    if (cached !== undefined && state.exposed.get(cached.series) === cached) return cached;
    const series = this.#store.series(name, mergeLabels(labels, state.target.labels));
    if (series === undefined) return undefined;
    const exposed = state.exposed.get(series) ?? { series, round: this.#round };
    state.exposed.set(series, exposed);
    const byName = state.cache.get(labels) ?? new Map<string, ExposedSeries>();
    state.cache.set(labels, byName.set(name, exposed));
    return exposed;
  }

  /** Ends what this round did not see: some series of a target, or everything of a target that is gone. */
  #endUnseen(state: TargetState, atMs: number): void {
    for (const exposed of state.exposed.values()) {
      if (exposed.round === this.#round) continue;
      exposed.series.samples.markStale(atMs);
      state.exposed.delete(exposed.series);
    }
    if (state.round !== this.#round) state.up?.series.samples.markStale(atMs);
  }
}

/** A target that cannot be read is down; why is of no interest here. */
function collect(target: ScrapeTarget): readonly ExposedSample[] | undefined {
  try {
    return target.collect();
  } catch {
    return undefined;
  }
}

/** The target's labels win; an exposed label of the same name is kept as `exported_…` (honor_labels: false). */
function mergeLabels(exposed: Labels, target: Labels): Labels {
  const merged: Record<string, string> = { ...target };
  for (const [name, value] of Object.entries(exposed)) {
    merged[Object.hasOwn(target, name) ? COLLISION_PREFIX + name : name] = value;
  }
  return merged;
}
