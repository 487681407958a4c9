/** Follows a status with what is measured for it: metrics and pods are read only while something is decided on them. */
import type { CanarySpec, Metric } from "../api/canary-spec.ts";
import type { AdvanceRules } from "../core/analysis/advance.ts";
import { comparedBounds } from "../core/analysis/sequential/comparison.ts";
import { compareRules } from "../core/canary/compared.ts";
import { arePodsEvidence, isMeasured } from "../core/canary/measured.ts";
import { measuredFor } from "../core/canary/measured-for.ts";
import { rollsBack } from "../core/canary/rollback-bound.ts";
import { decides } from "../core/canary/skip-analysis.ts";
import type { MetricFacts, Snapshot } from "../core/canary/snapshot.ts";
import { isMirror } from "../core/canary/stages.ts";
import { latencyLimitsFrom, pureBlocksFrom, ratioLimitsFrom } from "../core/canary/warmup.ts";
import type { Clock } from "../ports/clock.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { MetricRequest, Reporter } from "../ports/metric-source.ts";
import type { Workloads } from "../ports/workloads.ts";
import { type FindTemplate, templatesOf } from "./freeze.ts";
import { type CanaryMemory, measureFor } from "./memory.ts";
import type { Prober } from "./prober.ts";
import { metricRequest, workloadScope } from "./scopes.ts";
import type { Subject } from "./subject.ts";

interface MeasureDeps {
  readonly prober: Pick<Prober, "watch" | "unwatch">;
  readonly ports: {
    readonly cluster: Pick<Cluster, "template">;
    readonly workloads: Pick<Workloads, "watchPods">;
    readonly clock: Pick<Clock, "now">;
  };
}

/** Starts or stops measuring by what the snapshot says. Idempotent. */
export function followMeasures(
  key: string,
  snapshot: Snapshot,
  memory: CanaryMemory,
  { prober, ports }: MeasureDeps,
): void {
  if (snapshot.spec.kind !== "Known") return;
  const spec = snapshot.spec.value;
  const areWatched = arePodsEvidence(snapshot.status);
  const scope = workloadScope(snapshot.identity, spec);
  ports.workloads.watchPods(scope, areWatched);
  memory.podScope = areWatched ? scope : undefined;
  if (!isMeasured(snapshot.status) || snapshot.metrics.kind !== "Known") {
    prober.unwatch(key);
    return;
  }
  const subject = measuredFor(snapshot.status);
  if (carriesMore(snapshot)) memory.carriedMore = subject;
  const staleMs = longestPauseMs(spec, snapshot.metrics.value);
  measureFor(memory, subject, ports.clock.now() - staleMs);
  const find = templatesOf(snapshot.freeze, snapshot.identity, ports.cluster);
  const isUnderWay = hasTraffic(snapshot) && memory.carriedMore !== subject;
  prober.watch(
    key,
    subjectsOf(snapshot, spec, { facts: snapshot.metrics.value, find, isUnderWay }),
  );
}

/** The version under release gets requests, be they copies. */
function hasTraffic({ status: { canaryWeight = 0, release } }: Snapshot): boolean {
  return canaryWeight > 0 || isMirror(release?.stage);
}

function carriesMore({ routes, status }: Snapshot): boolean {
  return routes.kind === "Known" && routes.value.canaryWeight > (status.canaryWeight ?? 0);
}

/** Most that lies between two reads of a release that follows another at once, one of them left out: longer is a rest. */
function longestPauseMs({ analysis }: CanarySpec, metrics: readonly MetricFacts[]): number {
  const scrapes = metrics.map(({ scrapeSeconds }) => scrapeSeconds);
  return 1000 * (2 * analysis.intervalSeconds + Math.max(0, ...scrapes));
}

/** Measures nothing more for a Canary that is gone, or that another process looks after. */
export function endMeasures(
  key: string,
  memory: CanaryMemory,
  { prober, ports }: MeasureDeps,
): void {
  prober.unwatch(key);
  if (memory.podScope !== undefined) ports.workloads.watchPods(memory.podScope, false);
  memory.podScope = undefined;
}

interface SubjectInputs {
  /** One per metric of the spec, in its order. */
  readonly facts: readonly MetricFacts[];
  readonly find: FindTemplate;
  readonly isUnderWay: boolean;
}

function subjectsOf(
  snapshot: Snapshot,
  spec: CanarySpec,
  { facts, find, isUnderWay }: SubjectInputs,
): readonly Subject[] {
  const of = `${snapshot.identity.uid} ${measuredFor(snapshot.status)}`;
  const reporter: Reporter = isMirror(snapshot.status.release?.stage) ? "Pods" : "Callers";
  return spec.analysis.metrics.flatMap((metric, index) => {
    const template = find(metric.templateRef);
    const fact = facts[index];
    if (template.kind !== "Known" || fact === undefined) return [];
    const asked = metricRequest(snapshot.identity, spec, metric, template.value);
    const request = { ...asked, reporter, bounds: comparedBounds(fact.state.comparison) };
    const { falseRollbackProbability } = spec.analysis;
    return [
      {
        of,
        metric: metric.name,
        request,
        decides: decides(spec, metric),
        isUnderWay,
        decisiveFrom: rollsBack(spec, metric) ? -Math.log(falseRollbackProbability) : undefined,
        rules: rulesFor(snapshot, spec, { metric, fact, request }),
      },
    ];
  });
}

interface Asked {
  readonly metric: Metric;
  readonly fact: MetricFacts;
  readonly request: MetricRequest;
}

function rulesFor(
  snapshot: Snapshot,
  spec: CanarySpec,
  { metric, fact, request: { canaryWorkload, primaryWorkload } }: Asked,
): AdvanceRules {
  const { kind, quantile, scrapeSeconds } = fact;
  const { intervalSeconds, warmupSeconds } = spec.analysis;
  const warmEnd = latencyLimitsFrom(snapshot.status, snapshot.pods, warmupSeconds);
  return {
    kind,
    quantile,
    limit: metric.limit,
    canaryWorkload,
    primaryWorkload,
    scrapeSeconds,
    limitAppliesFrom:
      kind === "Latency"
        ? pureBlocksFrom(warmEnd, intervalSeconds, scrapeSeconds)
        : ratioLimitsFrom(snapshot.status),
    compare: compareRules(snapshot, spec, { facts: fact, metric }),
  };
}
