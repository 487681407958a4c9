/** The PromQL that is sent, and the PromQL that is shown to people. */
import type { MetricRequest } from "../../../ports/metric-source.ts";
import {
  MAX_SHOWN_QUERY_CHARS,
  MIN_SHOWN_RANGE_SECONDS,
  SHOWN_RANGE_SCRAPES,
} from "./query-limits.ts";
import { quoteValue, type Rendering, renderSelector } from "./render.ts";
import type { PreparedTemplate, ReadableSelector } from "./template.ts";
import { valuesOf } from "./variables.ts";
import { namesOf } from "./widen.ts";

/** For whom a query reads: many releases with both versions, or one version of one release. */
export type Scope =
  | { readonly kind: "Many"; readonly requests: readonly MetricRequest[] }
  | { readonly kind: "One"; readonly request: MetricRequest; readonly workload: string };

/** Labels by which answers are told apart. Undefined: the scope is one workload. */
export interface Identity {
  readonly namespaceLabel: string;
  readonly workloadLabel: string;
}

export function identityLabels(
  scope: Scope,
  template: PreparedTemplate,
  { namespaceLabel }: ReadableSelector,
): Identity | undefined {
  if (scope.kind === "One" || namespaceLabel === undefined) return undefined;
  return { namespaceLabel, workloadLabel: template.workloadLabel };
}

/** Sums of the selected counters: by release, version and the labels given. */
export function sumQuery(
  scope: Scope,
  template: PreparedTemplate,
  read: ReadableSelector,
  shape: { readonly by: readonly string[]; readonly matcher?: string },
): string {
  const identity = identityLabels(scope, template, read);
  const whose = identity === undefined ? [] : [identity.namespaceLabel, identity.workloadLabel];
  const labels = [...new Set([...whose, ...shape.by])].map(writeLabel).join(", ");
  const { matcher } = shape;
  const rendering = { ...renderingFor(scope, template), ...(matcher !== undefined && { matcher }) };
  return `sum by (${labels}) (${renderSelector(read.selector, rendering)})`;
}

/** A value query as it is, for one version or for many releases. */
export function valueQuery(
  scope: Scope,
  template: PreparedTemplate,
  { selector }: ReadableSelector,
): string {
  return renderSelector(selector, renderingFor(scope, template));
}

function renderingFor(scope: Scope, template: PreparedTemplate): Rendering {
  if (scope.kind === "One") {
    return { values: valuesOf(scope.request, scope.workload, template.args) };
  }
  const [first] = scope.requests;
  const values = first === undefined ? new Map() : valuesOf(first, "", template.args);
  return { values, widened: namesOf(scope.requests) };
}

function writeLabel(label: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) ? label : quoteValue(label);
}

/**
 * A query that shows the canary's value, percent or unit of the template, to paste into Prometheus. Serin's own number
 * comes from counters that it differences itself, so that the two may differ a little; that of a value is this one's.
 */
export function shownQuery(template: PreparedTemplate, request: MetricRequest): string {
  const { measure, provider } = template;
  const values = valuesOf(request, request.canaryWorkload, template.args);
  if (measure.kind === "Value") return shorten(renderSelector(measure.query.selector, { values }));
  const scrapes = SHOWN_RANGE_SCRAPES * provider.scrapeSeconds;
  const rendering: Rendering = {
    values,
    before: "rate(",
    after: `[${Math.max(MIN_SHOWN_RANGE_SECONDS, scrapes)}s])`,
  };
  const sum = (by: string, { selector }: ReadableSelector): string =>
    `sum${by}(${renderSelector(selector, rendering)})`;
  if (measure.kind === "Latency") {
    const buckets = sum(" by (le) ", measure.histogram);
    return shorten(`histogram_quantile(${measure.quantile}, ${buckets})`);
  }
  const total = sum("", measure.total);
  return shorten(`100 * (${sum("", measure.bad)} or 0 * ${total}) / ${total}`);
}

function shorten(query: string): string {
  const oneLine = query.replaceAll(/(?<!\s)\s*\n\s*/g, " ");
  const isLong = oneLine.length > MAX_SHOWN_QUERY_CHARS;
  return isLong ? `${oneLine.slice(0, MAX_SHOWN_QUERY_CHARS - 1)}…` : oneLine;
}
