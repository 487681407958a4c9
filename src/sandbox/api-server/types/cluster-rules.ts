/** The defaults and rules of the small built-in kinds: namespaces, secrets, bindings, reviews. */
import { invalidValue } from "../field-error.ts";
import {
  isObject,
  type Json,
  type JsonObject,
  listAt,
  mapList,
  objectAt,
  sameJson,
  stringAt,
  textOfValue,
  withAt,
  withDefaults,
  without,
} from "../json.ts";
import { fitsFormat } from "../schema/formats.ts";
import type { Cause } from "../status-error.ts";

export function completeNamespace(
  namespace: JsonObject,
  previous: JsonObject | undefined,
): JsonObject {
  const name = stringAt(namespace, "metadata", "name") ?? "";
  const labelled = withAt(namespace, ["metadata", "labels", "kubernetes.io/metadata.name"], name);
  const complete = withAt(
    labelled,
    ["spec"],
    withDefaults(objectAt(labelled, "spec"), { finalizers: ["kubernetes"] }),
  );
  return previous === undefined ? { ...complete, status: { phase: "Active" } } : complete;
}

/** Plain text is written into the data and not kept. */
export function completeSecret(secret: JsonObject): JsonObject {
  const typed = withDefaults(secret, { type: "Opaque" });
  const plain = objectAt(typed, "stringData");
  if (typed["stringData"] === undefined) return typed;
  const encoded = Object.entries(plain).map(([key, value]) => [
    key,
    Buffer.from(textOfValue(value)).toString("base64"),
  ]);
  return {
    ...without(typed, "stringData"),
    data: { ...objectAt(typed, "data"), ...Object.fromEntries(encoded) },
  };
}

export function checkSecret(
  secret: JsonObject,
  previous: JsonObject | undefined,
): readonly Cause[] {
  const bad = Object.entries(objectAt(secret, "data")).filter(
    ([, value]) => typeof value !== "string" || !fitsFormat(value, "byte"),
  );
  return [
    ...bad.map(([key]) => invalidValue(["data", key], "", "illegal base64 data")),
    ...unchangedCauses("type", secret, previous),
  ];
}

export function completeAutoscaler(autoscaler: JsonObject): JsonObject {
  return withAt(
    autoscaler,
    ["spec"],
    withDefaults(objectAt(autoscaler, "spec"), { minReplicas: 1 }),
  );
}

export function completeNetworkPolicy(policy: JsonObject): JsonObject {
  const spec = objectAt(policy, "spec");
  const policyTypes = spec["egress"] === undefined ? ["Ingress"] : ["Ingress", "Egress"];
  return withAt(policy, ["spec"], withDefaults(spec, { policyTypes }));
}

const RBAC_GROUP = "rbac.authorization.k8s.io";

export function completeBinding(binding: JsonObject): JsonObject {
  const role = withDefaults(objectAt(binding, "roleRef"), { apiGroup: RBAC_GROUP });
  const subjects = mapList(listAt(binding, "subjects"), (subject): Json => {
    if (!isObject(subject) || subject["kind"] === "ServiceAccount") return subject;
    return withDefaults(subject, { apiGroup: RBAC_GROUP });
  });
  return subjects.length === 0
    ? { ...binding, roleRef: role }
    : { ...binding, roleRef: role, subjects };
}

export function checkBinding(
  binding: JsonObject,
  previous: JsonObject | undefined,
): readonly Cause[] {
  return unchangedCauses("roleRef", binding, previous);
}

export function checkRevision(
  revision: JsonObject,
  previous: JsonObject | undefined,
): readonly Cause[] {
  return unchangedCauses("data", revision, previous);
}

function unchangedCauses(
  field: string,
  object: JsonObject,
  previous: JsonObject | undefined,
): readonly Cause[] {
  if (previous === undefined || sameJson(object[field], previous[field])) return [];
  return [invalidValue([field], object[field] ?? null, "field is immutable")];
}

/** Everybody may do everything in a sandbox. */
export function answerAccessReview(review: JsonObject): JsonObject {
  return { ...review, status: { allowed: true, reason: "the sandbox allows everything" } };
}

export function answerRulesReview(review: JsonObject): JsonObject {
  const every = ["*"];
  return {
    ...review,
    status: {
      resourceRules: [{ verbs: every, apiGroups: every, resources: every }],
      nonResourceRules: [{ verbs: every, nonResourceURLs: every }],
      incomplete: false,
    },
  };
}
