import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeJson } from "../../../../src/sandbox/api-server/decode.ts";
import type { Json } from "../../../../src/sandbox/api-server/json.ts";
import { applyJsonPatch } from "../../../../src/sandbox/api-server/patch/json-patch.ts";
import { applyMergePatch } from "../../../../src/sandbox/api-server/patch/merge-patch.ts";
import { StatusError } from "../../../../src/sandbox/api-server/status-error.ts";

const document: Json = { a: { b: [1, 2, 3] }, "x/y": 1, "m~n": 2, none: null };

function codeOf(patch: Json): number {
  try {
    applyJsonPatch(document, patch);
    return 200;
  } catch (cause) {
    if (cause instanceof StatusError) return cause.code;
    throw cause;
  }
}

describe("a JSON patch", () => {
  test.each<[string, Json, Json]>([
    ["adds a member", [{ op: "add", path: "/c", value: 1 }], { ...document, c: 1 }],
    [
      "adds before an item",
      [{ op: "add", path: "/a/b/0", value: 0 }],
      { ...document, a: { b: [0, 1, 2, 3] } },
    ],
    [
      "adds after the last item",
      [{ op: "add", path: "/a/b/-", value: 4 }],
      { ...document, a: { b: [1, 2, 3, 4] } },
    ],
    [
      "adds at the place after the last item",
      [{ op: "add", path: "/a/b/3", value: 4 }],
      { ...document, a: { b: [1, 2, 3, 4] } },
    ],
    ["removes an item", [{ op: "remove", path: "/a/b/1" }], { ...document, a: { b: [1, 3] } }],
    [
      "replaces an item",
      [{ op: "replace", path: "/a/b/2", value: 9 }],
      { ...document, a: { b: [1, 2, 9] } },
    ],
    ["replaces the whole", [{ op: "replace", path: "", value: 1 }], 1],
    [
      "reads escaped names",
      [
        { op: "replace", path: "/x~1y", value: 5 },
        { op: "replace", path: "/m~0n", value: 6 },
      ],
      { ...document, "x/y": 5, "m~n": 6 },
    ],
    ["copies", [{ op: "copy", from: "/a/b", path: "/c" }], { ...document, c: [1, 2, 3] }],
    [
      "moves",
      [{ op: "move", from: "/a/b/0", path: "/a/b/2" }],
      { ...document, a: { b: [2, 3, 1] } },
    ],
    ["passes a test that holds", [{ op: "test", path: "/a", value: { b: [1, 2, 3] } }], document],
    ["passes a test for null", [{ op: "test", path: "/none", value: null }], document],
  ])("%s", (_case, patch, expected) => {
    expect(applyJsonPatch(document, patch)).toEqual(expected);
  });

  test.each<[string, Json, number]>([
    ["a test that fails", [{ op: "test", path: "/a/b/0", value: 2 }], 422],
    ["a test of what is not there", [{ op: "test", path: "/zz", value: 2 }], 422],
    ["an index beyond the list", [{ op: "replace", path: "/a/b/3", value: 2 }], 422],
    ["adding beyond the end", [{ op: "add", path: "/a/b/4", value: 2 }], 422],
    ["an index with a leading zero", [{ op: "remove", path: "/a/b/01" }], 422],
    ["a negative index", [{ op: "remove", path: "/a/b/-1" }], 422],
    ["a member of a scalar", [{ op: "add", path: "/x~1y/z", value: 2 }], 422],
    ["a path without a slash", [{ op: "add", path: "a", value: 2 }], 422],
    ["moving what is not there", [{ op: "move", from: "/zz", path: "/a" }], 422],
    ["an unknown operation", [{ op: "swap", path: "/a" }], 422],
    ["an inherited name", [{ op: "remove", path: "/constructor/name" }], 422],
    ["a patch that is no list", { op: "test" }, 400],
    ["an operation that is no object", [1], 400],
    [
      "10,000 operations",
      Array.from({ length: 10_000 }, () => ({ op: "test", path: "/none", value: null })),
      200,
    ],
    [
      "10,001 operations",
      Array.from({ length: 10_001 }, () => ({ op: "test", path: "/none", value: null })),
      413,
    ],
  ])("with %s is answered %#", (_case, patch, code) => {
    expect(codeOf(patch)).toBe(code);
  });

  test("shares what it does not change", () => {
    const before = { kept: { deep: [1] }, changed: 1 };
    const after = applyJsonPatch(before, [{ op: "replace", path: "/changed", value: 2 }]);
    expect(after).toHaveProperty("kept");
    expect(Object.entries(after ?? {}).find(([key]) => key === "kept")?.[1]).toBe(before.kept);
  });
});

describe("a merge patch", () => {
  test.each<[Json, Json, Json]>([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [["a"], ["c"], ["c"]],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("of %j with %j is %j", (target, patch, expected) => {
    expect(applyMergePatch(target, patch)).toEqual(expected);
  });

  test("applied twice is applied once", () => {
    const json = fc.json().map(decodeJson);
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const once = applyMergePatch(target, patch);
        expect(applyMergePatch(once, patch)).toEqual(once);
      }),
    );
  });
});
