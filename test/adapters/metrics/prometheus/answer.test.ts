import { describe, expect, it } from "vitest";
import {
  decodeAnswer as decode,
  decodeRangeAnswer,
} from "../../../../src/adapters/metrics/prometheus/answer.ts";
import {
  MAX_ANSWER_SERIES,
  MAX_WARNINGS,
} from "../../../../src/adapters/metrics/prometheus/limits.ts";

const decodeAnswer = (status: number, text: string) => decode(status, text, { isOurs: true });
const decodeRange = (status: number, text: string) =>
  decodeRangeAnswer(status, text, { isOurs: true });
const success = (data: unknown, more: object = {}) =>
  JSON.stringify({ status: "success", data, ...more });
const vector = (result: unknown) => success({ resultType: "vector", result });
const one = (value: unknown) => vector([{ metric: { a: "b" }, value: [1.5, value] }]);

describe("decodeAnswer", () => {
  it.each([
    ["1.5", 1.5],
    ["-0", -0],
    ["1e-07", 1e-7],
    ["2.5e+21", 2.5e21],
    [".5", 0.5],
    ["NaN", Number.NaN],
    ["+Inf", Number.POSITIVE_INFINITY],
    ["Inf", Number.POSITIVE_INFINITY],
    ["-Inf", Number.NEGATIVE_INFINITY],
  ])("reads the value %s", (text, value) => {
    expect(decodeAnswer(200, one(text))).toStrictEqual({
      kind: "Samples",
      samples: [{ labels: { a: "b" }, value, atMs: 1500 }],
      warnings: [],
    });
  });

  it("reads a scalar as one sample without labels, and an empty vector as none", () => {
    const scalar = success({ resultType: "scalar", result: [2, "7"] });
    expect(decodeAnswer(200, scalar)).toMatchObject({
      samples: [{ labels: {}, value: 7, atMs: 2000 }],
    });
    for (const empty of [[], null]) {
      expect(decodeAnswer(200, vector(empty))).toMatchObject({ kind: "Samples", samples: [] });
    }
  });

  it.each([
    ["text that is no JSON", "<html>no</html>"],
    ["a list", "[]"],
    ["no status", "{}"],
    ["another status", '{"status":"ok"}'],
    ["no data", '{"status":"success"}'],
    ["no result type", success({ result: [] })],
    ["a matrix", success({ resultType: "matrix", result: [] })],
    ["a string", success({ resultType: "string", result: [1, "x"] })],
    ["a vector that is no list", vector({})],
    ["a series that is no object", vector([1])],
    ["a series without labels", vector([{ value: [1, "1"] }])],
    ["a label that is no text", vector([{ metric: { a: 1 }, value: [1, "1"] }])],
    ["a series without a value", vector([{ metric: {} }])],
    ["a native histogram", vector([{ metric: {}, histogram: [1, {}] }])],
    ["a value that is a number", one(1)],
    ["an empty value", one("")],
    ["a value with more behind it", one("1x")],
    ["a hexadecimal value", one("0x1")],
    ["a time that is text", vector([{ metric: {}, value: ["1", "1"] }])],
    ["a scalar without a value", success({ resultType: "scalar", result: null })],
  ])("calls %s malformed", (_what, text) => {
    expect(decodeAnswer(200, text)).toMatchObject({ failure: { reason: "Malformed" } });
  });

  it("accepts as many series as the bound and refuses one more", () => {
    const series = (count: number) =>
      vector(Array.from({ length: count }, () => ({ metric: {}, value: [1, "1"] })));
    expect(decodeAnswer(200, series(MAX_ANSWER_SERIES)).kind).toBe("Samples");
    expect(decodeAnswer(200, series(MAX_ANSWER_SERIES + 1))).toMatchObject({
      failure: { reason: "TooLarge" },
    });
  });

  it("calls an answer partial when a warning tells of missing data, and not for remarks", () => {
    const withWarnings = (warnings: unknown) =>
      decodeAnswer(200, success({ resultType: "vector", result: [] }, { warnings }));
    const remark = "PromQL warning: quantile value should be between 0 and 1";
    expect(withWarnings([remark])).toMatchObject({ kind: "Samples", warnings: [remark] });
    expect(withWarnings([remark, "store-1: no answer"])).toMatchObject({
      failure: { reason: "Partial", said: "store-1: no answer" },
    });
    expect(withWarnings(null)).toMatchObject({ kind: "Samples", warnings: [] });
    const infos = { infos: ["PromQL info: metric might not be a counter"] };
    const answer = decodeAnswer(200, success({ resultType: "vector", result: [] }, infos));
    expect(answer).toMatchObject({ kind: "Samples", warnings: [] });
  });

  it("keeps a bounded number of warnings but overlooks none that tells of missing data", () => {
    const remarks = Array.from({ length: MAX_WARNINGS + 5 }, () => "PromQL warning: hm");
    const text = (warnings: readonly string[]) =>
      success({ resultType: "vector", result: [] }, { warnings });
    expect(decodeAnswer(200, text(remarks))).toMatchObject({
      warnings: remarks.slice(0, MAX_WARNINGS),
    });
    expect(decodeAnswer(200, text([...remarks, "store-1: no answer"]))).toMatchObject({
      failure: { reason: "Partial" },
    });
  });

  it.each([
    [400, "bad_data", "BadQuery"],
    [422, "execution", "BadQuery"],
    [503, "timeout", "Timeout"],
    [499, "canceled", "Timeout"],
    [500, "internal", "ServerError"],
    [200, "bad_data", "BadQuery"],
    [200, "something_new", "ServerError"],
    [401, undefined, "Unauthorized"],
    [403, undefined, "Unauthorized"],
    [404, undefined, "Unreachable"],
    [413, undefined, "TooLarge"],
    [429, undefined, "ServerError"],
    [502, undefined, "ServerError"],
    [504, undefined, "Timeout"],
  ])("reads HTTP %d with errorType %s as %s", (status, errorType, reason) => {
    const text = JSON.stringify({ status: "error", errorType, error: "why" });
    expect(decodeAnswer(status, text)).toMatchObject({ failure: { reason, said: "why" } });
  });

  it("keeps the status and the words of an error that is no JSON", () => {
    expect(decodeAnswer(502, "<h1>Bad Gateway</h1>")).toStrictEqual({
      kind: "Failed",
      failure: { reason: "ServerError", detail: "HTTP 502", said: "<h1>Bad Gateway</h1>" },
    });
  });

  it.each([
    [502, "<h1>Bad Gateway</h1>"],
    [403, JSON.stringify({ kind: "Status", status: "Failure", message: "forbidden: alice" })],
    [401, JSON.stringify({ error: "who is alice?" })],
    [200, "alice's page"],
    [200, JSON.stringify({ alice: 1 })],
  ])(
    "keeps no words of a server that a template named, unless they are Prometheus': %d %s",
    (status, text) => {
      const failure = JSON.stringify(decode(status, text, { isOurs: false }));
      expect(failure).not.toMatch(/alice|Gateway/);
      const known = JSON.stringify({
        status: "error",
        errorType: "bad_data",
        error: "no such thing",
      });
      expect(JSON.stringify(decode(400, known, { isOurs: false }))).toContain("no such thing");
    },
  );

  it("reads no value at an instant that no date can be", () => {
    const at = (seconds: string) =>
      `{"status":"success","data":{"resultType":"scalar","result":[${seconds},"1"]}}`;
    expect(decodeAnswer(200, at("8640000000000")).kind).toBe("Samples");
    for (const seconds of ["8640000000001", "-8640000000001", "1e400"])
      expect(decodeAnswer(200, at(seconds))).toMatchObject({ failure: { reason: "Malformed" } });
  });

  it("survives warnings that are no text", () => {
    const strange = { warnings: [{ toString: 1 }, null, ["x"]] };
    expect(decodeAnswer(200, success({ resultType: "vector", result: [] }, strange))).toMatchObject(
      {
        failure: { reason: "Partial", said: "no text; no text; no text" },
      },
    );
  });
});

describe("decodeRangeAnswer", () => {
  const matrix = (result: unknown) => success({ resultType: "matrix", result });

  it("reads every value of every series with its instant", () => {
    const result = [
      {
        metric: { a: "b" },
        values: [
          [1, "1"],
          [2.5, "NaN"],
        ],
      },
      { metric: {}, values: [] },
    ];
    expect(decodeRange(200, matrix(result))).toEqual({
      kind: "Samples",
      samples: [
        { labels: { a: "b" }, value: 1, atMs: 1_000 },
        { labels: { a: "b" }, value: Number.NaN, atMs: 2_500 },
      ],
      warnings: [],
    });
    expect(decodeRange(200, matrix(null))).toMatchObject({ kind: "Samples", samples: [] });
  });

  it.each([
    ["a vector", vector([])],
    ["no data", '{"status":"success"}'],
    ["series that are no list", matrix({})],
    ["a series without labels", matrix([{ values: [] }])],
    ["a series without values", matrix([{ metric: {} }])],
    ["a native histogram", matrix([{ metric: {}, values: [], histograms: [] }])],
    ["a value that is a number", matrix([{ metric: {}, values: [[1, 1]] }])],
    ["a value without an instant", matrix([{ metric: {}, values: [["1", "1"]] }])],
  ])("does not guess: %s", (_, text) => {
    expect(decodeRange(200, text)).toMatchObject({
      kind: "Failed",
      failure: { reason: "Malformed" },
    });
  });

  it("refuses more series than can be worked on", () => {
    const series = Array.from({ length: MAX_ANSWER_SERIES + 1 }, () => ({
      metric: {},
      values: [],
    }));
    expect(decodeRange(200, matrix(series))).toMatchObject({
      failure: { reason: "TooLarge" },
    });
  });
});
