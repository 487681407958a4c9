/** Where the canary's quantile surely lies, for people who read a status. Nothing is decided on it. */
import type { MetricStatus } from "../../api/canary-status.ts";
import { addCounts, emptyCounts } from "../analysis/counts.ts";
import type { Counts } from "../analysis/measure.ts";
import { quantileInterval } from "../analysis/sequential/quantile-interval.ts";
import type { Situation } from "./situation.ts";
import { ratioLimitsFrom } from "./warmup.ts";

/** The interval of a latency over all requests of the release; empty of other metrics, and while nothing is sure. */
export function latencyInterval(
  metric: string,
  { snapshot, spec, status }: Pick<Situation, "snapshot" | "spec" | "status">,
): Pick<MetricStatus, "interval"> {
  const metrics = snapshot.metrics.kind === "Known" ? snapshot.metrics.value : [];
  const facts = metrics.find(({ name }) => name === metric);
  if (facts?.kind !== "Latency" || spec === undefined) return {};
  const since = ratioLimitsFrom(status);
  const counts = facts.state.blocks
    .filter(({ startAt }) => startAt >= since)
    .reduce<Counts>((sum, { canary }) => addCounts(sum, canary), emptyCounts("Latency"));
  if (counts.kind !== "Latency") return {};
  const alpha = spec.analysis.harmfulPromotionProbability;
  const { above, atMost } = quantileInterval(counts, facts.quantile, alpha);
  if (above === undefined && atMost === undefined) return {};
  return {
    interval: { ...(above !== undefined && { above }), ...(atMost !== undefined && { atMost }) },
  };
}
