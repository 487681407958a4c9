import { describe, expect, test } from "vitest";
import { fieldName, type Json, type JsonObject } from "../../../../src/sandbox/api-server/json.ts";
import { applyDefaults } from "../../../../src/sandbox/api-server/schema/defaults.ts";
import { fitsFormat } from "../../../../src/sandbox/api-server/schema/formats.ts";
import { prune } from "../../../../src/sandbox/api-server/schema/prune.ts";
import { compileSchema } from "../../../../src/sandbox/api-server/schema/schema.ts";
import { validate } from "../../../../src/sandbox/api-server/schema/validate.ts";

function messagesOf(schema: JsonObject, value: Json): readonly string[] {
  return validate(value, compileSchema(schema), ["x"]).map(
    (cause) => `${cause.field}: ${cause.message}`,
  );
}

describe("validation", () => {
  test.each<[string, JsonObject, Json]>([
    ["the lowest value", { type: "integer", minimum: 1 }, 1],
    ["the highest value", { type: "integer", maximum: 3 }, 3],
    ["a whole number where fractions may be", { type: "number" }, 1],
    ["a multiple", { type: "number", multipleOf: 0.5 }, 1.5],
    ["the shortest text", { type: "string", minLength: 2 }, "ab"],
    ["the longest text", { type: "string", maxLength: 2 }, "äö"],
    ["a nullable null", { type: "string", nullable: true }, null],
    ["an int for int-or-string", { "x-kubernetes-int-or-string": true }, 5],
    ["a string for int-or-string", { "x-kubernetes-int-or-string": true }, "25%"],
    ["one of the choices", { enum: ["a", 1] }, 1],
    [
      "as few and as many members as may be",
      {
        type: "object",
        minProperties: 1,
        maxProperties: 1,
        additionalProperties: { type: "string" },
      },
      { a: "b" },
    ],
    [
      "as few and as many items as may be",
      { type: "array", minItems: 1, maxItems: 1, items: { type: "string" } },
      ["a"],
    ],
    [
      "one branch of oneOf",
      {
        type: "object",
        properties: { a: { type: "string" }, b: { type: "string" } },
        oneOf: [{ required: ["a"] }, { required: ["b"] }],
      },
      { a: "1" },
    ],
    ["what not excludes not", { type: "integer", not: { minimum: 5 } }, 4],
    [
      "items of a map list with different keys",
      {
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["n"],
        items: { type: "object" },
      },
      [{ n: 1 }, { n: 2 }],
    ],
  ])("accepts %s", (_case, schema, value) => {
    expect(messagesOf(schema, value)).toEqual([]);
  });

  test.each<[string, JsonObject, Json, string]>([
    [
      "below the lowest",
      { type: "integer", minimum: 1 },
      0,
      "x: Invalid value: 0: x in body should be greater than or equal to 1",
    ],
    [
      "at an excluded bound",
      { type: "integer", maximum: 3, exclusiveMaximum: true },
      3,
      "x: Invalid value: 3: x in body should be less than 3",
    ],
    [
      "no multiple",
      { type: "number", multipleOf: 2 },
      3,
      "x: Invalid value: 3: x in body should be a multiple of 2",
    ],
    [
      "beyond int32",
      { type: "integer", format: "int32" },
      2 ** 31,
      "x: Invalid value: 2147483648: x in body must be a valid int32",
    ],
    [
      "a fraction",
      { type: "integer" },
      1.5,
      'x: Invalid value: "number": x in body must be of type integer: "number"',
    ],
    [
      "null",
      { type: "string" },
      null,
      'x: Invalid value: "null": x in body must be of type string: "null"',
    ],
    [
      "too short",
      { type: "string", minLength: 2 },
      "a",
      'x: Invalid value: "a": x in body should be at least 2 chars long',
    ],
    [
      "not matching",
      { type: "string", pattern: "^a/b$" },
      "c",
      `x: Invalid value: "c": x in body should match '^a/b$'`,
    ],
    [
      "no time",
      { type: "string", format: "date-time" },
      "soon",
      'x: Invalid value: "soon": x in body must be of type date-time: "soon"',
    ],
    [
      "too few items",
      { type: "array", minItems: 1, items: {} },
      [],
      "x: Invalid value: 0: x in body should have at least 1 items",
    ],
    [
      "too many members",
      { type: "object", maxProperties: 0 },
      { a: 1 },
      "x: Too many: 1: must have at most 0 items",
    ],
    [
      "two branches of oneOf",
      {
        type: "object",
        properties: { a: {}, b: {} },
        oneOf: [{ required: ["a"] }, { required: ["b"] }],
      },
      { a: 1, b: 2 },
      'x: Invalid value: "": "x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
    [
      "no branch of anyOf",
      { type: "object", properties: { a: {} }, anyOf: [{ required: ["a"] }] },
      {},
      'x: Invalid value: "": "x" must validate at least one schema (anyOf)',
    ],
    [
      "repeated keys",
      {
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["n"],
        items: { type: "object" },
      },
      [{ n: 1 }, { n: 1 }],
      "x[1]: Duplicate value: [1]",
    ],
    [
      "repeated values",
      { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
      ["a", "a"],
      'x[1]: Duplicate value: "a"',
    ],
    [
      "an inherited name for a required one",
      { type: "object", required: ["toString"] },
      {},
      "x.toString: Required value",
    ],
  ])("refuses %s", (_case, schema, value, message) => {
    expect(messagesOf(schema, value)).toEqual([message]);
  });
});

describe("defaults", () => {
  const schema = compileSchema({
    type: "object",
    properties: {
      a: { type: "integer", default: 1 },
      deep: { type: "object", default: {}, properties: { b: { type: "string", default: "x" } } },
      absent: { type: "object", properties: { c: { type: "string", default: "y" } } },
      maybe: { type: "string", nullable: true, default: "z" },
      list: {
        type: "array",
        items: { type: "object", properties: { d: { type: "integer", default: 7 } } },
      },
      map: {
        type: "object",
        additionalProperties: {
          type: "object",
          properties: { e: { type: "integer", default: 8 } },
        },
      },
    },
  });

  test("fill what is missing, also below other defaults, but make no objects up", () => {
    expect(applyDefaults({ list: [{}], map: { k: {} } }, schema)).toEqual({
      a: 1,
      deep: { b: "x" },
      maybe: "z",
      list: [{ d: 7 }],
      map: { k: { e: 8 } },
    });
  });

  test("replace null where null may not be", () => {
    expect(applyDefaults({ a: null, maybe: null }, schema)).toMatchObject({ a: 1, maybe: null });
  });

  test("give the same object back when nothing is missing", () => {
    const complete = { a: 1, deep: { b: "x" }, maybe: "z" };
    expect(applyDefaults(complete, schema)).toBe(complete);
  });
});

describe("pruning", () => {
  const schema = compileSchema({
    type: "object",
    properties: {
      known: { type: "object", properties: { a: { type: "string" } } },
      open: {
        type: "object",
        "x-kubernetes-preserve-unknown-fields": true,
        properties: { strict: { type: "object" } },
      },
      embedded: { type: "object", "x-kubernetes-embedded-resource": true },
      map: { type: "object", additionalProperties: { type: "object" } },
    },
  });

  test("drops and names unknown fields, and only those", () => {
    const dropped: string[] = [];
    const value = {
      known: { a: "1", b: 2 },
      open: { any: 1, strict: { x: 1 } },
      embedded: { apiVersion: "v1", kind: "Pod", metadata: {}, spec: {} },
      map: { "a.b": { c: 1 } },
      odd: 1,
    };
    const pruned = prune(value, schema, [], (path) => dropped.push(fieldName(path)));
    expect(pruned).toEqual({
      known: { a: "1" },
      open: { any: 1, strict: {} },
      embedded: { apiVersion: "v1", kind: "Pod", metadata: {} },
      map: { "a.b": {} },
    });
    expect(dropped).toEqual(["known.b", "open.strict.x", "embedded.spec", "map[a.b].c", "odd"]);
  });
});

describe("formats", () => {
  test.each([
    ["duration", "1h30m", true],
    ["duration", "90", false],
    ["date-time", "2026-01-01T00:00:00.5Z", true],
    ["date-time", "2026-13-01T00:00:00Z", false],
    ["ipv4", "10.0.0.1", true],
    ["ipv4", "10.0.0.256", false],
    ["cidr", "10.0.0.0/8", true],
    ["cidr", "10.0.0.0/33", false],
    ["uri", "https://a.dev/x", true],
    ["uri", "not a uri", false],
    ["byte", "dg==", true],
    ["byte", "dg=", false],
    ["unknown-to-kubernetes", "anything", true],
  ])("%s: %s fits: %s", (format, text, expected) => {
    expect(fitsFormat(text, format)).toBe(expected);
  });
});
