/** The columns of `kubectl get` for built-in kinds; a kind that is not listed shows its name and age. */
import {
  at,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  stringAt,
  stringsAt,
  textOfValue,
} from "../json.ts";
import type { Column } from "../resource-type.ts";
import { ageSince } from "./age.ts";
import { AGE_COLUMN as DATED_AGE_COLUMN, NAME_COLUMN } from "./custom-columns.ts";
import { labelSelectorText, labelsText } from "./selector-text.ts";

/** Ages of built-in kinds are sent as text. */
const AGE_COLUMN: Column = { ...DATED_AGE_COLUMN, type: "string" };

type Value = Column["value"];

function column(name: string, value: Value, priority = 0, type = "string"): Column {
  return { name, type, format: "", description: `${name} of the object.`, priority, value };
}

function wide(name: string, value: Value): Column {
  return column(name, value, 1);
}

function text(...keys: readonly string[]): Value {
  return (object) => textOfValue(at(object, ...keys));
}

function count(...keys: readonly string[]): Value {
  return (object) => numberAt(object, ...keys) ?? 0;
}

function orNone(value: string): string {
  return value === "" ? "<none>" : value;
}

function containerTexts(object: JsonObject, key: string): string {
  return listAt(object, "spec", "template", "spec", "containers")
    .map((container) => stringAt(container, key) ?? "")
    .join(",");
}

const CONTAINERS = wide("Containers", (object) => containerTexts(object, "name"));
const IMAGES = wide("Images", (object) => containerTexts(object, "image"));
const SELECTOR = wide("Selector", (object) =>
  labelSelectorText(objectAt(object, "spec", "selector")),
);

function containerStates(pod: JsonObject): readonly JsonObject[] {
  return listAt(pod, "status", "containerStatuses").filter(isObject);
}

function podReason(pod: JsonObject): string {
  if (stringAt(pod, "metadata", "deletionTimestamp") !== undefined) return "Terminating";
  for (const status of containerStates(pod)) {
    const waiting = stringAt(status, "state", "waiting", "reason");
    const terminated = stringAt(status, "state", "terminated", "reason");
    if (waiting !== undefined || terminated !== undefined) return waiting ?? terminated ?? "";
  }
  return stringAt(pod, "status", "reason") ?? stringAt(pod, "status", "phase") ?? "Unknown";
}

function podReady(pod: JsonObject): string {
  const ready = containerStates(pod).filter((status) => status["ready"] === true).length;
  return `${ready}/${listAt(pod, "spec", "containers").length}`;
}

function podRestarts(pod: JsonObject): string {
  return String(
    containerStates(pod).reduce((sum, status) => sum + (numberAt(status, "restartCount") ?? 0), 0),
  );
}

function readyOfWanted(object: JsonObject): string {
  return `${numberAt(object, "status", "readyReplicas") ?? 0}/${numberAt(object, "spec", "replicas") ?? 0}`;
}

function portText(port: Json): string {
  const nodePort = numberAt(port, "nodePort");
  const outside = nodePort === undefined ? "" : `:${nodePort}`;
  return `${textOfValue(at(port, "port"))}${outside}/${stringAt(port, "protocol") ?? "TCP"}`;
}

function externalAddress(service: JsonObject): string {
  const addresses = [
    ...stringsAt(service, "spec", "externalIPs"),
    ...listAt(service, "status", "loadBalancer", "ingress").map(
      (entry) => stringAt(entry, "ip") ?? stringAt(entry, "hostname") ?? "",
    ),
  ];
  const name = stringAt(service, "spec", "externalName");
  if (name !== undefined) return name;
  if (addresses.length > 0) return addresses.join(",");
  return stringAt(service, "spec", "type") === "LoadBalancer" ? "<pending>" : "<none>";
}

function eventObject(event: JsonObject): string {
  const { kind, name } = objectAt(event, "involvedObject");
  return `${textOfValue(kind).toLowerCase()}/${textOfValue(name)}`;
}

function eventTime(...fields: readonly string[]): Value {
  return (event, nowMs) => {
    const time = fields.map((field) => stringAt(event, field)).find((found) => found !== undefined);
    return ageSince(time ?? stringAt(event, "metadata", "creationTimestamp"), nowMs);
  };
}

function memberCount(...fields: readonly string[]): Value {
  return (object) =>
    fields.reduce((sum, field) => sum + Object.keys(objectAt(object, field)).length, 0);
}

function nodeStatus(node: JsonObject): string {
  const ready = listAt(node, "status", "conditions").find(
    (condition) => stringAt(condition, "type") === "Ready",
  );
  if (ready === undefined) return "Unknown";
  return stringAt(ready, "status") === "True" ? "Ready" : "NotReady";
}

const CREATED_COLUMN = column("Created At", text("metadata", "creationTimestamp"));

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  Pod: [
    NAME_COLUMN,
    column("Ready", podReady),
    column("Status", podReason),
    column("Restarts", podRestarts),
    AGE_COLUMN,
    wide("IP", (pod) => orNone(stringAt(pod, "status", "podIP") ?? "")),
    wide("Node", (pod) => orNone(stringAt(pod, "spec", "nodeName") ?? "")),
    wide("Nominated Node", () => "<none>"),
    wide("Readiness Gates", () => "<none>"),
  ],
  Deployment: [
    NAME_COLUMN,
    column("Ready", readyOfWanted),
    column("Up-to-date", count("status", "updatedReplicas")),
    column("Available", count("status", "availableReplicas")),
    AGE_COLUMN,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  ReplicaSet: [
    NAME_COLUMN,
    column("Desired", count("spec", "replicas")),
    column("Current", count("status", "replicas")),
    column("Ready", count("status", "readyReplicas")),
    AGE_COLUMN,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  StatefulSet: [NAME_COLUMN, column("Ready", readyOfWanted), AGE_COLUMN, CONTAINERS, IMAGES],
  DaemonSet: [
    NAME_COLUMN,
    column("Desired", count("status", "desiredNumberScheduled")),
    column("Current", count("status", "currentNumberScheduled")),
    column("Ready", count("status", "numberReady")),
    AGE_COLUMN,
    CONTAINERS,
    IMAGES,
    SELECTOR,
  ],
  Service: [
    NAME_COLUMN,
    column("Type", text("spec", "type")),
    column("Cluster-IP", (service) => orNone(stringAt(service, "spec", "clusterIP") ?? "")),
    column("External-IP", externalAddress),
    column("Port(s)", (service) =>
      orNone(listAt(service, "spec", "ports").map(portText).join(",")),
    ),
    AGE_COLUMN,
    wide("Selector", (service) => orNone(labelsText(objectAt(service, "spec", "selector")))),
  ],
  Event: [
    column("Last Seen", eventTime("lastTimestamp", "eventTime")),
    column("Type", text("type")),
    column("Reason", text("reason")),
    column("Object", eventObject),
    wide("Subobject", text("involvedObject", "fieldPath")),
    wide(
      "Source",
      (event) =>
        stringAt(event, "source", "component") ?? stringAt(event, "reportingComponent") ?? "",
    ),
    column("Message", (event) => (stringAt(event, "message") ?? "").trim()),
    wide("First Seen", eventTime("firstTimestamp", "eventTime")),
    wide("Count", (event) => numberAt(event, "count") ?? 1),
    { ...NAME_COLUMN, priority: 1 },
  ],
  Namespace: [NAME_COLUMN, column("Status", text("status", "phase")), AGE_COLUMN],
  Secret: [
    NAME_COLUMN,
    column("Type", text("type")),
    column("Data", memberCount("data")),
    AGE_COLUMN,
  ],
  ConfigMap: [NAME_COLUMN, column("Data", memberCount("data", "binaryData")), AGE_COLUMN],
  ServiceAccount: [
    NAME_COLUMN,
    column("Secrets", (account) => listAt(account, "secrets").length),
    AGE_COLUMN,
  ],
  Node: [
    NAME_COLUMN,
    column("Status", nodeStatus),
    AGE_COLUMN,
    column("Version", text("status", "nodeInfo", "kubeletVersion")),
  ],
  Lease: [NAME_COLUMN, column("Holder", text("spec", "holderIdentity")), AGE_COLUMN],
  EndpointSlice: [
    NAME_COLUMN,
    column("AddressType", text("addressType")),
    column("Ports", (slice) =>
      listAt(slice, "ports")
        .map((port) => textOfValue(at(port, "port")))
        .join(","),
    ),
    column("Endpoints", (slice) =>
      listAt(slice, "endpoints")
        .flatMap((endpoint) => stringsAt(endpoint, "addresses"))
        .join(","),
    ),
    AGE_COLUMN,
  ],
  HorizontalPodAutoscaler: [
    NAME_COLUMN,
    column(
      "Reference",
      (hpa) =>
        `${textOfValue(at(hpa, "spec", "scaleTargetRef", "kind"))}/${textOfValue(at(hpa, "spec", "scaleTargetRef", "name"))}`,
    ),
    column("MinPods", count("spec", "minReplicas")),
    column("MaxPods", count("spec", "maxReplicas")),
    column("Replicas", count("status", "currentReplicas")),
    AGE_COLUMN,
  ],
  PodDisruptionBudget: [
    NAME_COLUMN,
    column("Min Available", (budget) => at(budget, "spec", "minAvailable") ?? "N/A"),
    column("Max Unavailable", (budget) => at(budget, "spec", "maxUnavailable") ?? "N/A"),
    column("Allowed Disruptions", count("status", "disruptionsAllowed")),
    AGE_COLUMN,
  ],
  NetworkPolicy: [
    NAME_COLUMN,
    column("Pod-Selector", (policy) =>
      orNone(labelSelectorText(objectAt(policy, "spec", "podSelector"))),
    ),
    AGE_COLUMN,
  ],
  ControllerRevision: [NAME_COLUMN, column("Revision", count("revision")), AGE_COLUMN],
  Role: [NAME_COLUMN, CREATED_COLUMN],
  ClusterRole: [NAME_COLUMN, CREATED_COLUMN],
  CustomResourceDefinition: [NAME_COLUMN, CREATED_COLUMN],
};

export function builtinColumns(kind: string): readonly Column[] {
  return COLUMNS[kind] ?? [NAME_COLUMN, AGE_COLUMN];
}
