/** The parts of JSON Patch (RFC 6902) and JSON Pointer (RFC 6901) that Serin's writes are made of. */
import { isRecord } from "./raw-object.ts";

/** A failed `test` refuses the whole patch; `add` also replaces a member that is there. */
export type JsonPatchOperation =
  | { readonly op: "test" | "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

export type JsonPath = readonly (string | number)[];

export function jsonPointer(path: JsonPath): string {
  return path
    .map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

/** A copy with another value at `path`; undefined when there is nothing on the way there. */
export function replacedAt(value: unknown, path: JsonPath, leaf: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return leaf;
  if (Array.isArray(value)) {
    const index = Number(step);
    if (!(index in value)) return undefined;
    const member = replacedAt(value[index], rest, leaf);
    return member === undefined ? undefined : value.with(index, member);
  }
  if (!isRecord(value)) return undefined;
  const member = replacedAt(value[step], rest, leaf);
  return member === undefined ? undefined : { ...value, [step]: member };
}

/** A copy without what is at `path`; the same value when there is nothing. */
export function removedAt(value: unknown, path: JsonPath): unknown {
  const last = path.at(-1);
  const parentPath = path.slice(0, -1);
  const parent = parentPath.reduce<unknown>(
    (at, step) => (Array.isArray(at) ? at[Number(step)] : isRecord(at) ? at[step] : undefined),
    value,
  );
  if (!isRecord(parent) || last === undefined || !(last in parent)) return value;
  const { [last]: _, ...rest } = parent;
  return replacedAt(value, parentPath, rest);
}
