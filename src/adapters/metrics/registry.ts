/** Every provider of metrics there is, by its name in a template's provider, and the one source that asks the right one. */
import type { AnalysisTemplateSpec } from "../../api/analysis-template.ts";
import type { MetricRequest, MetricSource, Reading } from "../../ports/metric-source.ts";
import type { PrometheusSourceDeps } from "./prometheus/group-read.ts";
import { createPrometheusSource } from "./prometheus/source.ts";

type ProviderName = keyof AnalysisTemplateSpec["provider"];

export interface MetricSourceDeps {
  readonly prometheus: PrometheusSourceDeps;
}

export function createMetricSource(deps: MetricSourceDeps): MetricSource {
  const providers: Readonly<Record<ProviderName, MetricSource>> = {
    prometheus: createPrometheusSource(deps.prometheus),
  };
  return sourceByProvider(providers);
}

function sourceByProvider(providers: Readonly<Record<ProviderName, MetricSource>>): MetricSource {
  const find = ({ provider }: AnalysisTemplateSpec): MetricSource | undefined =>
    provider.prometheus === undefined ? undefined : providers.prometheus;
  return {
    groupKey: (request) => find(request.template)?.groupKey(request) ?? request.id,
    async *read(group, atMs, signal) {
      const source = group[0] && find(group[0].template);
      if (source === undefined) yield failAll(group);
      else yield* source.read(group, atMs, signal);
    },
    async readPast(group, span, signal) {
      const source = group[0] && find(group[0].template);
      return source === undefined ? [] : source.readPast(group, span, signal);
    },
    problems(template, args, reporter) {
      const source = find(template);
      if (source !== undefined) return source.problems(template, args, reporter);
      return [{ reason: "ProviderMissing", message: noProvider, severity: "Error" }];
    },
  };
}

const noProvider = "name exactly one provider: prometheus";

function failAll(group: readonly MetricRequest[]): ReadonlyMap<string, Reading> {
  const failure = { reason: "ProviderMissing", message: noProvider, query: undefined };
  return new Map(group.map(({ id }) => [id, { kind: "Failure", ...failure }]));
}
