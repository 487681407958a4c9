/** The options of a write as its query string and headers give them. */

import { unsupportedValue } from "./field-error.ts";
import { EMPTY, isList, type Json, type JsonObject, objectAt, stringAt } from "./json.ts";
import { invalidOption } from "./status-error.ts";

export type FieldValidation = "Strict" | "Warn" | "Ignore";

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly manager: string;
  readonly fieldValidation: FieldValidation;
  /** Where what is unknown or of a wrong type is found only after the patch was applied. */
  readonly isPatch: boolean;
}

export interface DeleteOptions {
  readonly dryRun: boolean;
  /** Background, Foreground or Orphan. */
  readonly propagation: string;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

function isDryRun(kind: string, values: readonly Json[]): boolean {
  if (values.some((value) => value !== "All"))
    throw invalidOption(kind, unsupportedValue(["dryRun"], values, ["All"]));
  return values.length > 0;
}

function dryRunOf(query: URLSearchParams): readonly string[] {
  return query.getAll("dryRun").filter((value) => value !== "");
}

function fieldValidationOf(kind: string, query: URLSearchParams): FieldValidation {
  const value = query.get("fieldValidation") || "Warn";
  if (value === "Strict" || value === "Warn" || value === "Ignore") return value;
  const supported = ["", "Ignore", "Strict", "Warn"];
  throw invalidOption(kind, unsupportedValue(["fieldValidation"], value, supported));
}

/** What the real server reads the parameters of a write into, and names in its errors. */
const KINDS: Readonly<Record<string, string>> = {
  POST: "CreateOptions",
  PUT: "UpdateOptions",
  PATCH: "PatchOptions",
};

/** Throws a 422 on a parameter that is none. */
export function writeOptionsOf({ method, url, headers }: Request): WriteOptions {
  const query = new URL(url).searchParams;
  const kind = KINDS[method] ?? "";
  const agent = (headers.get("user-agent") ?? "").split("/")[0] ?? "";
  return {
    dryRun: isDryRun(kind, dryRunOf(query)),
    manager: query.get("fieldManager") ?? (agent === "" ? "unknown" : agent),
    fieldValidation: fieldValidationOf(kind, query),
    isPatch: method === "PATCH",
  };
}

const POLICIES = ["Foreground", "Background", "Orphan"];

export function deleteOptionsOf(query: URLSearchParams, body: Json | undefined): DeleteOptions {
  const policy =
    stringAt(body, "propagationPolicy") ?? query.get("propagationPolicy") ?? "Background";
  if (!POLICIES.includes(policy)) {
    const cause = unsupportedValue(["propagationPolicy"], policy, [...POLICIES, "nil"]);
    throw invalidOption("DeleteOptions", cause);
  }
  const preconditions: JsonObject = body === undefined ? EMPTY : objectAt(body, "preconditions");
  const dryRun = objectAt({ body: body ?? null }, "body")["dryRun"];
  return {
    dryRun: isDryRun("DeleteOptions", isList(dryRun) ? dryRun : dryRunOf(query)),
    propagation: policy,
    uid: stringAt(preconditions, "uid"),
    resourceVersion: stringAt(preconditions, "resourceVersion"),
  };
}
