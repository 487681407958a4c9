/**
 * Since when the metrics of a release have given no usable data. A read that fails, or finds no counter of either version
 * although there were some, is none; a service that nobody calls at the moment still shows its counters.
 */
import type { ReleaseStatus } from "../../api/canary-status.ts";
import type { MetricState } from "../analysis/metric-state.ts";
import { fromInstant, fromOptionalInstant } from "../instant.ts";
import type { MetricFacts, Snapshot } from "./snapshot.ts";

/**
 * Instant (ms) until which every metric gave usable data: from memory, else as last written down, and no earlier than the
 * stage's weight was decided, since that was decided on data. Undefined without a stage, and until every metric was asked:
 * whoever has just taken over has not looked yet.
 */
export function usableUntil(snapshot: Snapshot): number | undefined {
  const { release } = snapshot.status;
  const metrics = decidingMetrics(snapshot);
  if (release?.stage === undefined || metrics.length === 0) return undefined;
  if (!metrics.every(({ state }) => isAsked(state))) return undefined;
  const { shiftedAt, enteredAt } = release.stage;
  const written = fromOptionalInstant(release.heardAt) ?? Number.NEGATIVE_INFINITY;
  const read = Math.min(...metrics.map((metric) => lastUsable(metric, snapshot)));
  return Math.max(written, read, fromInstant(shiftedAt ?? enteredAt));
}

/** What a dry run gives is missed by nobody, nor is anything where nothing is judged. */
function decidingMetrics({ spec, metrics }: Snapshot): readonly MetricFacts[] {
  if (spec.kind !== "Known" || metrics.kind !== "Known" || spec.value.skipAnalysis) return [];
  return metrics.value.filter((_, index) => spec.value.analysis.metrics[index]?.dryRun === false);
}

function isAsked({ readAt, failure }: MetricState): boolean {
  return readAt !== undefined || failure !== undefined;
}

/**
 * What is found empty is usable while this release never found anything: then nobody has called it yet; and where the spec
 * lets a service pass that nobody calls.
 */
function lastUsable({ state }: MetricFacts, { spec, status }: Snapshot): number {
  const isNeverHeard = state.heardAt === undefined && status.release?.heardAt === undefined;
  const mayBeSilent =
    spec.kind === "Known" && spec.value.analysis.onNoTraffic.action === "PromoteAfterSeconds";
  const usableAt = isNeverHeard || mayBeSilent ? state.readAt : state.heardAt;
  return usableAt ?? Number.NEGATIVE_INFINITY;
}

/** Instant (ms) of the latest data of every metric, to be written down; undefined if one has given none in this release. */
export function heardAtOf(snapshot: Snapshot, release: ReleaseStatus): number | undefined {
  const metrics = decidingMetrics(snapshot);
  if (metrics.length === 0) return undefined;
  const heard = Math.min(...metrics.map(({ state }) => state.heardAt ?? Number.NEGATIVE_INFINITY));
  return heard >= fromInstant(release.startedAt) ? heard : undefined;
}
