/** Reads the answers to queries: a vector or a scalar of an instant, a matrix of a range. Every value is checked, nothing guessed. */
import type { Failure } from "./errors.ts";
import { failureOfStatus, reasonOfErrorType } from "./errors.ts";
import { MAX_ANSWER_SERIES, MAX_WARNINGS } from "./limits.ts";

export interface PrometheusSample {
  readonly labels: Readonly<Record<string, string>>;
  /** NaN and both infinities are kept apart. */
  readonly value: number;
  readonly atMs: number;
}

export interface FailedAnswer {
  readonly kind: "Failed";
  readonly failure: Failure;
}

export type DecodedAnswer =
  | {
      readonly kind: "Samples";
      readonly samples: readonly PrometheusSample[];
      readonly warnings: readonly string[];
    }
  | FailedAnswer;

type Json = Readonly<Record<string, unknown>>;

interface Body {
  readonly kind: "Body";
  readonly data: unknown;
  readonly warnings: readonly string[];
}

/**
 * `isOurs`: whoever runs Serin named the server. Of any other one no words are kept but those in the form that Prometheus gives
 * them: who may name an address must not read by it what he cannot reach himself.
 */
interface AskedOf {
  readonly isOurs: boolean;
}

/** The answer to an instant query: a vector or a scalar. */
export function decodeAnswer(status: number, text: string, asked: AskedOf): DecodedAnswer {
  const body = decodeBody(status, text, asked);
  return body.kind === "Failed" ? body : decodeData(body.data, body.warnings);
}

/** The answer to a range query: a matrix, as its samples one by one. */
export function decodeRangeAnswer(status: number, text: string, asked: AskedOf): DecodedAnswer {
  const body = decodeBody(status, text, asked);
  return body.kind === "Failed" ? body : decodeRange(body.data, body.warnings);
}

function decodeBody(status: number, text: string, { isOurs }: AskedOf): Body | FailedAnswer {
  const body = parseObject(text);
  const said = errorText(body, isOurs ? text : "");
  if (status < 200 || status >= 300) {
    const errorType = textOf(body?.["errorType"]);
    return { kind: "Failed", failure: failureOfStatus(status, errorType, said) };
  }
  if (body === undefined) return malformed("no JSON object", said);
  if (body["status"] === "error") return refused(body, said);
  if (body["status"] !== "success") return malformed("no status in the answer");
  const warnings = warningsOf(body["warnings"]);
  const partial = warnings.filter(isAboutMissingData);
  if (partial.length > 0) return partialAnswer(partial);
  return { kind: "Body", data: body["data"], warnings: warnings.slice(0, MAX_WARNINGS) };
}

function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Prometheus sends errors with a status of their own, but proxies and look-alikes also with 200. */
function refused(body: Json, said: string): FailedAnswer {
  const reason = reasonOfErrorType(textOf(body["errorType"])) ?? "ServerError";
  const failure = { reason, detail: "the server refused", said };
  return { kind: "Failed", failure };
}

/** Prometheus' own words for an error; else, of an answer that may be shown, its message or the whole of it. */
function errorText(body: Json | undefined, shown: string): string {
  const own = body?.["status"] === "error" ? textOf(body["error"]) : undefined;
  return own ?? (shown === "" ? "" : (textOf(body?.["message"]) ?? shown));
}

function malformed(problem: string, said = ""): FailedAnswer {
  const detail = `not an answer that can be used: ${problem}`;
  return { kind: "Failed", failure: { reason: "Malformed", detail, said } };
}

function partialAnswer(warnings: readonly string[]): FailedAnswer {
  const failure = {
    reason: "Partial",
    detail: "the answer may lack data",
    said: warnings.join("; "),
  } as const;
  return { kind: "Failed", failure };
}

function warningsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  const warnings: readonly unknown[] = value;
  return warnings.map((warning) => (typeof warning === "string" ? warning : "no text"));
}

/** Remarks on the query itself begin so; every other warning tells of a store that did not answer. */
function isAboutMissingData(warning: string): boolean {
  return !/^PromQL (warning|info):/.test(warning);
}

function decodeData(data: unknown, warnings: readonly string[]): DecodedAnswer {
  if (!isObject(data)) return malformed("no data");
  const { resultType, result } = data;
  if (resultType === "scalar") {
    const sample = decodePoint({}, result);
    if (sample === undefined) return malformed("a scalar without a value");
    return { kind: "Samples", samples: [sample], warnings };
  }
  if (resultType !== "vector") {
    const type = RESULT_TYPES.find((known) => known === resultType) ?? "something unknown";
    return malformed(`the query gives a ${type}, not an instant vector or a scalar`);
  }
  return decodeSeries(result, decodeVector, warnings);
}

function decodeRange(data: unknown, warnings: readonly string[]): DecodedAnswer {
  if (!isObject(data)) return malformed("no data");
  const { resultType, result } = data;
  if (resultType !== "matrix") return malformed("the answer to a range query is no matrix");
  return decodeSeries(result, decodeMatrix, warnings);
}

function decodeSeries(
  result: unknown,
  decode: (series: readonly unknown[]) => readonly PrometheusSample[] | string,
  warnings: readonly string[],
): DecodedAnswer {
  // Some servers write an empty list as null.
  const series: unknown = result ?? [];
  if (!Array.isArray(series)) return malformed("series that are no list");
  if (series.length > MAX_ANSWER_SERIES) return tooManySeries(series.length);
  const samples = decode(series);
  return typeof samples === "string" ? malformed(samples) : { kind: "Samples", samples, warnings };
}

const RESULT_TYPES = ["matrix", "string"];

function tooManySeries(count: number): FailedAnswer {
  const detail = `${count} series, more than ${MAX_ANSWER_SERIES}: narrow the query`;
  return { kind: "Failed", failure: { reason: "TooLarge", detail } };
}

/** The samples, or what is wrong. */
function decodeVector(series: readonly unknown[]): readonly PrometheusSample[] | string {
  const samples: PrometheusSample[] = [];
  for (const each of series) {
    if (!isObject(each) || !isLabels(each["metric"])) return "a series without labels";
    if ("histogram" in each) return "a native histogram, which is not supported";
    const sample = decodePoint(each["metric"], each["value"]);
    if (sample === undefined) return "a series without a value";
    samples.push(sample);
  }
  return samples;
}

/** The samples of each series in turn, or what is wrong. */
function decodeMatrix(series: readonly unknown[]): readonly PrometheusSample[] | string {
  const samples: PrometheusSample[] = [];
  for (const each of series) {
    if (!isObject(each) || !isLabels(each["metric"])) return "a series without labels";
    if ("histograms" in each) return "a native histogram, which is not supported";
    const values: unknown = each["values"];
    if (!Array.isArray(values)) return "a series without values";
    for (const value of values) {
      const sample = decodePoint(each["metric"], value);
      if (sample === undefined) return "a series with a value that is none";
      samples.push(sample);
    }
  }
  return samples;
}

function decodePoint(
  labels: Readonly<Record<string, string>>,
  point: unknown,
): PrometheusSample | undefined {
  if (!Array.isArray(point) || point.length !== 2) return undefined;
  const [seconds, text]: readonly unknown[] = point;
  const value = parseValue(text);
  if (typeof seconds !== "number" || value === undefined) return undefined;
  const atMs = Math.round(seconds * 1000);
  return Math.abs(atMs) <= MAX_INSTANT_MS ? { labels, value, atMs } : undefined;
}

/** Beyond it there is no date. */
const MAX_INSTANT_MS = 8.64e15;
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** A value as Go writes it. Number() alone would take "" for 0 and "+Inf" for NaN. */
function parseValue(text: unknown): number | undefined {
  if (typeof text !== "string") return undefined;
  switch (text) {
    case "NaN":
      return Number.NaN;
    case "+Inf":
    case "Inf":
      return Number.POSITIVE_INFINITY;
    case "-Inf":
      return Number.NEGATIVE_INFINITY;
    default:
      return DECIMAL.test(text) ? Number(text) : undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLabels(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.values(value).every((text) => typeof text === "string");
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
