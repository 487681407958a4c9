/** Our kinds as an API server is told of them: names, scope, columns of `kubectl get`. The schemas are in src/api. */
import type { z } from "zod";
import { AlertProvider } from "../api/alert-provider.ts";
import { AnalysisTemplate } from "../api/analysis-template.ts";
import { Canary } from "../api/canary.ts";

/** One column of `kubectl get`; priority 1 is shown by `-o wide` only. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "date";
  readonly jsonPath: string;
  readonly description: string;
  readonly priority?: 1;
}

/** One kind. */
export interface Kind {
  readonly kind: string;
  readonly singular: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  /** Groups of kinds that `kubectl get` knows by one name; `all` is for what people look at daily. */
  readonly categories: readonly string[];
  readonly scope: "Namespaced" | "Cluster";
  readonly schema: z.ZodType;
  readonly hasStatus: boolean;
  readonly columns: readonly PrinterColumn[];
  /** What it is for, in one sentence. */
  readonly doc: string;
}

const age: PrinterColumn = {
  name: "Age",
  type: "date",
  jsonPath: ".metadata.creationTimestamp",
  description: "Time since the object was created.",
};

const templateColumns: readonly PrinterColumn[] = [
  {
    name: "Scrape",
    type: "integer",
    jsonPath: ".spec.provider.prometheus.scrapeSeconds",
    description: "Seconds between two scrapes of the reporting pods.",
  },
  age,
  {
    name: "Address",
    type: "string",
    jsonPath: ".spec.provider.prometheus.address",
    description: "Address of the Prometheus server, if the template names one.",
    priority: 1,
  },
];

/** Every kind of ours. The message of a Canary comes last, so that its length does not move the other columns. */
export const kinds: readonly Kind[] = [
  {
    kind: "Canary",
    singular: "canary",
    plural: "canaries",
    shortNames: ["cny"],
    categories: ["all", "serin"],
    scope: "Namespaced",
    schema: Canary,
    hasStatus: true,
    columns: [
      {
        name: "Phase",
        type: "string",
        jsonPath: ".status.phase",
        description: "Where the Canary is in its life.",
      },
      {
        name: "Weight",
        type: "integer",
        jsonPath: ".status.canaryWeight",
        description: "Weight of the target that Serin wants, in percent.",
      },
      {
        name: "Observed",
        type: "integer",
        jsonPath: ".status.observedWeight",
        description: "Share of live requests that the target was seen to get, in percent.",
      },
      age,
      {
        name: "Target",
        type: "string",
        jsonPath: ".spec.targetRef.name",
        description: "The workload that is released.",
        priority: 1,
      },
      {
        name: "Bound",
        type: "number",
        jsonPath: ".status.rollbackBoundSeconds",
        description: "Longest time from a fault beyond a limit until traffic is off, in seconds.",
        priority: 1,
      },
      {
        name: "Message",
        type: "string",
        jsonPath: ".status.message",
        description: "What it does now, or what it waits for.",
      },
    ],
    doc: "Releases the new versions of one workload in stages, judged on live traffic.",
  },
  {
    kind: "AnalysisTemplate",
    singular: "analysistemplate",
    plural: "analysistemplates",
    shortNames: [],
    categories: ["serin"],
    scope: "Namespaced",
    schema: AnalysisTemplate,
    hasStatus: false,
    columns: templateColumns,
    doc: "Says how a metric is measured, for the Canaries of its namespace.",
  },
  {
    kind: "ClusterAnalysisTemplate",
    singular: "clusteranalysistemplate",
    plural: "clusteranalysistemplates",
    shortNames: [],
    categories: ["serin"],
    scope: "Cluster",
    schema: AnalysisTemplate,
    hasStatus: false,
    columns: templateColumns,
    doc: "Says how a metric is measured, for the Canaries of every namespace.",
  },
  {
    kind: "AlertProvider",
    singular: "alertprovider",
    plural: "alertproviders",
    shortNames: [],
    categories: ["serin"],
    scope: "Namespaced",
    schema: AlertProvider,
    hasStatus: false,
    columns: [
      {
        name: "Channel",
        type: "string",
        jsonPath: ".spec.slack.channel",
        description: "Channel that a bot posts to.",
      },
      age,
    ],
    doc: "Says where messages about releases go, for the Canaries of its namespace.",
  },
];
