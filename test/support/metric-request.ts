/** A request for one metric of one release, with defaults. */
import { AnalysisTemplateSpec } from "../../src/api/analysis-template.ts";
import type { MetricRequest } from "../../src/ports/metric-source.ts";

const matchers =
  'destination_workload="{{ workload }}",destination_workload_namespace="{{ namespace }}"';

/** Errors of all requests, as the shipped template counts them but for gRPC. */
export const errorRate = AnalysisTemplateSpec.parse({
  provider: { prometheus: {} },
  ratio: {
    total: `istio_requests_total{${matchers}}`,
    bad: `istio_requests_total{${matchers},response_code=~"5.."}`,
  },
});

export const latencyP99 = AnalysisTemplateSpec.parse({
  provider: { prometheus: {} },
  latency: { histogram: `istio_request_duration_milliseconds_bucket{${matchers}}` },
});

export function metricRequest(request: Partial<MetricRequest>): MetricRequest {
  const canaryWorkload = request.canaryWorkload ?? "web";
  return {
    id: `${request.namespace ?? "shop"}/${canaryWorkload}`,
    namespace: "shop",
    canaryWorkload,
    primaryWorkload: `${canaryWorkload}-primary`,
    service: canaryWorkload,
    template: errorRate,
    secretNamespace: "serin-system",
    args: {},
    intervalSeconds: 15,
    reporter: "Callers",
    limit: 5,
    ...request,
  };
}
