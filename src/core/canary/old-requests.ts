/** Errors of the version that was superseded are not those of the version that superseded it: its last requests are waited for. */
import type { CanaryStatus } from "../../api/canary-status.ts";
import { fromInstant } from "../instant.ts";
import { isBeforeFirstWeight } from "./first-weight.ts";
import { type Guard, met, unmet } from "./guard.ts";
import { propagationSeconds } from "./rollback-bound.ts";
import type { Situation } from "./situation.ts";

/**
 * Asked before the first weight alone: where another version had traffic under the same name until just now, no block that begins
 * before its last requests were scraped may be judged, and from the first request on every block is. So the first request
 * waits: for propagation, a scrape, and the interval in which the block began. A named person's command does not.
 */
export function areOldRequestsTold(s: Situation): Guard {
  const endedAt = isBeforeFirstWeight(s) ? supersededAt(s.status) : undefined;
  if (endedAt === undefined) return met("");
  const dueAt = endedAt + 1000 * secondsToTell(s);
  return s.now >= dueAt
    ? met("")
    : unmet("waiting until callers have told of the last requests to the version before", dueAt);
}

/** When the latest of those that superseded each other lost its traffic, ms; undefined if none had any. */
function supersededAt({ history = [] }: CanaryStatus): number | undefined {
  const before = history.find((one) => one.outcome === "Superseded" && one.peakWeight > 0);
  return before && fromInstant(before.endedAt);
}

function secondsToTell({ spec, snapshot: { metrics } }: Situation): number {
  if (spec === undefined) return 0;
  const scrapes = metrics.kind === "Known" ? metrics.value : [];
  const scrapeSeconds = Math.max(0, ...scrapes.map((metric) => metric.scrapeSeconds));
  const blockSeconds = Math.max(spec.analysis.intervalSeconds, scrapeSeconds);
  return propagationSeconds(spec) + scrapeSeconds + blockSeconds;
}
