/** What the server knows of a kind of object: one row of a table for built-in kinds, one CRD for the others. */
import type { Json, JsonObject } from "./json.ts";
import type { Schema } from "./schema/schema.ts";
import type { Cause } from "./status-error.ts";

/** One column of `kubectl get`. Its value may depend on the current time (ages). */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 = always shown, above = only with `-o wide`. */
  readonly priority: number;
  readonly value: (object: JsonObject, nowMs: number) => Json;
}

/** Where a kind keeps what its scale subresource shows. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  readonly selector: readonly string[] | undefined;
}

export interface ServedVersion {
  readonly name: string;
  readonly schema: Schema;
  readonly openapi: JsonObject;
  readonly columns: readonly Column[];
  readonly scale: ScalePaths | undefined;
  readonly hasStatus: boolean;
}

export type NameRule = "subdomain" | "label" | "path";

/** Facts that defaulting and validation in code need beside the object. */
export interface AdmissionContext {
  /** Whether an object of this kind other than the written one fulfils the condition. */
  readonly exists: (holds: (object: JsonObject) => boolean) => boolean;
  readonly random: () => number;
}

export interface ResourceType {
  /** `plural.group`, unique. */
  readonly key: string;
  readonly group: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Served versions, the preferred one first. */
  readonly versions: readonly ServedVersion[];
  readonly storageVersion: string;
  readonly selectableFields: ReadonlySet<string>;
  readonly nameRule: NameRule;
  /** Whether `metadata.generation` counts the changes of anything but metadata and status. */
  readonly hasGeneration: boolean;
  /** Whether a change of annotations counts, too. */
  readonly countsAnnotations: boolean;
  /** A custom resource: no strategic merge patch, names no built-in rules. */
  readonly custom: boolean;
  /** False for kinds that are answered and forgotten, such as access reviews. */
  readonly stored: boolean;
  /** Defaults and derived fields that a schema cannot express. */
  readonly complete: (
    object: JsonObject,
    previous: JsonObject | undefined,
    context: AdmissionContext,
  ) => JsonObject;
  /** Rules that a schema cannot express. */
  readonly check: (object: JsonObject, previous: JsonObject | undefined) => readonly Cause[];
}

export function typeKey(plural: string, group: string): string {
  return group === "" ? plural : `${plural}.${group}`;
}

export function apiVersionOf(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}
