/** When limits begin to apply: what callers report of earlier pods is no evidence, and fresh processes are slow. */
import type { CanaryStatus } from "../../api/canary-status.ts";
import type { Fact } from "../fact.ts";
import { fromOptionalInstant } from "../instant.ts";
import type { Pods } from "./snapshot.ts";
import { isMirror } from "./stages.ts";

/**
 * Instant (ms) from which latency limits apply: `warmupSeconds` after the first live traffic was routed to the
 * release, and after its newest ready pod became ready. Infinity before there was any traffic.
 */
export function latencyLimitsFrom(
  status: CanaryStatus,
  pods: Fact<Pods>,
  warmupSeconds: number,
): number {
  const firstTrafficAt = firstRequestsAt(status);
  if (firstTrafficAt === undefined) return Number.POSITIVE_INFINITY;
  const readyAt =
    pods.kind === "Known"
      ? pods.value.canary.filter((pod) => pod.isReady).map((pod) => pod.readyChangedAt)
      : [];
  return Math.max(firstTrafficAt, ...readyAt) + warmupSeconds * 1000;
}

/**
 * The earliest end (ms) of a block that holds no request answered before `from` (ms): it counts what came in an interval (or
 * between two slower scrapes), and each pod's last scrape may have been a whole scrape interval before it began. The
 * rollback bound has room for both.
 */
export function pureBlocksFrom(
  from: number,
  intervalSeconds: number,
  scrapeSeconds: number,
): number {
  return from + 1000 * (Math.max(intervalSeconds, scrapeSeconds) + scrapeSeconds);
}

/**
 * Instant (ms) from which the limits of ratios apply: when the release was first given traffic. What callers report
 * before was answered by the pods of another version. Infinity until then.
 */
export function ratioLimitsFrom({ release }: CanaryStatus): number {
  const instants = [release?.firstTrafficAt, release?.stage?.shiftedAt].map(fromOptionalInstant);
  return Math.min(...instants.map((at) => at ?? Number.POSITIVE_INFINITY));
}

/** When the first live requests were routed to the release, or in a mirror stage the first copies. */
function firstRequestsAt({ release }: CanaryStatus): number | undefined {
  const copiesAt = isMirror(release?.stage) ? release?.stage?.routedAt : undefined;
  return fromOptionalInstant(release?.firstTrafficAt ?? copiesAt);
}
