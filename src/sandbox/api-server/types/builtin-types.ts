/** The table of built-in kinds: one row each, no behaviour beyond naming the functions that hold it. */
import { InvariantError } from "../../../ports/errors.ts";
import { rootSchema } from "../crd.ts";
import type { JsonObject } from "../json.ts";
import { builtinColumns } from "../print/builtin-columns.ts";
import { type NameRule, type ResourceType, type ScalePaths, typeKey } from "../resource-type.ts";
import { compileSchema } from "../schema/schema.ts";
import {
  answerAccessReview,
  answerRulesReview,
  checkBinding,
  checkRevision,
  checkSecret,
  completeAutoscaler,
  completeBinding,
  completeConfigMap,
  completeNamespace,
  completeNetworkPolicy,
  completeSecret,
} from "./cluster-rules.ts";
import { checkDefinition, completeDefinition } from "./definition-rules.ts";
import { checkPod, completePod } from "./pod-defaults.ts";
import { DEFINITIONS } from "./schema-cluster.ts";
import { checkService, completeService } from "./service-rules.ts";
import { withoutNullFields } from "./without-nulls.ts";
import {
  checkWorkload,
  completeDaemonSet,
  completeDeployment,
  completeReplicaSet,
  completeStatefulSet,
} from "./workload-rules.ts";

/** What a kind has beyond its name; left out = no. */
interface Traits {
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly cluster?: boolean;
  readonly status?: boolean;
  readonly generation?: boolean;
  readonly countsAnnotations?: boolean;
  readonly scale?: ScalePaths;
  readonly nameRule?: NameRule;
  /** Fields besides name and namespace that it can be selected by. */
  readonly fields?: readonly string[];
  /** Answered, not stored. */
  readonly review?: boolean;
  /** Field that is stored as it came, nulls and all. */
  readonly opaque?: string;
  readonly complete?: ResourceType["complete"];
  readonly check?: ResourceType["check"];
}

type Row = readonly [kind: string, plural: string, traits: Traits];

const ALL = ["all"];
const SCALE: ScalePaths = {
  specReplicas: ["spec", "replicas"],
  statusReplicas: ["status", "replicas"],
  selector: ["spec", "selector"],
};
const POD_FIELDS = [
  "spec.nodeName",
  "spec.restartPolicy",
  "spec.schedulerName",
  "spec.serviceAccountName",
  "status.phase",
  "status.podIP",
];
const INVOLVED = [
  "kind",
  "namespace",
  "name",
  "uid",
  "apiVersion",
  "resourceVersion",
  "fieldPath",
].map((field) => `involvedObject.${field}`);
const EVENT_FIELDS = [...INVOLVED, "reason", "reportingComponent", "source", "type"];
const WORKLOAD: Traits = { categories: ALL, status: true, generation: true };

/** By group and version. */
const TABLE: Readonly<Record<string, readonly Row[]>> = {
  "/v1": [
    [
      "Namespace",
      "namespaces",
      {
        short: ["ns"],
        cluster: true,
        status: true,
        nameRule: "label",
        fields: ["status.phase"],
        complete: completeNamespace,
      },
    ],
    [
      "Pod",
      "pods",
      {
        short: ["po"],
        categories: ALL,
        status: true,
        fields: POD_FIELDS,
        complete: completePod,
        check: checkPod,
      },
    ],
    [
      "Service",
      "services",
      {
        short: ["svc"],
        categories: ALL,
        status: true,
        nameRule: "label",
        fields: ["spec.clusterIP", "spec.type"],
        complete: completeService,
        check: checkService,
      },
    ],
    ["Secret", "secrets", { fields: ["type"], complete: completeSecret, check: checkSecret }],
    ["ConfigMap", "configmaps", { short: ["cm"], complete: completeConfigMap }],
    ["Event", "events", { short: ["ev"], fields: EVENT_FIELDS }],
    ["ServiceAccount", "serviceaccounts", { short: ["sa"] }],
    ["Endpoints", "endpoints", { short: ["ep"] }],
    [
      "Node",
      "nodes",
      { short: ["no"], cluster: true, status: true, fields: ["spec.unschedulable"] },
    ],
  ],
  "apps/v1": [
    [
      "Deployment",
      "deployments",
      {
        ...WORKLOAD,
        short: ["deploy"],
        countsAnnotations: true,
        scale: SCALE,
        complete: completeDeployment,
        check: checkWorkload,
      },
    ],
    [
      "ReplicaSet",
      "replicasets",
      {
        ...WORKLOAD,
        short: ["rs"],
        scale: SCALE,
        fields: ["status.replicas"],
        complete: completeReplicaSet,
        check: checkWorkload,
      },
    ],
    [
      "StatefulSet",
      "statefulsets",
      {
        ...WORKLOAD,
        short: ["sts"],
        scale: SCALE,
        complete: completeStatefulSet,
        check: checkWorkload,
      },
    ],
    [
      "DaemonSet",
      "daemonsets",
      { ...WORKLOAD, short: ["ds"], complete: completeDaemonSet, check: checkWorkload },
    ],
    ["ControllerRevision", "controllerrevisions", { check: checkRevision, opaque: "data" }],
  ],
  "coordination.k8s.io/v1": [["Lease", "leases", {}]],
  "discovery.k8s.io/v1": [["EndpointSlice", "endpointslices", { generation: true }]],
  "autoscaling/v2": [
    [
      "HorizontalPodAutoscaler",
      "horizontalpodautoscalers",
      { short: ["hpa"], categories: ALL, status: true, complete: completeAutoscaler },
    ],
  ],
  "policy/v1": [
    [
      "PodDisruptionBudget",
      "poddisruptionbudgets",
      { short: ["pdb"], status: true, generation: true },
    ],
  ],
  "networking.k8s.io/v1": [
    [
      "NetworkPolicy",
      "networkpolicies",
      { short: ["netpol"], generation: true, complete: completeNetworkPolicy },
    ],
  ],
  "rbac.authorization.k8s.io/v1": [
    ["Role", "roles", { nameRule: "path" }],
    [
      "RoleBinding",
      "rolebindings",
      { nameRule: "path", complete: completeBinding, check: checkBinding },
    ],
    ["ClusterRole", "clusterroles", { cluster: true, nameRule: "path" }],
    [
      "ClusterRoleBinding",
      "clusterrolebindings",
      { cluster: true, nameRule: "path", complete: completeBinding, check: checkBinding },
    ],
  ],
  "apiextensions.k8s.io/v1": [
    [
      "CustomResourceDefinition",
      "customresourcedefinitions",
      {
        short: ["crd", "crds"],
        categories: ["api-extensions"],
        cluster: true,
        status: true,
        generation: true,
        complete: completeDefinition,
        check: checkDefinition,
      },
    ],
  ],
  "authorization.k8s.io/v1": [
    [
      "SelfSubjectAccessReview",
      "selfsubjectaccessreviews",
      { cluster: true, review: true, complete: answerAccessReview },
    ],
    [
      "SelfSubjectRulesReview",
      "selfsubjectrulesreviews",
      { cluster: true, review: true, complete: answerRulesReview },
    ],
  ],
};

function schemaOf(kind: string): JsonObject {
  const definition = DEFINITIONS.get(kind);
  if (definition === undefined) throw new InvariantError(`built-in kind ${kind} has no schema`);
  return rootSchema(definition);
}

function typeOf(groupVersion: string, [kind, plural, traits]: Row): ResourceType {
  const [group = "", version = ""] = groupVersion.split("/");
  const openapi = schemaOf(kind);
  const finish = traits.complete ?? ((object: JsonObject) => object);
  return {
    key: typeKey(plural, group),
    group,
    kind,
    listKind: `${kind}List`,
    plural,
    singular: kind.toLowerCase(),
    shortNames: traits.short ?? [],
    categories: traits.categories ?? [],
    namespaced: traits.cluster !== true,
    versions: [
      {
        name: version,
        schema: compileSchema(openapi),
        openapi,
        columns: builtinColumns(kind),
        scale: traits.scale,
        hasStatus: traits.status === true,
      },
    ],
    storageVersion: version,
    selectableFields: new Set(["metadata.name", "metadata.namespace", ...(traits.fields ?? [])]),
    nameRule: traits.nameRule ?? "subdomain",
    hasGeneration: traits.generation === true,
    countsAnnotations: traits.countsAnnotations === true,
    custom: false,
    stored: traits.review !== true,
    complete: (object, previous, context) =>
      finish(withoutNullFields(object, traits.opaque), previous, context),
    check: traits.check ?? (() => []),
  };
}

let table: readonly ResourceType[] | undefined;

/** Made once: the types are immutable and their schemas take a while to compile. */
export function builtinTypes(): readonly ResourceType[] {
  table ??= Object.entries(TABLE).flatMap(([groupVersion, rows]) =>
    rows.map((row) => typeOf(groupVersion, row)),
  );
  return table;
}
