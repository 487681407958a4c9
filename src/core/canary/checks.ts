/** Judges every metric of a release once, under the rules of the stage it is in. */

import type { CanarySpec, Metric } from "../../api/canary-spec.ts";
import type { CanaryStatus } from "../../api/canary-status.ts";
import { assessMetric } from "../analysis/assess.ts";
import type { Check } from "../analysis/check.ts";
import type { CompareTerms } from "../analysis/compared.ts";
import { fromOptionalInstant } from "../instant.ts";
import { excessToExclude, marginsOf } from "./compared.ts";
import { judgeTogether } from "./joint-evidence.ts";
import { decides } from "./skip-analysis.ts";
import type { MetricFacts, Snapshot } from "./snapshot.ts";
import { isMirror } from "./stages.ts";
import { latencyLimitsFrom, ratioLimitsFrom } from "./warmup.ts";

/** One check per metric, in the order of the spec; none while the spec or its metrics are unknown. */
export function assessChecks(snapshot: Snapshot, now: number): readonly Check[] {
  if (snapshot.spec.kind !== "Known" || snapshot.metrics.kind !== "Known") return [];
  const spec = snapshot.spec.value;
  const { analysis } = spec;
  const canaryMayBeSilent = isCanarySilenceExpected(snapshot);
  const failsAfterMs = spec.rollback.withinSeconds * 1000;
  const checks = snapshot.metrics.value.flatMap((facts, index) => {
    const metric = analysis.metrics[index];
    if (metric === undefined) return [];
    const assessment = assessMetric({
      facts: withoutOldBreaches(facts, snapshot.status),
      limit: metric.limit,
      intervalSeconds: analysis.intervalSeconds,
      evidenceFrom: evidenceFrom(facts, snapshot, analysis.warmupSeconds),
      routedSince: routedSince(snapshot.status),
      failsAfterSilenceMs: metric.onNoData === "Fail" ? failsAfterMs : undefined,
      canaryMayBeSilent,
      compare: compareTerms(spec, snapshot.status, { metric, facts }),
      now,
    });
    return { ...assessment, decides: decides(spec, metric), onFail: metric.onFail };
  });
  return judgeTogether(checks, analysis.falseRollbackProbability);
}

function compareTerms(
  spec: CanarySpec,
  status: CanaryStatus,
  { metric, facts }: { readonly metric: Metric; readonly facts: MetricFacts },
): CompareTerms | undefined {
  const margins = isMirror(status.release?.stage) ? undefined : marginsOf(metric, facts.kind);
  if (margins === undefined) return undefined;
  const beta = spec.analysis.harmfulPromotionProbability;
  return { margins, beta, excess: excessToExclude(spec, status, margins) };
}

/** A stage's traffic is missed from the moment on at which it was decided, once it is routed. */
function routedSince({ release }: CanaryStatus): number | undefined {
  const stage = release?.stage;
  return stage?.routedAt === undefined
    ? undefined
    : fromOptionalInstant(stage.shiftedAt ?? stage.routedAt);
}

/** Breaches of the version before may still be remembered in the first pass of a release: they fail nobody else. */
function withoutOldBreaches(facts: MetricFacts, status: CanaryStatus): MetricFacts {
  const { breachedAt } = facts.state;
  return breachedAt === undefined || breachedAt >= ratioLimitsFrom(status)
    ? facts
    : { ...facts, state: { ...facts.state, breaches: 0, breachedAt: undefined } };
}

/** What people read first where numbers are waited for: the metric that cannot be read, and why. */
export function whyUnread(checks: readonly Check[]): string | undefined {
  const unread = checks.find((check) => check.verdict === "Error");
  return unread === undefined ? undefined : `${unread.metric}: ${unread.message}`;
}

/** No requests are expected while the routes, as they are, give the canary none, nor copies. */
function isCanarySilenceExpected(snapshot: Snapshot): boolean {
  const { routes } = snapshot;
  if (routes.kind !== "Known") return false;
  return routes.value.canaryWeight === 0 && routes.value.mirror === undefined;
}

function evidenceFrom(
  facts: MetricFacts,
  snapshot: Snapshot,
  warmupSeconds: number,
): number | undefined {
  const confirmedAt = stageConfirmedAt(snapshot.status);
  if (confirmedAt === undefined || facts.kind !== "Latency") return confirmedAt;
  return Math.max(confirmedAt, latencyLimitsFrom(snapshot.status, snapshot.pods, warmupSeconds));
}

function stageConfirmedAt(status: CanaryStatus): number | undefined {
  return fromOptionalInstant(status.release?.stage?.trafficConfirmedAt);
}
