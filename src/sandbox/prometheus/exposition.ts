/** Writes a target's samples in Prometheus' text format, for a real Prometheus to scrape. */
import type { ExposedSample } from "../scrape-target.ts";
import { formatValue } from "./answer-format.ts";

export const EXPOSITION_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export function formatExposition(samples: readonly ExposedSample[]): string {
  return samples.map(formatSample).join("");
}

function formatSample({ name, labels, value }: ExposedSample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
  const selector = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
  return `${name}${selector} ${formatValue(value)}\n`;
}

function escape(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
