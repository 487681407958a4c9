/** What a values file of the Helm chart may say: its JSON schema is generated from this, and values.yaml has the defaults. */
import { z } from "zod";

const switchedOff = (doc: string) =>
  z
    .strictObject({ enabled: z.boolean().default(false) })
    .prefault({})
    .describe(doc);
const switchedOn = (doc: string) =>
  z
    .strictObject({ enabled: z.boolean().default(true) })
    .prefault({})
    .describe(doc);
const words = z.record(z.string(), z.string());
/** A name of Kubernetes' that is one label. */
const namespace = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const port = z.int().min(1).max(65_535);
const quantity = z.union([z.string().regex(/^\d+(\.\d+)?(m|[kMGT]i?)?$/), z.number().min(0)]);
const quantities = z.strictObject({ cpu: quantity.optional(), memory: quantity.optional() });

const Config = z
  .strictObject({
    metricsServer: z
      .string()
      .regex(/^https?:\/\/.+/)
      .default("http://prometheus.monitoring:9090")
      .describe("Prometheus address for templates that name none."),
    providerHosts: z
      .string()
      .min(1)
      .default("*")
      .describe("Hosts that templates and alert providers may name, with commas between."),
    logLevel: z.enum(["debug", "info", "warn", "error"]).default("info").describe("Least level."),
    qps: z.number().min(1).max(1000).default(50).describe("Requests per second to the API server."),
    burst: z.int().min(1).max(2000).default(100).describe("Requests at once after a quiet time."),
  })
  .prefault({})
  .describe("Settings of the controller, each as its flag.");

const Pods = {
  replicas: z
    .int()
    .min(1)
    .max(5)
    .default(2)
    .describe("Pods; one acts, the others stand by with their caches filled."),
  resources: z
    .strictObject({ requests: quantities.optional(), limits: quantities.optional() })
    .default({ requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "512Mi" } })
    .describe("Of the controller's container."),
  maxHeapMebibytes: z
    .int()
    .min(64)
    .max(16_384)
    .default(358)
    .describe("Bound of the heap, about 70 % of the memory limit."),
  nodeSelector: words.default({}).describe("Labels of nodes that may run the pods."),
  tolerations: z.array(z.looseObject({})).default([]).describe("Tolerations of the pods."),
  priorityClassName: z.string().default("").describe("Priority class of the pods, if any."),
  podAnnotations: words.default({}).describe("More annotations of the pods."),
};

/** The values of the chart. */
export const HelmValues = z.strictObject({
  global: z.looseObject({}).optional().describe("Helm's own; nothing here reads it."),
  image: z
    .strictObject({
      repository: z.string().min(1).default("serin").describe("Without the tag."),
      tag: z.string().default("").describe("Default: the chart's appVersion."),
      pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).default("IfNotPresent"),
    })
    .prefault({})
    .describe("The controller's image."),
  imagePullSecrets: z
    .array(z.strictObject({ name: z.string() }))
    .default([])
    .describe("Secrets by which the image is pulled."),
  namespaced: z
    .boolean()
    .default(false)
    .describe("Work in the release's namespace only, with rights there alone."),
  config: Config,
  ...Pods,
  serviceAccount: z
    .strictObject({ annotations: words.default({}) })
    .prefault({})
    .describe("The account of the pods."),
  crds: z
    .strictObject({ install: z.boolean().default(true) })
    .prefault({})
    .describe("The CRDs; they stay when the release is uninstalled."),
  podDisruptionBudget: switchedOn("Of an eviction at most one replica goes."),
  networkPolicy: z
    .strictObject({
      enabled: z.boolean().default(true),
      prometheusNamespace: namespace.default("monitoring").describe("From where Serin is scraped."),
      prometheusPort: port.default(9090).describe("Where Serin asks Prometheus."),
    })
    .prefault({})
    .describe("Whom Serin may reach, and who may reach it."),
  serviceMonitor: switchedOff("The Prometheus operator scrapes by Service."),
  podMonitor: switchedOff("The Prometheus operator scrapes the pods."),
  alerts: switchedOff("A PrometheusRule."),
  monitoringLabels: words
    .default({})
    .describe("Labels by which your Prometheus selects monitors and rules."),
  dashboard: switchedOff("A ConfigMap for Grafana's sidecar."),
  mesh: switchedOff("Serin's own pods are in the mesh, closed to all but Prometheus."),
});

/** `values.schema.json`. */
export function printValuesSchema(): string {
  const schema = z.toJSONSchema(HelmValues, { target: "draft-7", io: "input" });
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
