/** What the controller remembers of one Canary between passes. All of it may be lost at any time; the status may not. */
import type { StallReason } from "../api/conditions.ts";
import { emptyMetricState } from "../core/analysis/advance.ts";
import type { MetricState } from "../core/analysis/metric-state.ts";

export interface CanaryMemory {
  /** Whose measurements these are: the release's id, or another word for "no release". */
  measuredFor: string | undefined;
  readonly metrics: Map<string, MetricState>;
  readonly told: Set<string>;
  stall: { readonly reason: StallReason; readonly message: string } | undefined;
  /** Failed passes in a row. */
  failures: number;
  /** The actions of the latest pass, to notice when they change nothing. */
  latestActions: string | undefined;
}

/** Memories by key; a key that is gone is forgotten. */
export class Memories {
  readonly #byKey = new Map<string, CanaryMemory>();

  of(key: string): CanaryMemory {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const fresh: CanaryMemory = {
      measuredFor: undefined,
      metrics: new Map(),
      told: new Set(),
      stall: undefined,
      failures: 0,
      latestActions: undefined,
    };
    this.#byKey.set(key, fresh);
    return fresh;
  }

  keys(): readonly string[] {
    return [...this.#byKey.keys()];
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }

  /** Forgets everything, as a process does that no longer leads. */
  clear(): void {
    this.#byKey.clear();
  }
}

/** The state of one metric; counters survive from one release to the next, what was judged does not. */
export function metricState(memory: CanaryMemory, metric: string): MetricState {
  return memory.metrics.get(metric) ?? emptyMetricState;
}

/** Starts measuring for another release: the counters read so far stay as the point to count from. */
export function measureFor(memory: CanaryMemory, releaseId: string): void {
  if (memory.measuredFor === releaseId) return;
  memory.measuredFor = releaseId;
  for (const [name, state] of memory.metrics)
    memory.metrics.set(name, {
      ...emptyMetricState,
      counters: state.counters,
      readAt: state.readAt,
    });
}
