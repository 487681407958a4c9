import { describe, expect, it } from "vitest";
import { z } from "zod";
import { objectSchema } from "../../src/codegen/custom-resource-definition.ts";
import { kinds } from "../../src/codegen/kinds.ts";
import { toStructuralSchema } from "../../src/codegen/structural-schema.ts";
import { structuralProblems } from "../support/structural-problems.ts";

describe("the schema of every kind", () => {
  it.each(kinds)("is structural, bounded and has valid defaults ($kind)", (kind) => {
    expect(structuralProblems(objectSchema(kind))).toEqual([]);
  });
});

describe("toStructuralSchema", () => {
  it("keeps a defaulted field optional and its default", () => {
    const schema = z.object({ weight: z.int32().min(1).default(10), name: z.string() });
    expect(toStructuralSchema(schema)).toEqual({
      type: "object",
      required: ["name"],
      properties: {
        weight: { type: "integer", format: "int32", default: 10, minimum: 1 },
        name: { type: "string" },
      },
    });
  });

  it.each([
    ["a 32-bit integer", z.int32(), { type: "integer", format: "int32" }],
    ["a larger integer", z.int().min(0), { type: "integer", format: "int64", minimum: 0 }],
    [
      "a bounded integer",
      z.int().min(0).max(9),
      { type: "integer", format: "int32", minimum: 0, maximum: 9 },
    ],
  ])("says the size of %s by its format, not by bounds", (_, field, expected) => {
    expect(toStructuralSchema(z.object({ field })).properties?.["field"]).toEqual(expected);
  });

  it("lets a strict object be pruned instead of refused, as API servers do", () => {
    const schema = toStructuralSchema(z.object({ inner: z.strictObject({ a: z.string() }) }));
    expect(schema.properties?.["inner"]).not.toHaveProperty("additionalProperties");
  });

  it.each([
    ["a union", z.union([z.string(), z.int32()])],
    ["an unknown value", z.unknown()],
    ["open fields", z.looseObject({ a: z.string() })],
  ])("refuses %s and names the place", (_, field) => {
    expect(() => toStructuralSchema(z.object({ outer: z.object({ field }) }))).toThrow("outer");
  });
});

it("toStructuralSchema refuses a schema that would become a reference", () => {
  const schema = z.object({ field: z.string().meta({ id: "shared" }) });
  expect(() => toStructuralSchema(schema)).toThrow("not structural");
});

describe("the check for structural schemas", () => {
  const property = (field: object) => ({ type: "object", properties: { field } });
  it.each([
    ["a reference", { type: "string", maxLength: 1, $ref: "#/x" }],
    ["a missing type", { description: "?" }],
    ["alternatives", { type: "string", maxLength: 1, anyOf: [] }],
    ["a look-ahead", { type: "string", maxLength: 9, pattern: "^(?!x)" }],
    ["an unbounded text", { type: "string" }],
    ["an unbounded list", { type: "array", items: { type: "boolean" } }],
    ["an unbounded map", { type: "object", additionalProperties: { type: "boolean" } }],
    ["a default of another type", { type: "integer", default: "1" }],
    [
      "a default with a field that is pruned",
      { ...property({ type: "boolean" }), default: { other: true } },
    ],
    ["a required field that is not there", { type: "object", properties: {}, required: ["a"] }],
    [
      "a list key that may be absent",
      {
        type: "array",
        maxItems: 1,
        items: property({ type: "boolean" }),
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["field"],
      },
    ],
  ])("finds %s", (_, field) => {
    expect(structuralProblems(property(field))).toHaveLength(1);
  });
});
