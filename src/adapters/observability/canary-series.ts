/** The series of each Canary: what is shown is exactly what was said last, and nothing of a Canary that is gone. */
import { Counter, Gauge, type Registry } from "prom-client";
import { releaseReasons } from "../../api/conditions.ts";
import { canarySeries, controllerSeries } from "../../api/metric-series.ts";
import type { CanaryNumbers, CanarySeries, Metrics } from "../../ports/metrics.ts";
import { describeSeries } from "./describe-series.ts";
import { maxShownCanaries, maxShownMetrics } from "./limits.ts";

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

function registerSeries(registry: Registry) {
  const gauge = (name: keyof typeof canarySeries) =>
    new Gauge({ ...describeSeries(name, canarySeries[name]), registers: [registry] });
  const releases = describeSeries("serin_release_total", canarySeries.serin_release_total);
  return {
    phase: gauge("serin_canary_phase"),
    weight: gauge("serin_canary_weight"),
    observed: gauge("serin_canary_observed_weight"),
    value: gauge("serin_analysis_value"),
    problem: gauge("serin_canary_problem"),
    evidence: gauge("serin_analysis_evidence"),
    releases: new Counter({ ...releases, registers: [registry] }),
    withheld: new Gauge({
      ...describeSeries("serin_series_withheld", controllerSeries.serin_series_withheld),
      registers: [registry],
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
  const { phase, canaryWeight, observedWeight, problems } = numbers;
  const values = numbers.values.slice(0, maxShownMetrics);
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
  const withheld = new Set<string>();
  /** One more would be one too many; a Canary that has series keeps them. */
  const isWithheld = (key: string): boolean => {
    const isOneMore = !shown.has(key) && shown.size >= maxShownCanaries;
    if (isOneMore) withheld.add(key);
    else withheld.delete(key);
    series.withheld.set(withheld.size);
    return isOneMore;
  };
  return {
    showCanary({ namespace, name }, numbers) {
      const key = keyOf({ namespace, name });
      const before = shown.get(key);
      const said = JSON.stringify(numbers);
      if (before?.said === said || isWithheld(key)) return;
      removeShown(series, { namespace, name }, before);
      shown.set(key, { ...show(series, { namespace, name }, numbers), said });
    },
    forgetCanary({ namespace, name }) {
      const labels = { namespace, name };
      removeShown(series, labels, shown.get(keyOf(labels)));
      shown.delete(keyOf(labels));
      withheld.delete(keyOf(labels));
      series.withheld.set(withheld.size);
      series.weight.remove(labels);
      series.observed.remove(labels);
      for (const outcome of Object.keys(releaseReasons)) {
        series.releases.remove({ ...labels, outcome });
      }
    },
    countRelease({ namespace, name }, outcome) {
      if (withheld.has(keyOf({ namespace, name }))) return;
      series.releases.inc({ namespace, name, outcome });
    },
  };
}
