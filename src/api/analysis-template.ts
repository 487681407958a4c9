/** How a metric is measured: AnalysisTemplate (namespaced) and ClusterAnalysisTemplate have the same spec. */
import { z } from "zod";
import { objectName, seconds, secretKeyReference } from "./fields.ts";

const query = z.string().min(1).max(4096);
const labelName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/);

export const TemplateArgument = z.object({
  name: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[a-zA-Z][a-zA-Z0-9_-]*$/)
    .describe("Name, used as {{ args.NAME }}."),
  default: z.string().max(1024).optional().describe("Value when the Canary gives none."),
  required: z.boolean().default(false).describe("Whether a Canary must give a value."),
});

export const PrometheusProvider = z.object({
  address: z
    .string()
    .max(2048)
    .regex(/^https?:\/\/.+/)
    .optional()
    .describe("Base URL of the Prometheus HTTP API. Default: the controller's --metrics-server."),
  secretRef: z
    .object({
      name: objectName.describe(
        "Name of a Secret with the key `token` (bearer), or `username` and `password` (basic).",
      ),
    })
    .optional()
    .describe("Credentials. For a ClusterAnalysisTemplate the Secret is in Serin's own namespace."),
  caSecretRef: secretKeyReference.optional().describe("Certificate authority (PEM) of the server."),
  headers: z
    .record(z.string().max(128), z.string().max(1024))
    .meta({ maxProperties: 16 })
    .optional()
    .describe("Extra request headers, for example X-Scope-OrgID. No secrets here."),
  timeoutSeconds: seconds({ min: 1, max: 30 })
    .default(5)
    .describe("Longest time a query may take; part of the rollback bound."),
  scrapeSeconds: seconds({ min: 1, max: 300 })
    .default(15)
    .describe(
      "How often Prometheus scrapes the reporting pods, as its own configuration has it; part of the rollback bound.",
    ),
});
export type PrometheusProvider = z.infer<typeof PrometheusProvider>;

export const RatioMeasure = z.object({
  total: query.describe(
    "Selector of the counter of all requests, without rate() or sum(): Serin takes differences itself. It names {{ workload }} and {{ namespace }}.",
  ),
  bad: query.describe(
    "Selector of the counter of bad requests, a part of total; several may be joined by `or`.",
  ),
});

export const LatencyMeasure = z.object({
  histogram: query.describe(
    "Selector of a classic histogram's _bucket series, without the label le.",
  ),
  quantile: z.number().gt(0).lt(1).default(0.99).describe("The quantile that the limit speaks of."),
  unit: z
    .enum(["ms", "s"])
    .default("ms")
    .describe("Unit of the histogram's bounds; limits are in the same unit."),
});

export const ValueMeasure = z.object({
  query: query.describe(
    "PromQL that gives one number for {{ workload }}. No series, or NaN, is no data; several series are an error: aggregate them. Each check judges the number as it is, so give a range that spans at least two scrapes; the rollback bound does not know how far back it looks.",
  ),
  unit: z.string().max(16).optional().describe("Unit of the number and of limits, for people."),
});

export const AnalysisTemplateSpec = z
  .object({
    args: z
      .array(TemplateArgument)
      .max(16)
      .default([])
      .describe("Arguments that a Canary may or must give, in its metric's `args`."),
    provider: z
      .object({
        prometheus: PrometheusProvider.optional().describe("A Prometheus-compatible server."),
      })
      .describe("Where the metric comes from; exactly one.")
      .meta({
        "x-kubernetes-validations": [
          { rule: "has(self.prometheus)", message: "name exactly one provider: prometheus" },
        ],
      }),
    workloadLabel: labelName
      .default("destination_workload")
      .describe(
        "Label of the series that names the workload that answered; its value must be the Deployment's name.",
      ),
    podLabel: labelName
      .default("pod")
      .describe("Label of the series that names the reporting pod."),
    ratio: RatioMeasure.optional().describe("Share of bad requests, in percent."),
    latency: LatencyMeasure.optional().describe("A quantile of the request duration."),
    value: ValueMeasure.optional().describe(
      "Any number, judged by its limit alone. It says nothing of traffic: a Canary needs a ratio or a latency beside it.",
    ),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "[has(self.ratio), has(self.latency), has(self.value)].filter(x, x).size() == 1",
        message: "give exactly one of ratio, latency and value",
      },
    ],
  });
export type AnalysisTemplateSpec = z.infer<typeof AnalysisTemplateSpec>;

export const AnalysisTemplate = z.object({
  spec: AnalysisTemplateSpec.describe("How the metric is measured."),
});
export type AnalysisTemplate = z.infer<typeof AnalysisTemplate>;
