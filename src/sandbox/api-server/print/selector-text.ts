/** Writes a label selector object as the text of a label selector. */
import {
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  textOfValue,
} from "../json.ts";

function expression(requirement: Json): string {
  const key = stringAt(requirement, "key") ?? "";
  const values = stringsAt(requirement, "values").join(",");
  switch (stringAt(requirement, "operator") ?? "") {
    case "In":
      return `${key} in (${values})`;
    case "NotIn":
      return `${key} notin (${values})`;
    case "Exists":
      return key;
    default:
      return `!${key}`;
  }
}

export function labelsText(labels: JsonObject): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${textOfValue(value)}`)
    .sort()
    .join(",");
}

export function labelSelectorText(selector: JsonObject): string {
  const equal = labelsText(objectAt(selector, "matchLabels"));
  return [
    ...(equal === "" ? [] : [equal]),
    ...listAt(selector, "matchExpressions").map(expression),
  ].join(",");
}
