/** Metadata: its schema, the rules of names and labels, and what a write may and may not change in it. */
import { invalidValue, required } from "./field-error.ts";
import {
  EMPTY,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
  stringsAt,
} from "./json.ts";
import type { NameRule } from "./resource-type.ts";
import type { Cause } from "./status-error.ts";

const text = (description: string): JsonObject => ({ type: "string", description });
const texts = (description: string): JsonObject => ({
  type: "object",
  description,
  additionalProperties: { type: "string" },
});

const OWNER_REFERENCE: JsonObject = {
  type: "object",
  description: "An object this one depends on; when all owners are gone, so is the dependent.",
  properties: {
    apiVersion: text("API version of the owner."),
    kind: text("Kind of the owner."),
    name: text("Name of the owner."),
    uid: text("Uid of the owner."),
    controller: { type: "boolean", description: "Whether the owner is the managing controller." },
    blockOwnerDeletion: {
      type: "boolean",
      description: "Whether foreground deletion of the owner waits for this object.",
    },
  },
};

const MANAGED_FIELDS: JsonObject = {
  type: "object",
  description: "What one manager wrote, and when.",
  properties: {
    manager: text("Name of the writer."),
    operation: text("Apply or Update."),
    apiVersion: text("Version in which it wrote."),
    time: text("When it last wrote."),
    fieldsType: text("Format of the fields."),
    fieldsV1: {
      type: "object",
      description: "The fields.",
      "x-kubernetes-preserve-unknown-fields": true,
    },
    subresource: text("Subresource through which it wrote."),
  },
};

export const OBJECT_META_SCHEMA: JsonObject = {
  type: "object",
  description: "Standard metadata that every stored object has.",
  properties: {
    annotations: texts("Unstructured key-value data for tools; not for selection."),
    creationTimestamp: {
      type: "string",
      format: "date-time",
      nullable: true,
      description: "When the object was created.",
    },
    deletionGracePeriodSeconds: {
      type: "integer",
      description: "Seconds until a requested deletion happens.",
    },
    deletionTimestamp: {
      type: "string",
      format: "date-time",
      description: "When deletion was requested.",
    },
    finalizers: {
      type: "array",
      description: "What must be done before the object is removed.",
      items: { type: "string" },
      "x-kubernetes-list-type": "set",
      "x-kubernetes-patch-strategy": "merge",
    },
    generateName: text("Prefix from which a unique name is made when there is none."),
    generation: { type: "integer", description: "Counts the changes of the desired state." },
    labels: texts("Key-value pairs by which objects are selected."),
    managedFields: { type: "array", description: "Who wrote what.", items: MANAGED_FIELDS },
    name: text("Name, unique for a kind within a namespace."),
    namespace: text("Namespace the object is in."),
    ownerReferences: {
      type: "array",
      description: "Objects this one depends on.",
      items: OWNER_REFERENCE,
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["uid"],
      "x-kubernetes-patch-strategy": "merge",
      "x-kubernetes-patch-merge-key": "uid",
    },
    resourceVersion: text("Opaque version of the object, for optimistic concurrency."),
    selfLink: text("Deprecated; not set."),
    uid: text("Unique identity of the object in time and space."),
  },
};

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN_MESSAGE = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${LABEL}(\\.${LABEL})*')`;
const LABEL_MESSAGE = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`;
const LABEL_VALUE_MESSAGE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const QUALIFIED_NAME_MESSAGE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const SPLIT_NAME_MESSAGE =
  "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";

const NAME_RULES: Readonly<
  Record<NameRule, { pattern: RegExp; maxLength: number; message: string }>
> = {
  subdomain: {
    pattern: new RegExp(`^${LABEL}(\\.${LABEL})*$`),
    maxLength: 253,
    message: SUBDOMAIN_MESSAGE,
  },
  label: { pattern: new RegExp(`^${LABEL}$`), maxLength: 63, message: LABEL_MESSAGE },
  path: {
    pattern: /^(?!\.{1,2}$)[^/%]+$/,
    maxLength: 253,
    message: "may not be '.' or '..' or contain '/' or '%'",
  },
};

const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const QUALIFIED_NAME =
  /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

function nameCauses(name: string, rule: NameRule): readonly Cause[] {
  const { pattern, maxLength, message } = NAME_RULES[rule];
  if (name === "") return [required(["metadata", "name"], "name or generateName is required")];
  if (name.length > maxLength) {
    return [
      invalidValue(["metadata", "name"], name, `must be no more than ${maxLength} characters`),
    ];
  }
  if (rule === "label" && name.includes("."))
    return [invalidValue(["metadata", "name"], name, "must not contain dots")];
  return pattern.test(name) ? [] : [invalidValue(["metadata", "name"], name, message)];
}

function keyCauses(members: JsonObject, field: string): readonly Cause[] {
  return Object.keys(members)
    .filter((key) => !QUALIFIED_NAME.test(key))
    .map((key) => {
      const isSplit = key.split("/").length > 2;
      const message = isSplit ? SPLIT_NAME_MESSAGE : QUALIFIED_NAME_MESSAGE;
      return invalidValue(["metadata", field], key, message);
    });
}

function labelCauses(labels: JsonObject): readonly Cause[] {
  const values = Object.values(labels).filter((value) => typeof value === "string");
  const cause = (value: string, message: string) =>
    invalidValue(["metadata", "labels"], value, message);
  return [
    ...keyCauses(labels, "labels"),
    ...values.flatMap((value) => {
      if (value.length > 63) return [cause(value, "must be no more than 63 bytes")];
      return LABEL_VALUE.test(value) ? [] : [cause(value, LABEL_VALUE_MESSAGE)];
    }),
  ];
}

function finalizerCauses(finalizers: readonly string[]): readonly Cause[] {
  return finalizers
    .filter((name) => !QUALIFIED_NAME.test(name))
    .map((name) =>
      invalidValue(["metadata", "finalizers"], name, `prefix part ${SUBDOMAIN_MESSAGE}`),
    );
}

/** Finalizers that the garbage collector knows. */
const OWN_FINALIZERS = ["foregroundDeletion", "orphan"];

/** What a write is told beside being done. */
export function metadataWarnings(object: JsonObject): readonly string[] {
  return stringsAt(object, "metadata", "finalizers")
    .filter((name) => !name.includes("/") && !OWN_FINALIZERS.includes(name))
    .map(
      (name) =>
        `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`,
    );
}

function ownerCauses(metadata: JsonObject): readonly Cause[] {
  return listAt(metadata, "ownerReferences").flatMap((owner) =>
    ["apiVersion", "kind", "name", "uid"]
      .filter((key) => (stringAt(owner, key) ?? "") === "")
      .map((key) =>
        invalidValue(
          ["metadata", "ownerReferences", key],
          "",
          key === "apiVersion" ? "version must not be empty" : "must not be empty",
        ),
      ),
  );
}

export function metadataCauses(object: JsonObject, rule: NameRule): readonly Cause[] {
  const metadata = objectAt(object, "metadata");
  return [
    ...nameCauses(stringAt(metadata, "name") ?? "", rule),
    ...labelCauses(objectAt(metadata, "labels")),
    ...keyCauses(objectAt(metadata, "annotations"), "annotations"),
    ...ownerCauses(metadata),
    ...finalizerCauses(stringsAt(metadata, "finalizers")),
  ];
}

/** Members that only the server writes: taken from the stored object, whatever a client sends. */
const SERVER_OWNED = [
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "generation",
  "selfLink",
  "resourceVersion",
  "managedFields",
  "generateName",
];

/** Drops empty maps and lists, as the real server does, so that writing them again changes nothing. */
function isEmpty(value: Json): boolean {
  if (value === null) return true;
  return Array.isArray(value)
    ? value.length === 0
    : isObject(value) && Object.keys(value).length === 0;
}

/** The metadata a write asks for, with what the server owns taken from `stored`. */
export function mergedMetadata(asked: JsonObject, stored: JsonObject): JsonObject {
  const result: Record<string, Json> = {};
  for (const [key, value] of Object.entries(asked)) {
    if (!SERVER_OWNED.includes(key) && !isEmpty(value)) result[key] = value;
  }
  for (const key of SERVER_OWNED) if (stored[key] !== undefined) result[key] = stored[key];
  return result;
}

/** The metadata a create asks for, without what only the server writes. */
export function freshMetadata(asked: JsonObject): JsonObject {
  const generateName = stringAt(asked, "generateName");
  return mergedMetadata(asked, generateName === undefined ? EMPTY : { generateName });
}
