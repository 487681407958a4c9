/** Reads the answer to an instant query: an instant vector or a scalar, every value checked. Nothing is guessed. */
import type { Failure } from "./errors.ts";
import { failureOfStatus, reasonOfErrorType } from "./errors.ts";
import { MAX_ANSWER_SERIES, MAX_WARNINGS } from "./limits.ts";

export interface PrometheusSample {
  readonly labels: Readonly<Record<string, string>>;
  /** NaN and both infinities are kept apart. */
  readonly value: number;
  readonly atMs: number;
}

export type DecodedAnswer =
  | {
      readonly kind: "Samples";
      readonly samples: readonly PrometheusSample[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: "Failed"; readonly failure: Failure };

type Json = Readonly<Record<string, unknown>>;

/**
 * `isOurs`: whoever runs Serin named the server. Of any other one no words are kept but those in the form that Prometheus gives
 * them: who may name an address must not read by it what he cannot reach himself.
 */
export function decodeAnswer(
  status: number,
  text: string,
  { isOurs }: { readonly isOurs: boolean },
): DecodedAnswer {
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
  return decodeData(body["data"], warnings.slice(0, MAX_WARNINGS));
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
function refused(body: Json, said: string): DecodedAnswer {
  const reason = reasonOfErrorType(textOf(body["errorType"])) ?? "ServerError";
  const failure = { reason, detail: "the server refused", said };
  return { kind: "Failed", failure };
}

/** Prometheus' own words for an error; else, of an answer that may be shown, its message or the whole of it. */
function errorText(body: Json | undefined, shown: string): string {
  const own = body?.["status"] === "error" ? textOf(body["error"]) : undefined;
  return own ?? (shown === "" ? "" : (textOf(body?.["message"]) ?? shown));
}

function malformed(problem: string, said = ""): DecodedAnswer {
  const detail = `not an answer that can be used: ${problem}`;
  return { kind: "Failed", failure: { reason: "Malformed", detail, said } };
}

function partialAnswer(warnings: readonly string[]): DecodedAnswer {
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
  // Some servers write an empty vector as null.
  const series: unknown = result ?? [];
  if (!Array.isArray(series)) return malformed("a vector that is no list");
  if (series.length > MAX_ANSWER_SERIES) return tooManySeries(series.length);
  const samples = decodeVector(series);
  return typeof samples === "string" ? malformed(samples) : { kind: "Samples", samples, warnings };
}

const RESULT_TYPES = ["matrix", "string"];

function tooManySeries(count: number): DecodedAnswer {
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
