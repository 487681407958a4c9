/** Checks objects by the published schemas of Kubernetes, Istio and ourselves. */
import { AuthorizationPolicy } from "@kubernetes-models/istio/security.istio.io/v1/AuthorizationPolicy";
import { PeerAuthentication } from "@kubernetes-models/istio/security.istio.io/v1/PeerAuthentication";
import { CustomResourceDefinition } from "kubernetes-models/apiextensions.k8s.io/v1/CustomResourceDefinition";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { ClusterRole } from "kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole";
import { ClusterRoleBinding } from "kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding";
import { Role } from "kubernetes-models/rbac.authorization.k8s.io/v1/Role";
import { RoleBinding } from "kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { Service } from "kubernetes-models/v1/Service";
import { ServiceAccount } from "kubernetes-models/v1/ServiceAccount";
import { z } from "zod";
import type { Manifest } from "./manifests.ts";

const models = {
  AuthorizationPolicy,
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  CustomResourceDefinition,
  Deployment,
  Namespace,
  NetworkPolicy,
  PeerAuthentication,
  PodDisruptionBudget,
  Role,
  RoleBinding,
  Service,
  ServiceAccount,
};

const metadata = z.looseObject({ name: z.string(), namespace: z.string() });
const selector = z.strictObject({ matchLabels: z.record(z.string(), z.string()) });
const endpoint = z.strictObject({
  port: z.string(),
  path: z.literal("/metrics"),
  interval: z.string().regex(/^\d+s$/),
  honorLabels: z.literal(true),
});
const monitoring = (kind: string, spec: z.ZodType) =>
  z.strictObject({
    apiVersion: z.literal("monitoring.coreos.com/v1"),
    kind: z.literal(kind),
    metadata,
    spec,
  });
const rule = z.strictObject({
  alert: z.string().regex(/^Serin[A-Z]\w+$/),
  expr: z.string(),
  for: z
    .string()
    .regex(/^\d+[mh]$/)
    .optional(),
  labels: z.strictObject({ severity: z.enum(["critical", "warning", "info"]) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string() }),
});

/** The Prometheus operator's kinds, as far as we use them. */
const operator: Readonly<Record<string, z.ZodType>> = {
  ServiceMonitor: monitoring(
    "ServiceMonitor",
    z.strictObject({ selector, endpoints: z.array(endpoint).length(1) }),
  ),
  PodMonitor: monitoring(
    "PodMonitor",
    z.strictObject({ selector, podMetricsEndpoints: z.array(endpoint).length(1) }),
  ),
  PrometheusRule: monitoring(
    "PrometheusRule",
    z.strictObject({
      groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule).min(1) })),
    }),
  ),
};

/** What is wrong with an object; undefined if nothing is. A kind without a schema is wrong too. */
export function schemaProblem({ object }: Manifest): string | undefined {
  const { kind } = object;
  const ours = operator[kind]?.safeParse(object);
  if (ours !== undefined) return ours.error?.message;
  const Model = Object.entries(models).find(([name]) => name === kind)?.[1];
  if (Model === undefined) return `no schema for ${kind}`;
  try {
    new Model(object).validate();
    return undefined;
  } catch (error) {
    return `${kind} ${object.metadata?.name}: ${String(error)}`;
  }
}
