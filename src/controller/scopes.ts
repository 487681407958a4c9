/** Which workloads, routes and metrics belong to a Canary: what the ports are asked for. */
import type { CanarySpec, Metric } from "../api/canary-spec.ts";
import { primarySuffix } from "../api/names.ts";
import type { Identity } from "../core/canary/snapshot.ts";
import type { FoundTemplate } from "../ports/cluster.ts";
import type { MetricRequest } from "../ports/metric-source.ts";
import type { RouteScope, ServicePorts } from "../ports/traffic-router.ts";
import type { WorkloadScope } from "../ports/workloads.ts";

/** The target, its primary and their pods. */
export function workloadScope(identity: Identity, spec: CanarySpec): WorkloadScope {
  return {
    namespace: identity.namespace,
    canary: identity.name,
    canaryUid: identity.uid,
    target: spec.targetRef.name,
    service: serviceName(spec),
    selectorLabel: spec.selectorLabel,
  };
}

/** The managed routes. */
export function routeScope(
  identity: Identity,
  spec: CanarySpec,
  selector: RouteScope["selector"],
): RouteScope {
  return {
    namespace: identity.namespace,
    canary: identity.name,
    canaryUid: identity.uid,
    service: serviceName(spec),
    ports: servicePorts(spec),
    selector,
    routing: spec.routing,
  };
}

/** One metric of the release. `id` is `namespace/name/metric`. */
export function metricRequest(
  identity: Identity,
  spec: CanarySpec,
  metric: Metric,
  template: FoundTemplate,
): MetricRequest {
  return {
    id: `${identity.namespace}/${identity.name}/${metric.name}`,
    namespace: identity.namespace,
    canaryWorkload: spec.targetRef.name,
    primaryWorkload: `${spec.targetRef.name}${primarySuffix}`,
    service: serviceName(spec),
    template: template.spec,
    secretNamespace: template.secretNamespace,
    args: metric.args ?? {},
    intervalSeconds: spec.analysis.intervalSeconds,
    reporter: "Callers",
    limit: metric.limit.max,
  };
}

function serviceName(spec: CanarySpec): string {
  return spec.service?.name ?? spec.targetRef.name;
}

function servicePorts({ service }: CanarySpec): ServicePorts | undefined {
  const { port, targetPort, portName = "http" } = service ?? {};
  if (port === undefined || targetPort === undefined) return undefined;
  return { name: portName, port, targetPort };
}
