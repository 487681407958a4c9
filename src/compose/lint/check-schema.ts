/**
 * What the API server would say to an object of one of Serin's kinds: unknown fields, schema, rules in CEL, by the very
 * code that the sandbox's API server refuses with. Looks at one object at a time.
 */

import { nearest } from "../../core/nearest.ts";
import { customType } from "../../sandbox/api-server/crd.ts";
import {
  fieldName,
  isObject,
  type JsonObject,
  type Path,
  stringAt,
} from "../../sandbox/api-server/json.ts";
import { metadataCauses } from "../../sandbox/api-server/object-meta.ts";
import type { ServedVersion } from "../../sandbox/api-server/resource-type.ts";
import { applyDefaults } from "../../sandbox/api-server/schema/defaults.ts";
import { prune } from "../../sandbox/api-server/schema/prune.ts";
import { validateRules } from "../../sandbox/api-server/schema/rules.ts";
import type { Schema } from "../../sandbox/api-server/schema/schema.ts";
import { validate } from "../../sandbox/api-server/schema/validate.ts";
import type { Cause } from "../../sandbox/api-server/status-error.ts";
import { serinCrds } from "../manifests.ts";
import { pathOf } from "./documents.ts";
import type { Complaint } from "./finding.ts";

export interface KnownKind {
  readonly kind: string;
  readonly apiVersion: string;
  readonly namespaced: boolean;
  readonly version: ServedVersion;
}

/** Serin's kinds in every version that their definitions serve. */
export async function serinKinds(): Promise<readonly KnownKind[]> {
  return (await serinCrds()).flatMap((definition: unknown) => {
    if (!isObject(definition)) return [];
    const { kind, group, namespaced, versions } = customType(definition);
    return versions.map((version) => ({
      kind,
      apiVersion: `${group}/${version.name}`,
      namespaced,
      version,
    }));
  });
}

/**
 * True for anything that claims to be of Serin's group, so that a misspelt kind is an error and no other kind; and for
 * what has a kind of Serin's and names no group.
 */
export function isOurs(object: JsonObject, kinds: readonly KnownKind[]): boolean {
  const apiVersion = stringAt(object, "apiVersion");
  if (apiVersion === undefined) return kinds.some(({ kind }) => kind === object["kind"]);
  const group = apiVersion.split("/")[0];
  return kinds.some(({ apiVersion }) => apiVersion.split("/")[0] === group);
}

/** The kind of an object of Serin's group, or what is wrong with its name. */
export function kindOf(
  object: JsonObject,
  kinds: readonly KnownKind[],
): KnownKind | Pick<Complaint, "path" | "reason" | "message"> {
  const apiVersion = stringAt(object, "apiVersion") ?? "";
  const kind = stringAt(object, "kind") ?? "";
  const ofVersion = kinds.filter((known) => known.apiVersion === apiVersion);
  const found = ofVersion.find((known) => known.kind === kind);
  if (found !== undefined) return found;
  if (ofVersion.length === 0) {
    const versions = [...new Set(kinds.map((known) => known.apiVersion))].join(", ");
    return {
      path: ["apiVersion"],
      reason: "UnknownVersion",
      message:
        apiVersion === ""
          ? `missing; write ${versions}`
          : `unknown version ${apiVersion}; write ${versions}`,
    };
  }
  const names = ofVersion.map((known) => known.kind);
  return {
    path: ["kind"],
    reason: "UnknownKind",
    message: `unknown kind ${kind}; ${suggestion(nearest(kind, names), names)}`,
  };
}

/** Everything that the API server would refuse an object for, the fields it does not know included. */
export function checkSchema(
  object: JsonObject,
  { version: { schema } }: KnownKind,
): readonly Omit<Complaint, "object">[] {
  const unknown: Omit<Complaint, "object">[] = [];
  const pruned = prune(object, schema, [], (path) => unknown.push(unknownField(path, schema)));
  const defaulted = applyDefaults(pruned, schema);
  if (!isObject(defaulted)) return unknown;
  const shape = [...metadataCauses(defaulted, "subdomain"), ...validate(defaulted, schema, [])];
  const rules = validateRules(defaulted, undefined, schema).filter(
    ({ message }) => shape.length === 0 || !hasNoAnswer(message),
  );
  return [...unknown, ...[...shape, ...rules.map(inItsWords)].map(toComplaint)];
}

/** A rule's message says by itself what is wrong. */
function inItsWords(cause: Cause): Cause {
  return { ...cause, message: cause.message.replace(/^Invalid value: /, "") };
}

/** The API server asks no rule of a value of the wrong shape. Here whoever mends one mistake should see the others too. */
const hasNoAnswer = (message: string): boolean => message.includes(" evaluating rule: ");

function unknownField(path: Path, schema: Schema): Omit<Complaint, "object"> {
  const name = String(path.at(-1));
  const siblings = [...(schemaAt(schema, path.slice(0, -1))?.properties.keys() ?? [])];
  const near = nearest(name, siblings);
  const elsewhere = near === undefined ? placesOf(name, schema, []) : [];
  const [place] = elsewhere;
  const hint =
    place === undefined ? suggestion(near, siblings) : `there is ${place}; did you mean that?`;
  return { severity: "Error", path, reason: "UnknownField", message: `unknown field; ${hint}` };
}

/** Names more than a few help nobody. */
const MAX_LISTED = 12;

function suggestion(near: string | undefined, known: readonly string[]): string {
  if (near !== undefined) return `did you mean ${near}?`;
  const listed = known.slice(0, MAX_LISTED).join(", ");
  return `known are ${listed}${known.length > MAX_LISTED ? ", …" : ""}`;
}

function schemaAt(schema: Schema, path: Path): Schema | undefined {
  let current: Schema | undefined = schema;
  for (const step of path) {
    const inner: Schema | undefined =
      typeof step === "number" ? current?.items : current?.properties.get(step);
    current = inner ?? current?.additional;
  }
  return current;
}

/** Where in the spec there is a field of this very name. */
function placesOf(name: string, schema: Schema, path: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (const [key, inner] of schema.properties) {
    if (path.length === 0 && key !== "spec") continue;
    const here = [...path, key];
    if (key === name) found.push(here.join("."));
    const items =
      inner.items === undefined ? [] : placesOf(name, inner.items, [...path, `${key}[]`]);
    found.push(...placesOf(name, inner, here), ...items);
  }
  return found;
}

/** The API server names the field again in the message, and calls what is no scalar "array" or "object". */
function toComplaint({ field, reason, message }: Cause): Omit<Complaint, "object"> {
  const path = pathOf(field);
  const short = message.replace(`${fieldName(path)} in body `, "");
  return { severity: "Error", path, reason: reason.replace(/^FieldValue/, ""), message: short };
}
