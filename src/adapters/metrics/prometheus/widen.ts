/**
 * Reading many releases by one query: whether a selector allows it, and which releases go together. A matcher whose
 * whole value is `{{ workload }}` or `{{ namespace }}` becomes a pattern of all their names.
 */
import type { MetricRequest } from "../../../ports/metric-source.ts";
import { MAX_NAME_CHARS_PER_QUERY, MAX_WORKLOADS_PER_QUERY } from "./query-limits.ts";
import type { Selector, SelectorPart } from "./selector.ts";

/** The label that holds the namespace, if the selector can be widened: the same one in each of its parts. */
export function namespaceLabelOf(
  { pieces, parts }: Selector,
  workloadLabel: string,
): string | undefined {
  const isLoose = pieces.some(
    (piece) => piece.kind === "Variable" && ["workload", "namespace"].includes(piece.name),
  );
  const [label, ...others] = [...new Set(parts.map((part) => labelsOf(part, "namespace")))];
  const named = parts.every((part) => labelsOf(part, "workload") === workloadLabel);
  if (isLoose || !named || others.length > 0 || label === "" || label?.includes(",") === true) {
    return undefined;
  }
  return label;
}

/** The labels whose whole value a variable is, with commas between; usually one. */
function labelsOf({ matchers }: SelectorPart, variable: string): string {
  const labels = matchers.filter((matcher) => matcher.variable === variable);
  return [...new Set(labels.map(({ label }) => label))].join(",");
}

export function workloadsOf(request: MetricRequest): readonly string[] {
  return [request.canaryWorkload, request.primaryWorkload];
}

/** The names that a query for all these releases looks for, in one order whatever theirs is. */
export function namesOf(
  requests: readonly MetricRequest[],
): ReadonlyMap<string, readonly string[]> {
  const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
  return new Map([
    ["workload", sorted(requests.flatMap(workloadsOf))],
    ["namespace", sorted(requests.map(({ namespace }) => namespace))],
  ]);
}

/** Releases in chunks of a bounded size; releases of one namespace stay together. */
export function chunkRequests(
  requests: readonly MetricRequest[],
  maxRequests: number,
): readonly (readonly MetricRequest[])[] {
  const ordered = requests.toSorted((a, b) => compare(sortKey(a), sortKey(b)));
  const chunks: MetricRequest[][] = [];
  let chars = 0;
  for (const request of ordered) {
    const more = sortKey(request).length + request.primaryWorkload.length;
    const last = chunks.at(-1);
    const isFull =
      last === undefined || last.length >= maxRequests || chars + more > MAX_NAME_CHARS_PER_QUERY;
    if (isFull) chunks.push([request]);
    else last.push(request);
    chars = isFull ? more : chars + more;
  }
  return chunks;
}

/** Releases in one query, two workloads each. */
export const MAX_REQUESTS_PER_QUERY = Math.floor(MAX_WORKLOADS_PER_QUERY / 2);

function sortKey({ namespace, canaryWorkload }: MetricRequest): string {
  return `${namespace}/${canaryWorkload}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
