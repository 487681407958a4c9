/** The defaults and rules of the small built-in kinds: namespaces, secrets, bindings, reviews. */
import { forbiddenField, invalidValue, required } from "../field-error.ts";
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
import { badRequest, type Cause } from "../status-error.ts";

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

export function completeConfigMap(map: JsonObject): JsonObject {
  const empty = ["data", "binaryData"].filter((key) => sameJson(map[key], {}));
  return empty.length === 0 ? map : without(map, ...empty);
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

const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;
const CONFIG_KEY_MESSAGE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

export function checkSecret(
  secret: JsonObject,
  previous: JsonObject | undefined,
): readonly Cause[] {
  const entries = Object.entries(objectAt(secret, "data"));
  const isText = ([, value]: [string, Json]) =>
    typeof value === "string" && fitsFormat(value, "byte");
  if (!entries.every(isText))
    throw badRequest('Secret in version "v1" cannot be handled as a Secret: illegal base64 data');
  const unfit = entries.filter(([key]) => !CONFIG_KEY.test(key));
  const isFrozen = previous?.["immutable"] === true;
  return [
    ...unfit.map(([key]) => invalidValue(["data", key], key, CONFIG_KEY_MESSAGE)),
    ...unchangedCauses("type", secret, previous),
    ...(isFrozen && !sameJson(secret["data"], previous?.["data"])
      ? [forbiddenField(["data"], "field is immutable when `immutable` is set")]
      : []),
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
  const missing = revision["data"] === undefined ? [required(["data"], "data is mandatory")] : [];
  return [...missing, ...unchangedCauses("data", revision, previous)];
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
