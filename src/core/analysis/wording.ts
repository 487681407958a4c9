/** Numbers as people read them in messages. */
import type { MetricFacts } from "../canary/snapshot.ts";
import type { Counts } from "./measure.ts";
import { measureCounts } from "./value.ts";

type Named = Pick<MetricFacts, "kind" | "quantile" | "unit">;

/** Three significant digits, no more than two decimals: 0.1, 2.13, 41.5, 340. */
export function wordNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.01) return "< 0.01";
  return Math.abs(value) >= 100
    ? String(Math.round(value))
    : String(Number(Number(value.toPrecision(3)).toFixed(2)));
}

/** A span of time, rounded: 40 s, 5 min, 3 h. */
export function wordSpan(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** A number of requests: "1 request", "340 requests". */
export function wordRequests(count: number, kind = ""): string {
  const whole = Math.round(count);
  return `${whole} ${kind}${whole === 1 ? "request" : "requests"}`;
}

/** What was measured: "2.1 % of 340 requests", "P99 412 ms of 340 requests". */
export function wordMeasured(counts: Counts, metric: Named): string {
  const measured = measureCounts(counts, metric.quantile);
  const of = `of ${wordRequests(counts.total)}`;
  if (measured === undefined) return `no value ${of}`;
  const value = `${measured.isOpen ? "> " : ""}${wordNumber(measured.value)} ${metric.unit}`;
  return metric.kind === "Ratio"
    ? `${value} ${of}`
    : `${wordQuantile(metric.quantile)} ${value} ${of}`;
}

/** A number with its unit, if it has one. */
export function wordValue(value: number, unit: string): string {
  return `${wordNumber(value)} ${unit}`.trim();
}

/** P99 for 0.99, P99.9 for 0.999. */
function wordQuantile(quantile: number): string {
  return `P${Number((quantile * 100).toPrecision(6))}`;
}
