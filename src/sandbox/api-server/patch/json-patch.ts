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
  if (!text.startsWith("/")) throw patchRejected();
  return text
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

const missing = patchRejected;

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
    if (key === undefined) throw missing();
    if (depth === pointer.length - 1) return edit(value, key);
    const child = read(value, [key]);
    if (child === undefined) throw missing();
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
    if (!isList(container)) throw missing();
    const index = key === "-" ? container.length : listIndex(container, key, container.length);
    if (index === undefined) throw missing();
    return container.toSpliced(index, 0, value);
  });
}

/** What a pointer leads into; as for the real server, the member itself need not be there. */
function containerOf(document: Json, pointer: Pointer): Json {
  const container = read(document, pointer.slice(0, -1));
  if (!isList(container) && !isObject(container)) throw missing();
  return container;
}

function remove(document: Json, pointer: Pointer): Json {
  const container = containerOf(document, pointer);
  if (read(document, pointer) === undefined) {
    if (isList(container)) throw missing();
    return document;
  }
  return change(document, pointer, (holder, key) => {
    if (isList(holder)) return holder.toSpliced(Number(key), 1);
    return isObject(holder) ? without(holder, key) : holder;
  });
}

function replace(document: Json, pointer: Pointer, value: Json): Json {
  if (pointer.length === 0) return value;
  const container = containerOf(document, pointer);
  if (isList(container) && read(document, pointer) === undefined) throw missing();
  return change(document, pointer, (holder, key) =>
    isList(holder)
      ? holder.with(Number(key), value)
      : { ...(isObject(holder) ? holder : {}), [key]: value },
  );
}

function test(document: Json, pointer: Pointer, value: Json): Json {
  if (pointer.length > 0) containerOf(document, pointer);
  if (!sameJson(read(document, pointer) ?? null, value)) throw patchRejected();
  return document;
}

function sourceOf(
  document: Json,
  operation: JsonObject,
): { readonly from: Pointer; readonly value: Json } {
  const from = parsePointer(stringAt(operation, "from") ?? "");
  const value = read(document, from);
  if (value === undefined) throw missing();
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
      throw patchRejected();
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
