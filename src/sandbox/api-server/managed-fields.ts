/** Keeps who wrote an object: one entry per manager, operation, version and subresource, the latest writer last. */
import { defined, isObject, type Json, type JsonObject, listAt, sameJson, withAt } from "./json.ts";

/** Update entries kept, as in a real API server. */
const MAX_MANAGERS = 10;

export interface Writer {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string | undefined;
  /** Fields an apply asked for; undefined for updates, whose fields are not tracked. */
  readonly fields: JsonObject | undefined;
}

function identity(entry: Json): Json {
  if (!isObject(entry)) return null;
  return [
    entry["manager"] ?? "",
    entry["operation"] ?? "",
    entry["apiVersion"] ?? "",
    entry["subresource"] ?? "",
  ];
}

/** The object with `writer` recorded as its latest writer at `time`. */
export function recordWriter(object: JsonObject, writer: Writer, time: string): JsonObject {
  const entry = defined({
    manager: writer.manager,
    operation: writer.operation,
    apiVersion: writer.apiVersion,
    time,
    fieldsType: "FieldsV1",
    fieldsV1: writer.fields ?? {},
    subresource: writer.subresource,
  });
  const others = listAt(object, "metadata", "managedFields").filter(
    (other) => !sameJson(identity(other), identity(entry)),
  );
  return withAt(object, ["metadata", "managedFields"], [...others, entry].slice(-MAX_MANAGERS));
}

/** The entry of a manager's own applies, if it applied this object before. */
export function applyEntryOf(object: JsonObject, manager: string): JsonObject | undefined {
  return listAt(object, "metadata", "managedFields")
    .filter(isObject)
    .find((entry) => entry["manager"] === manager && entry["operation"] === "Apply");
}
