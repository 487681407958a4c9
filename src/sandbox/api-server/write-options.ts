/** The options of a write as its query string and headers give them. */
import { EMPTY, type Json, type JsonObject, objectAt, stringAt, textOfValue } from "./json.ts";
import { badRequest } from "./status-error.ts";

export type FieldValidation = "Strict" | "Warn" | "Ignore";

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly manager: string;
  readonly fieldValidation: FieldValidation;
}

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly orphanDependents: boolean;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

function isDryRun(value: string | null): boolean {
  if (value === null || value === "") return false;
  if (value === "All") return true;
  throw badRequest(`invalid dryRun value "${value}": only "All" is supported`);
}

function fieldValidationOf(query: URLSearchParams): FieldValidation {
  const value = query.get("fieldValidation") ?? "Warn";
  if (value === "Strict" || value === "Warn" || value === "Ignore") return value;
  throw badRequest(
    `fieldValidation: Unsupported value: "${value}": supported values: "Ignore", "Strict", "Warn"`,
  );
}

export function writeOptionsOf(query: URLSearchParams, userAgent: string | null): WriteOptions {
  const agent = (userAgent ?? "").split("/")[0] ?? "";
  return {
    dryRun: isDryRun(query.get("dryRun")),
    manager: query.get("fieldManager") ?? (agent === "" ? "unknown" : agent),
    fieldValidation: fieldValidationOf(query),
  };
}

export function deleteOptionsOf(query: URLSearchParams, body: Json | undefined): DeleteOptions {
  const policy =
    stringAt(body, "propagationPolicy") ?? query.get("propagationPolicy") ?? "Background";
  const preconditions: JsonObject = body === undefined ? EMPTY : objectAt(body, "preconditions");
  const dryRun = objectAt({ body: body ?? null }, "body")["dryRun"];
  return {
    dryRun: isDryRun(Array.isArray(dryRun) ? textOfValue(dryRun[0]) : query.get("dryRun")),
    orphanDependents: policy === "Orphan",
    uid: stringAt(preconditions, "uid"),
    resourceVersion: stringAt(preconditions, "resourceVersion"),
  };
}
