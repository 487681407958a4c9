/** The table of built-in kinds. */

import { rootSchema } from "../crd.ts";
import { type JsonObject } from "../json.ts";
import { AGE_COLUMN, NAME_COLUMN } from "../print/custom-columns.ts";
import { type NameRule, type ResourceType, type ScalePaths, typeKey } from "../resource-type.ts";
import { compileSchema } from "../schema/schema.ts";
import { completeDefinition } from "./definition-rules.ts";

interface Row {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly cluster?: boolean;
  readonly status?: boolean;
  readonly generation?: boolean;
  readonly scale?: ScalePaths;
  readonly nameRule?: NameRule;
  readonly fields?: readonly string[];
  readonly stored?: boolean;
  readonly complete?: ResourceType["complete"];
  readonly check?: ResourceType["check"];
}

const ALL = ["all"];
const SCALE: ScalePaths = {
  specReplicas: ["spec", "replicas"],
  statusReplicas: ["status", "replicas"],
  selector: ["spec", "selector"],
};
const EVENT_FIELDS = [
  "kind",
  "namespace",
  "name",
  "uid",
  "apiVersion",
  "resourceVersion",
  "fieldPath",
].map((field) => `involvedObject.${field}`);

const ROWS: readonly Row[] = [
  {
    group: "",
    version: "v1",
    kind: "Namespace",
    plural: "namespaces",
    short: ["ns"],
    cluster: true,
    status: true,
    nameRule: "label",
    fields: ["status.phase"],
  },
  {
    group: "",
    version: "v1",
    kind: "Pod",
    plural: "pods",
    short: ["po"],
    categories: ALL,
    status: true,
    fields: [
      "status.phase",
      "spec.nodeName",
      "spec.restartPolicy",
      "spec.serviceAccountName",
      "status.podIP",
    ],
  },
  {
    group: "",
    version: "v1",
    kind: "Service",
    plural: "services",
    short: ["svc"],
    categories: ALL,
    status: true,
    nameRule: "label1035",
    fields: ["spec.type", "spec.clusterIP"],
  },
  { group: "", version: "v1", kind: "Secret", plural: "secrets", fields: ["type"] },
  { group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", short: ["cm"] },
  {
    group: "",
    version: "v1",
    kind: "Event",
    plural: "events",
    short: ["ev"],
    fields: [...EVENT_FIELDS, "reason", "type", "reportingComponent", "source"],
  },
  { group: "", version: "v1", kind: "ServiceAccount", plural: "serviceaccounts", short: ["sa"] },
  { group: "", version: "v1", kind: "Endpoints", plural: "endpoints", short: ["ep"] },
  {
    group: "",
    version: "v1",
    kind: "Node",
    plural: "nodes",
    short: ["no"],
    cluster: true,
    status: true,
    fields: ["spec.unschedulable"],
  },
  {
    group: "apps",
    version: "v1",
    kind: "Deployment",
    plural: "deployments",
    short: ["deploy"],
    categories: ALL,
    status: true,
    generation: true,
    scale: SCALE,
  },
  {
    group: "apps",
    version: "v1",
    kind: "ReplicaSet",
    plural: "replicasets",
    short: ["rs"],
    categories: ALL,
    status: true,
    generation: true,
    scale: SCALE,
    fields: ["status.replicas"],
  },
  {
    group: "apps",
    version: "v1",
    kind: "StatefulSet",
    plural: "statefulsets",
    short: ["sts"],
    categories: ALL,
    status: true,
    generation: true,
    scale: SCALE,
  },
  {
    group: "apps",
    version: "v1",
    kind: "DaemonSet",
    plural: "daemonsets",
    short: ["ds"],
    categories: ALL,
    status: true,
    generation: true,
  },
  { group: "apps", version: "v1", kind: "ControllerRevision", plural: "controllerrevisions" },
  { group: "coordination.k8s.io", version: "v1", kind: "Lease", plural: "leases" },
  {
    group: "discovery.k8s.io",
    version: "v1",
    kind: "EndpointSlice",
    plural: "endpointslices",
    generation: true,
  },
  {
    group: "autoscaling",
    version: "v2",
    kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers",
    short: ["hpa"],
    categories: ALL,
    status: true,
  },
  {
    group: "policy",
    version: "v1",
    kind: "PodDisruptionBudget",
    plural: "poddisruptionbudgets",
    short: ["pdb"],
    status: true,
    generation: true,
  },
  {
    group: "networking.k8s.io",
    version: "v1",
    kind: "NetworkPolicy",
    plural: "networkpolicies",
    short: ["netpol"],
    generation: true,
  },
  {
    group: "rbac.authorization.k8s.io",
    version: "v1",
    kind: "Role",
    plural: "roles",
    nameRule: "path",
  },
  {
    group: "rbac.authorization.k8s.io",
    version: "v1",
    kind: "RoleBinding",
    plural: "rolebindings",
    nameRule: "path",
  },
  {
    group: "rbac.authorization.k8s.io",
    version: "v1",
    kind: "ClusterRole",
    plural: "clusterroles",
    cluster: true,
    nameRule: "path",
  },
  {
    group: "rbac.authorization.k8s.io",
    version: "v1",
    kind: "ClusterRoleBinding",
    plural: "clusterrolebindings",
    cluster: true,
    nameRule: "path",
  },
  {
    group: "apiextensions.k8s.io",
    version: "v1",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    short: ["crd", "crds"],
    categories: ["api-extensions"],
    cluster: true,
    status: true,
    generation: true,
    complete: completeDefinition,
  },
];

const OPEN: JsonObject = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

function typeOf(row: Row): ResourceType {
  const openapi = rootSchema(OPEN);
  return {
    key: typeKey(row.plural, row.group),
    group: row.group,
    kind: row.kind,
    listKind: `${row.kind}List`,
    plural: row.plural,
    singular: row.kind.toLowerCase(),
    shortNames: row.short ?? [],
    categories: row.categories ?? [],
    namespaced: row.cluster !== true,
    versions: [
      {
        name: row.version,
        schema: compileSchema(openapi),
        openapi,
        columns: [NAME_COLUMN, AGE_COLUMN],
        scale: row.scale,
        hasStatus: row.status === true,
      },
    ],
    storageVersion: row.version,
    selectableFields: new Set(["metadata.name", "metadata.namespace", ...(row.fields ?? [])]),
    nameRule: row.nameRule ?? "subdomain",
    hasGeneration: row.generation === true,
    custom: false,
    stored: row.stored !== false,
    complete: row.complete ?? ((object) => object),
    check: row.check ?? (() => []),
  };
}

export function builtinTypes(): readonly ResourceType[] {
  return ROWS.map(typeOf);
}
