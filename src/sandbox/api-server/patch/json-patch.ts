/** JSON Patch (RFC 6902) on immutable values. Every failure, a failed `test` included, is a 422. */
import { MAX_JSON_PATCH_OPERATIONS } from "../../limits.ts";
import {
  at,
  isList,
  isObject,
  type Json,
  type JsonList,
  type JsonObject,
  sameJson,
  stringAt,
  without,
} from "../json.ts";
import { badRequest, patchRejected, StatusError } from "../status-error.ts";

type Pointer = readonly string[];

function parsePointer(text: string): Pointer {
  if (text === "") return [];
  if (!text.startsWith("/")) throw patchRejected(`path "${text}" does not start with "/"`);
  return text
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function shown(pointer: Pointer): string {
  return pointer.map((part) => `/${part}`).join("");
}

function missing(pointer: Pointer): StatusError {
  return patchRejected(`path "${shown(pointer)}" does not exist in the object`);
}

/** Index of an existing item, or of the place after the last when `length` may be named. */
function listIndex(list: JsonList, key: string, last: number): number | undefined {
  const index = /^(0|[1-9]\d*)$/.test(key) ? Number(key) : undefined;
  return index !== undefined && index <= last && last <= list.length ? index : undefined;
}

function read(document: Json, pointer: Pointer): Json | undefined {
  let current: Json | undefined = document;
  for (const key of pointer) {
    if (isList(current)) {
      const index = listIndex(current, key, current.length - 1);
      current = index === undefined ? undefined : current[index];
    } else current = at(current, key);
  }
  return current;
}

/** Rewrites the container that holds the last key of `pointer`, sharing everything beside the way there. */
function change(
  document: Json,
  pointer: Pointer,
  edit: (container: Json, key: string) => Json,
): Json {
  const descend = (value: Json, depth: number): Json => {
    const key = pointer[depth];
    if (key === undefined) throw missing(pointer);
    if (depth === pointer.length - 1) return edit(value, key);
    const child = read(value, [key]);
    if (child === undefined) throw missing(pointer);
    const next = descend(child, depth + 1);
    return isList(value)
      ? value.with(Number(key), next)
      : { ...(isObject(value) ? value : {}), [key]: next };
  };
  return descend(document, 0);
}

function add(document: Json, pointer: Pointer, value: Json): Json {
  if (pointer.length === 0) return value;
  return change(document, pointer, (container, key) => {
    if (isObject(container)) return { ...container, [key]: value };
    if (!isList(container)) throw missing(pointer);
    const index = key === "-" ? container.length : listIndex(container, key, container.length);
    if (index === undefined) throw missing(pointer);
    return container.toSpliced(index, 0, value);
  });
}

function remove(document: Json, pointer: Pointer): Json {
  if (read(document, pointer) === undefined) throw missing(pointer);
  return change(document, pointer, (container, key) => {
    if (isList(container)) return container.toSpliced(Number(key), 1);
    return isObject(container) ? without(container, key) : container;
  });
}

function replace(document: Json, pointer: Pointer, value: Json): Json {
  if (pointer.length === 0) return value;
  if (read(document, pointer) === undefined) throw missing(pointer);
  return change(document, pointer, (container, key) =>
    isList(container)
      ? container.with(Number(key), value)
      : { ...(isObject(container) ? container : {}), [key]: value },
  );
}

function test(document: Json, pointer: Pointer, value: Json): Json {
  if (!sameJson(read(document, pointer) ?? null, value)) {
    throw patchRejected(
      `testing path "${shown(pointer)}" failed: the value is not the expected one`,
    );
  }
  return document;
}

function sourceOf(
  document: Json,
  operation: JsonObject,
): { readonly from: Pointer; readonly value: Json } {
  const from = parsePointer(stringAt(operation, "from") ?? "");
  const value = read(document, from);
  if (value === undefined) throw missing(from);
  return { from, value };
}

function applyOperation(document: Json, operation: JsonObject): Json {
  const path = parsePointer(stringAt(operation, "path") ?? "");
  const value = operation["value"] ?? null;
  switch (stringAt(operation, "op") ?? "") {
    case "add":
      return add(document, path, value);
    case "remove":
      return remove(document, path);
    case "replace":
      return replace(document, path, value);
    case "test":
      return test(document, path, value);
    case "copy":
      return add(document, path, sourceOf(document, operation).value);
    case "move": {
      const source = sourceOf(document, operation);
      return add(remove(document, source.from), path, source.value);
    }
    default:
      throw patchRejected(
        `unexpected kind of operation: ${JSON.stringify(operation["op"] ?? null)}`,
      );
  }
}

/** Throws a 400 on a patch that is none, a 413 on one too long and a 422 on one that does not fit. */
export function applyJsonPatch(document: Json, patch: Json): Json {
  if (!isList(patch))
    throw badRequest(
      "error decoding patch: json: cannot unmarshal object into a list of operations",
    );
  if (patch.length > MAX_JSON_PATCH_OPERATIONS) {
    const message = `The allowed maximum operations in a JSON patch is ${MAX_JSON_PATCH_OPERATIONS}, got ${patch.length}`;
    throw new StatusError(413, "RequestEntityTooLarge", message);
  }
  return patch.reduce((current: Json, operation) => {
    if (!isObject(operation))
      throw badRequest("error decoding patch: an operation is not an object");
    return applyOperation(current, operation);
  }, document);
}
