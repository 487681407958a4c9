/** The columns of a custom resource: its name, what its definition adds, and its age where it adds nothing. */
import {
  isObject,
  type Json,
  type JsonList,
  type JsonObject,
  numberAt,
  stringAt,
  textOfValue,
} from "../json.ts";
import type { Column } from "../resource-type.ts";
import { ageSince } from "./age.ts";
import { compileJsonPath } from "./json-path.ts";

export const NAME_COLUMN: Column = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Name must be unique within a namespace.",
  priority: 0,
  value: (object) => stringAt(object, "metadata", "name") ?? "",
};

export const AGE_COLUMN: Column = {
  name: "Age",
  type: "date",
  format: "",
  description: "Time since the object was created.",
  priority: 0,
  value: (object, nowMs) => ageSince(stringAt(object, "metadata", "creationTimestamp"), nowMs),
};

function cell(values: readonly Json[], type: string, nowMs: number): Json {
  const [first] = values;
  if (first === undefined || first === null) return null;
  if (type === "date") return ageSince(textOfValue(first), nowMs);
  if (type === "integer" || type === "number" || type === "boolean") return first;
  return values.map(textOfValue).join(",");
}

function customColumn(raw: JsonObject): Column {
  const find = compileJsonPath(stringAt(raw, "jsonPath") ?? "") ?? (() => []);
  const type = stringAt(raw, "type") ?? "string";
  const path = stringAt(raw, "jsonPath") ?? "";
  return {
    name: stringAt(raw, "name") ?? "",
    type,
    format: stringAt(raw, "format") ?? "",
    description:
      stringAt(raw, "description") ??
      `Custom resource definition column (in JSONPath format): ${path}`,
    priority: numberAt(raw, "priority") ?? 0,
    value: (object, nowMs) => cell(find(object), type, nowMs),
  };
}

export function customColumns(declared: JsonList): readonly Column[] {
  const columns = declared.filter(isObject).map(customColumn);
  return [NAME_COLUMN, ...(columns.length === 0 ? [AGE_COLUMN] : columns)];
}
