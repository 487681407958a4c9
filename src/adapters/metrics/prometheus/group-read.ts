/** Reads all requests of one group: of one instant, or of a span of the past, by as few queries as their template allows. */
import type { Clock } from "../../../ports/clock.ts";
import type {
  MetricRequest,
  PastReadings,
  PastSpan,
  Reading,
  TemplateProblem,
} from "../../../ports/metric-source.ts";
import { type AskContext, askOfInstant, askOfPast } from "./ask.ts";
import type { BoundsMemory } from "./buckets.ts";
import type { PrometheusClient } from "./client.ts";
import { type Counters, countersFor } from "./counters.ts";
import { type EndpointDeps, findEndpoint, type ReadProblem, readProblem } from "./endpoint.ts";
import type { Lru } from "./lru.ts";
import type { Plans } from "./plans.ts";
import { type Scope, shownQuery } from "./queries.ts";
import {
  MAX_PAST_INSTANTS,
  MAX_PAST_READINGS_PER_QUERY,
  MAX_QUERIES_AT_ONCE,
} from "./query-limits.ts";
import { keysOf, readScope, type ScopeAnswer } from "./read-scope.ts";
import { workloadKey } from "./tally.ts";
import type { PreparedTemplate } from "./template.ts";
import { chunkRequests, MAX_REQUESTS_PER_QUERY, workloadsOf } from "./widen.ts";

export interface PrometheusSourceDeps extends EndpointDeps {
  readonly client: Pick<PrometheusClient, "instant" | "range">;
  readonly clock: Clock;
}

/** What is remembered from read to read besides. */
export interface GroupReadDeps extends PrometheusSourceDeps {
  readonly plans: Plans;
  /** Requests in one query, by group, where an answer was too large. */
  readonly chunkSizes: Lru<number>;
  readonly bounds: BoundsMemory;
}

/** A group that can be read. */
interface ReadableGroup {
  readonly kind: "Readable";
  readonly key: string;
  readonly requests: readonly MetricRequest[];
  readonly template: PreparedTemplate;
  readonly context: AskContext;
}

type Readings = ReadonlyMap<string, Reading>;

/** All readings of one instant. */
export async function readGroup(
  requests: readonly MetricRequest[],
  atMs: number,
  { signal, deps }: { readonly signal: AbortSignal; readonly deps: GroupReadDeps },
): Promise<Readings> {
  const group = await prepareGroup(requests, signal, deps);
  if (group.kind === "Failure") return failAll(requests, group);
  const { key, template, context } = group;
  const { chunkSizes, bounds } = deps;
  const scopes = scopesOf(group, chunkSizes.get(key) ?? MAX_REQUESTS_PER_QUERY);
  const counters = new Map<string, Counters>();
  await inTurns(scopes, async (scope) => {
    const ask = askOfInstant(atMs, context, deps);
    const answer = await readScope(scope, template, { key, atMs, ask, bounds, allBounds: false });
    if (answer.kind === "Failure" && answer.reason === "TooLarge")
      shrinkChunks(chunkSizes, key, scope);
    sortInto(counters, scope, answer);
  });
  return readingsOf(group, counters);
}

/** All readings of each instant of the past, oldest first. A failure stands at the last. */
export async function readPastOfGroup(
  requests: readonly MetricRequest[],
  span: PastSpan,
  { signal, deps }: { readonly signal: AbortSignal; readonly deps: GroupReadDeps },
): Promise<readonly PastReadings[]> {
  const group = await prepareGroup(requests, signal, deps);
  if (group.kind === "Failure") return [{ atMs: span.untilMs, readings: failAll(requests, group) }];
  const { key, template, context } = group;
  const { allBounds } = span;
  const past = instantsOf(span).map((atMs) => ({ atMs, counters: new Map<string, Counters>() }));
  const atOnce = Math.max(1, Math.floor(MAX_PAST_READINGS_PER_QUERY / Math.max(1, past.length)));
  for (const scope of scopesOf(group, Math.min(MAX_REQUESTS_PER_QUERY, atOnce))) {
    const askAt = askOfPast(span, context, deps);
    for (const { atMs, counters } of past) {
      const read = { key, atMs, ask: askAt(atMs), bounds: deps.bounds, allBounds };
      sortInto(counters, scope, await readScope(scope, template, read));
    }
  }
  return past.map(({ atMs, counters }) => ({ atMs, readings: readingsOf(group, counters) }));
}

async function prepareGroup(
  requests: readonly MetricRequest[],
  signal: AbortSignal,
  deps: GroupReadDeps,
): Promise<ReadableGroup | ReadProblem> {
  const [first] = requests;
  if (first === undefined) return readProblem("TemplateInvalid", "nothing is asked");
  const { template, problems } = deps.plans.prepare(first);
  if (template === undefined) return refusalOf(problems);
  const endpoint = await findEndpoint(template.provider, first.secretNamespace, deps);
  if (endpoint.kind === "Failure") return endpoint;
  const { timeoutSeconds } = template.provider;
  const context = { endpoint: endpoint.value, timeoutSeconds, signal };
  return { kind: "Readable", key: deps.plans.groupKey(first), requests, template, context };
}

/** The next read asks for half as many releases at once. */
function shrinkChunks(chunkSizes: Lru<number>, key: string, scope: Scope): void {
  if (scope.kind !== "Many") return;
  const half = Math.ceil(scope.requests.length / 2);
  chunkSizes.set(key, Math.min(half, chunkSizes.get(key) ?? half));
}

function instantsOf({ fromMs, untilMs, stepMs }: PastSpan): readonly number[] {
  const count = Math.min(MAX_PAST_INSTANTS, Math.floor((untilMs - fromMs) / stepMs) + 1);
  return Array.from({ length: Math.max(0, count) }, (_, index) => fromMs + index * stepMs);
}

function sortInto(counters: Map<string, Counters>, scope: Scope, answer: ScopeAnswer): void {
  for (const key of keysOf(scope))
    counters.set(key, answer.kind === "Failure" ? answer : countersFor(answer, key));
}

function readingsOf(
  { requests, template }: ReadableGroup,
  counters: ReadonlyMap<string, Counters>,
): Readings {
  return new Map(requests.map((request) => [request.id, readingOf(request, counters, template)]));
}

function scopesOf({ requests, template }: ReadableGroup, chunkSize: number): readonly Scope[] {
  if (template.isWidenable) {
    return chunkRequests(requests, chunkSize).map((chunk) => ({ kind: "Many", requests: chunk }));
  }
  return requests.flatMap((request) =>
    workloadsOf(request).map((workload): Scope => ({ kind: "One", request, workload })),
  );
}

function readingOf(
  request: MetricRequest,
  counters: ReadonlyMap<string, Counters>,
  template: PreparedTemplate,
): Reading {
  const query = shownQuery(template, request);
  const arms = workloadsOf(request).map((name) =>
    counters.get(workloadKey(request.namespace, name)),
  );
  const failure = arms.find((arm) => arm?.kind === "Failure");
  if (failure?.kind === "Failure") return { ...failure, query };
  const [canary, stable] = arms.map((arm) => (arm?.kind === "Value" ? arm.value : undefined));
  if (template.measure.kind === "Value") return { kind: "Value", canary, stable, query };
  return {
    kind: "Counters",
    counters: arms.flatMap((arm) => (arm?.kind === "Counters" ? arm.counters : [])),
    query,
  };
}

/** The same failure for every request. */
export function failAll(
  requests: readonly MetricRequest[],
  { reason, message }: ReadProblem,
): Readings {
  return new Map(
    requests.map(({ id }) => [id, { kind: "Failure", reason, message, query: undefined }]),
  );
}

function refusalOf(problems: readonly TemplateProblem[]): ReadProblem {
  const error = problems.find(({ severity }) => severity === "Error");
  return readProblem(
    error?.reason ?? "TemplateInvalid",
    error?.message ?? "the template is invalid",
  );
}

/** Runs the task for each item, a bounded number at the same time. */
async function inTurns<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await task(item);
  };
  await Promise.all(Array.from({ length: MAX_QUERIES_AT_ONCE }, worker));
}
