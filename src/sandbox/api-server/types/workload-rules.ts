/** The defaults and rules of Deployments, ReplicaSets, StatefulSets and DaemonSets beyond their schemas. */
import { forbiddenField, invalidValue, required, unsupportedValue } from "../field-error.ts";
import {
  at,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  sameJson,
  stringAt,
  stringsAt,
  withAt,
  withDefaults,
} from "../json.ts";
import type { Cause } from "../status-error.ts";
import { podSpecCauses, withTemplateDefaults } from "./pod-defaults.ts";

const DEPLOYMENT: JsonObject = {
  replicas: 1,
  revisionHistoryLimit: 10,
  progressDeadlineSeconds: 600,
  strategy: {},
};
const STATEFUL_SET: JsonObject = {
  replicas: 1,
  revisionHistoryLimit: 10,
  podManagementPolicy: "OrderedReady",
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
};
const DAEMON_SET: JsonObject = {
  revisionHistoryLimit: 10,
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
};

function withSpecDefaults(object: JsonObject, defaults: JsonObject): JsonObject {
  const spec = objectAt(object, "spec");
  return withTemplateDefaults(withAt(object, ["spec"], withDefaults(spec, defaults)));
}

function withStrategy(deployment: JsonObject): JsonObject {
  const strategy = withDefaults(objectAt(deployment, "spec", "strategy"), {
    type: "RollingUpdate",
  });
  if (strategy["type"] !== "RollingUpdate")
    return withAt(deployment, ["spec", "strategy"], strategy);
  const rolling = withDefaults(objectAt(strategy, "rollingUpdate"), {
    maxSurge: "25%",
    maxUnavailable: "25%",
  });
  return withAt(deployment, ["spec", "strategy"], { ...strategy, rollingUpdate: rolling });
}

export function completeDeployment(deployment: JsonObject): JsonObject {
  return withDefaults(withStrategy(withSpecDefaults(deployment, DEPLOYMENT)), { status: {} });
}

export function completeReplicaSet(set: JsonObject): JsonObject {
  return withDefaults(withSpecDefaults(set, { replicas: 1 }), { status: { replicas: 0 } });
}

export function completeStatefulSet(set: JsonObject): JsonObject {
  return withSpecDefaults(set, STATEFUL_SET);
}

export function completeDaemonSet(set: JsonObject): JsonObject {
  return withSpecDefaults(set, DAEMON_SET);
}

function meets(labels: JsonObject, requirement: Json): boolean {
  const value = labels[stringAt(requirement, "key") ?? ""];
  const values = stringsAt(requirement, "values");
  switch (stringAt(requirement, "operator") ?? "") {
    case "In":
      return typeof value === "string" && values.includes(value);
    case "NotIn":
      return typeof value !== "string" || !values.includes(value);
    case "Exists":
      return value !== undefined;
    default:
      return value === undefined;
  }
}

function selects(selector: JsonObject, labels: JsonObject): boolean {
  const wanted = Object.entries(objectAt(selector, "matchLabels"));
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    listAt(selector, "matchExpressions").every((requirement) => meets(labels, requirement))
  );
}

function selectorCauses(object: JsonObject, previous: JsonObject | undefined): readonly Cause[] {
  const selector = objectAt(object, "spec", "selector");
  const labels = objectAt(object, "spec", "template", "metadata", "labels");
  const causes: Cause[] = [];
  if (Object.keys(selector).length === 0)
    causes.push(
      invalidValue(["spec", "selector"], selector, "empty selector is invalid for deployment"),
    );
  if (!selects(selector, labels)) {
    causes.push(
      invalidValue(
        ["spec", "template", "metadata", "labels"],
        labels,
        "`selector` does not match template `labels`",
      ),
    );
  }
  if (previous !== undefined && !sameJson(selector, objectAt(previous, "spec", "selector"))) {
    causes.push(invalidValue(["spec", "selector"], selector, "field is immutable"));
  }
  return causes;
}

function strategyCauses(object: JsonObject): readonly Cause[] {
  const rolling = at(object, "spec", "strategy", "rollingUpdate");
  if (stringAt(object, "spec", "strategy", "type") !== "Recreate" || rolling === undefined)
    return [];
  return [
    forbiddenField(
      ["spec", "strategy", "rollingUpdate"],
      "may not be specified when strategy `type` is 'Recreate'",
    ),
  ];
}

export function checkWorkload(
  object: JsonObject,
  previous: JsonObject | undefined,
): readonly Cause[] {
  const template = at(object, "spec", "template");
  if (template === undefined) return [required(["spec", "template"])];
  const policy = at(template, "spec", "restartPolicy") ?? "Always";
  const path = ["spec", "template", "spec"];
  return [
    ...selectorCauses(object, previous),
    ...podSpecCauses(at(template, "spec"), path),
    ...(policy === "Always"
      ? []
      : [unsupportedValue([...path, "restartPolicy"], policy, ["Always"])]),
    ...strategyCauses(object),
  ];
}
