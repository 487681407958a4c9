/** What the controller remembers of one Canary between passes. All of it may be lost at any time; the status may not. */
import type { CanaryStatus } from "../api/canary-status.ts";
import type { StallReason } from "../api/conditions.ts";
import { emptyMetricState } from "../core/analysis/advance.ts";
import type { MetricState } from "../core/analysis/metric-state.ts";
import { loadComparison } from "../core/analysis/sequential/saved-comparison.ts";
import type { FrozenSpec } from "../core/canary/freeze.ts";
import { measuredFor, ofCopies } from "../core/canary/measured-for.ts";
import { fromOptionalInstant } from "../core/instant.ts";
import type { WorkloadScope } from "../ports/workloads.ts";

export interface CanaryMemory {
  /** Of the object that this is about: one created again under the same name is another. */
  uid: string | undefined;
  /** Whose measurements these are, see measuredFor. */
  measuredFor: string | undefined;
  readonly metrics: Map<string, MetricState>;
  /** Whose routes were found to carry more than its status says: what was measured before is of another time than the status. */
  carriedMore: string | undefined;
  readonly told: Set<string>;
  /** The spec that the release is held to, by the name under which it is kept. */
  held: { readonly revision: string; readonly content: FrozenSpec } | undefined;
  /** What only a human can mend, and since when (monotonic, ms) it is told so. */
  stall:
    | { readonly reason: StallReason; readonly message: string; readonly since: number }
    | undefined;
  /** Failed passes in a row. */
  failures: number;
  /** Why writes have failed for several passes in a row; undefined once they go through. */
  hindrance: string | undefined;
  /** What the latest pass did, to notice when it changes nothing. */
  latestDone: string | undefined;
  /** Whose pods are watched. */
  podScope: WorkloadScope | undefined;
  /** Instants of the status that were ahead of our clock at the first look, and when that was; see pastStatus. */
  ahead: { readonly instants: ReadonlySet<string>; readonly firstSeenAt: string } | undefined;
  /** The status that was last shown in logs and metrics. */
  reported: CanaryStatus | undefined;
}

/** Memories by key; a key that is gone is forgotten. */
export class Memories {
  readonly #byKey = new Map<string, CanaryMemory>();

  of(key: string): CanaryMemory {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const fresh: CanaryMemory = {
      uid: undefined,
      measuredFor: undefined,
      metrics: new Map(),
      carriedMore: undefined,
      told: new Set(),
      held: undefined,
      stall: undefined,
      failures: 0,
      hindrance: undefined,
      latestDone: undefined,
      podScope: undefined,
      ahead: undefined,
      reported: undefined,
    };
    this.#byKey.set(key, fresh);
    return fresh;
  }

  /** Every key of which something is remembered. */
  keys(): readonly string[] {
    return [...this.#byKey.keys()];
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }
}

/**
 * The state of one metric for the release `subject`. Of what was measured for another one only the counters stay, as
 * the point to count from: what was judged then speaks of another version.
 */
export function metricState(
  memory: CanaryMemory,
  metric: string,
  subject = memory.measuredFor,
): MetricState {
  const state = memory.metrics.get(metric) ?? emptyMetricState;
  return memory.measuredFor === subject ? state : beginAgain(state, memory.measuredFor, subject);
}

/**
 * From now on everything is measured for this release. Counters that were read before `freshFrom` (ms) are no point to count
 * from: what came since, while nobody looked, is no block of this release.
 */
export function measureFor(memory: CanaryMemory, subject: string, freshFrom = 0): void {
  const before = memory.measuredFor;
  if (before === subject) return;
  memory.measuredFor = subject;
  for (const [name, state] of memory.metrics) {
    const isFresh = (state.readAt ?? 0) >= freshFrom;
    memory.metrics.set(name, isFresh ? beginAgain(state, before, subject) : emptyMetricState);
  }
}

/** Whoever took noise and bounds over need not learn them again. */
const lookedBack = Number.POSITIVE_INFINITY;

/**
 * Whoever has nothing measured yet, after a restart or a change of leader, goes on with the comparisons that status has of the
 * same release and attempt. What cannot be read is begun anew.
 */
export function recallComparisons(memory: CanaryMemory, status: CanaryStatus): void {
  if (memory.measuredFor !== undefined || status.release === undefined) return;
  const subject = measuredFor(status);
  for (const { name, state } of status.analysis ?? []) {
    const comparison = state?.of === subject ? loadComparison(state) : undefined;
    const comparedUntil = fromOptionalInstant(state?.readAt);
    if (comparison !== undefined)
      memory.metrics.set(name, { ...emptyMetricState, comparison, comparedUntil, lookedBack });
  }
  memory.measuredFor = subject;
}

function beginAgain(state: MetricState, before = "", subject = ""): MetricState {
  if (before.endsWith(ofCopies) !== subject.endsWith(ofCopies)) return emptyMetricState;
  const { counters, readAt } = state;
  return { ...emptyMetricState, counters, readAt };
}
