/** Errors of the version that was superseded are not those of the version that superseded it: its last requests are waited for. */
import { fromInstant } from "../instant.ts";
import { type Guard, met, unmet } from "./guard.ts";
import { propagationSeconds } from "./rollback-bound.ts";
import type { Situation } from "./situation.ts";

/**
 * Asked before the first weight alone: where another version had traffic under the same name until just now, no block that begins
 * before its last requests were scraped may be judged, and from the first request on every block is. So the first request
 * waits: for propagation, a scrape, and the interval in which the block began. A named person's command does not.
 */
export function areOldRequestsTold({ status, spec, snapshot, now }: Situation): Guard {
  const { release, history = [], canaryWeight = 0 } = status;
  // Of several that superseded each other, the latest that had any.
  const before = history.find((one) => one.outcome === "Superseded" && one.peakWeight > 0);
  const isFirst = canaryWeight === 0 && release?.stage?.shiftedAt === undefined;
  if (!isFirst || release?.stage?.byCommand !== undefined) return met("");
  if (spec === undefined || spec.skipAnalysis) return met("");
  if (before === undefined) return met("");
  const scrapes = snapshot.metrics.kind === "Known" ? snapshot.metrics.value : [];
  const scrapeSeconds = Math.max(0, ...scrapes.map((metric) => metric.scrapeSeconds));
  const blockSeconds = Math.max(spec.analysis.intervalSeconds, scrapeSeconds);
  const seconds = propagationSeconds(spec) + scrapeSeconds + blockSeconds;
  const dueAt = fromInstant(before.endedAt) + 1000 * seconds;
  return now >= dueAt
    ? met("")
    : unmet("waiting until callers have told of the last requests to the version before", dueAt);
}
