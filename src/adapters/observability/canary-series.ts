/** The series of each Canary: what is shown is exactly what was said last, and nothing of a Canary that is gone. */
import { Counter, Gauge, type Registry } from "prom-client";
import { releaseReasons } from "../../api/conditions.ts";
import type { CanaryNumbers, CanarySeries, Metrics } from "../../ports/metrics.ts";

/** What of a Canary has series now, apart from those that every Canary has. */
interface Shown {
  /** All that was said, as text: most passes say the same again. */
  readonly said: string;
  readonly phase: string;
  readonly metrics: readonly string[];
  readonly problems: readonly string[];
}

type CanaryMetrics = Pick<Metrics, "showCanary" | "forgetCanary" | "countRelease">;

/** Namespaces and names have no slash. */
const keyOf = ({ namespace, name }: CanarySeries): string => `${namespace}/${name}`;

const own = ["namespace", "name"];

function registerSeries(registry: Registry) {
  const registers = [registry];
  return {
    phase: new Gauge({
      name: "serin_canary_phase",
      help: "1 for the phase that a Canary is in.",
      labelNames: [...own, "phase"],
      registers,
    }),
    weight: new Gauge({
      name: "serin_canary_weight",
      help: "Weight of the new version that Serin wants, in percent.",
      labelNames: own,
      registers,
    }),
    observed: new Gauge({
      name: "serin_canary_observed_weight",
      help: "Share of live requests that the new version was seen to get, in percent.",
      labelNames: own,
      registers,
    }),
    value: new Gauge({
      name: "serin_analysis_value",
      help: "Latest value of a metric by version: percent for a ratio, the template's unit for a latency.",
      labelNames: [...own, "metric", "version"],
      registers,
    }),
    problem: new Gauge({
      name: "serin_canary_problem",
      help: "1 for each reason by which a person should look at a Canary: those of Stalled, DrainUnconfirmed and TrafficSplitMismatch.",
      labelNames: [...own, "reason"],
      registers,
    }),
    evidence: new Gauge({
      name: "serin_analysis_evidence",
      help: "Evidence that the new version is worse than is tolerated beside stable: 1 says nothing, 1/falseRollbackProbability rolls back.",
      labelNames: [...own, "metric"],
      registers,
    }),
    releases: new Counter({
      name: "serin_release_total",
      help: "Releases that ended, by outcome.",
      labelNames: [...own, "outcome"],
      registers,
    }),
  };
}
type Series = ReturnType<typeof registerSeries>;
type Labels = Record<string, string>;

function setOrRemove(gauge: Gauge, labels: Labels, value: number | undefined): void {
  if (value === undefined) gauge.remove(labels);
  else gauge.set(labels, value);
}

function show(series: Series, labels: Labels, numbers: CanaryNumbers): Omit<Shown, "said"> {
  const { phase, canaryWeight, observedWeight, values, problems } = numbers;
  series.phase.set({ ...labels, phase }, 1);
  setOrRemove(series.weight, labels, canaryWeight);
  setOrRemove(series.observed, labels, observedWeight);
  for (const { metric, canaryValue, stableValue, evidence } of values) {
    setOrRemove(series.value, { ...labels, metric, version: "canary" }, canaryValue);
    setOrRemove(series.value, { ...labels, metric, version: "stable" }, stableValue);
    setOrRemove(series.evidence, { ...labels, metric }, evidence);
  }
  for (const reason of problems) series.problem.set({ ...labels, reason }, 1);
  return { phase, metrics: values.map(({ metric }) => metric), problems };
}

function removeShown(series: Series, labels: Labels, last: Shown | undefined): void {
  if (last === undefined) return;
  series.phase.remove({ ...labels, phase: last.phase });
  for (const reason of last.problems) series.problem.remove({ ...labels, reason });
  for (const metric of last.metrics) {
    for (const version of ["canary", "stable"]) series.value.remove({ ...labels, metric, version });
    series.evidence.remove({ ...labels, metric });
  }
}

/** Registers the series and gives what fills them. */
export function createCanarySeries(registry: Registry): CanaryMetrics {
  const series = registerSeries(registry);
  const shown = new Map<string, Shown>();
  return {
    showCanary({ namespace, name }, numbers) {
      const key = keyOf({ namespace, name });
      const before = shown.get(key);
      const said = JSON.stringify(numbers);
      if (before?.said === said) return;
      removeShown(series, { namespace, name }, before);
      shown.set(key, { ...show(series, { namespace, name }, numbers), said });
    },
    forgetCanary({ namespace, name }) {
      const labels = { namespace, name };
      removeShown(series, labels, shown.get(keyOf(labels)));
      shown.delete(keyOf(labels));
      series.weight.remove(labels);
      series.observed.remove(labels);
      for (const outcome of Object.keys(releaseReasons)) {
        series.releases.remove({ ...labels, outcome });
      }
    },
    countRelease({ namespace, name }, outcome) {
      series.releases.inc({ namespace, name, outcome });
    },
  };
}
