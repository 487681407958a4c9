/** The shapes of Prometheus' JSON answers: values are strings, times are seconds. */
import type { Labels } from "./label-set.ts";
import { METRIC_NAME } from "./label-set.ts";
import type { Value } from "./promql/value.ts";

export type Metric = Readonly<Record<string, string>>;
export type Point = readonly [number, string];

export type QueryData =
  | { readonly resultType: "scalar" | "string"; readonly result: Point }
  | {
      readonly resultType: "vector";
      readonly result: readonly { readonly metric: Metric; readonly value: Point }[];
    }
  | {
      readonly resultType: "matrix";
      readonly result: readonly { readonly metric: Metric; readonly values: readonly Point[] }[];
    };

export function formatInstant(value: Value, atMs: number): QueryData {
  switch (value.kind) {
    case "Scalar":
      return { resultType: "scalar", result: [atMs / 1000, formatScalar(value.value)] };
    case "Text":
      return { resultType: "string", result: [atMs / 1000, value.value] };
    case "Vector":
      return {
        resultType: "vector",
        result: value.samples.map((sample) => ({
          metric: formatMetric(sample),
          value: point(atMs, sample.value),
        })),
      };
    case "Matrix":
      return {
        resultType: "matrix",
        result: value.series.map((series) => ({
          metric: formatMetric(series),
          values: series.samples.times.map((timeMs, index) =>
            point(timeMs, series.samples.values[index] ?? Number.NaN),
          ),
        })),
      };
  }
}

export function point(atMs: number, value: number): Point {
  return [atMs / 1000, formatValue(value)];
}

export function formatMetric({
  name,
  labels,
}: {
  readonly name: string;
  readonly labels: Labels;
}): Metric {
  return name === "" ? labels : { [METRIC_NAME]: name, ...labels };
}

/** As Prometheus writes a float: JavaScript's own form, but with two digits at least in an exponent. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  if (Object.is(value, -0)) return "-0";
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}

/** Scalars alone are written without an exponent, whatever their size. */
export function formatScalar(value: number): string {
  const text = formatValue(value);
  const [mantissa = "", exponent] = text.split("e");
  if (exponent === undefined) return text;
  const sign = mantissa.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const digits = whole + fraction;
  const pointAt = whole.length + Number(exponent);
  // Exponents only come with numbers below 1e-6 and from 1e21 on, so the point is never among the digits.
  return pointAt <= 0
    ? `${sign}0.${"0".repeat(-pointAt)}${digits}`
    : sign + digits.padEnd(pointAt, "0");
}
