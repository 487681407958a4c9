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

/** Requests of a group whose readings need no other's queries. */
type Part = readonly MetricRequest[];

type Readings = ReadonlyMap<string, Reading>;

/** All readings of one instant, each as soon as it is there. */
export async function* readGroup(
  requests: readonly MetricRequest[],
  atMs: number,
  { signal, deps }: { readonly signal: AbortSignal; readonly deps: GroupReadDeps },
): AsyncGenerator<Readings> {
  const group = await prepareGroup(requests, signal, deps).catch(unexpected);
  if (group.kind === "Failure") {
    yield failAll(requests, group);
    return;
  }
  const parts = partsOf(group, deps.chunkSizes.get(group.key) ?? MAX_REQUESTS_PER_QUERY);
  const read = (part: Part) => readPart(part, group, { atMs, deps });
  yield* asTheyCome(parts, (part) =>
    read(part).catch((error: unknown) => failAll(part, unexpected(error))),
  );
}

async function readPart(
  part: Part,
  { key, template, context }: ReadableGroup,
  { atMs, deps }: { readonly atMs: number; readonly deps: GroupReadDeps },
): Promise<Readings> {
  const { chunkSizes, bounds } = deps;
  const counters = new Map<string, Counters>();
  for (const scope of scopesOf(part, template)) {
    const ask = askOfInstant(atMs, context, deps);
    const answer = await readScope(scope, template, { key, atMs, ask, bounds, allBounds: false });
    if (answer.kind === "Failure" && answer.reason === "TooLarge")
      shrinkChunks(chunkSizes, key, scope);
    sortInto(counters, scope, answer);
  }
  return readingsOf(part, counters, template);
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
  const parts = partsOf(group, Math.min(MAX_REQUESTS_PER_QUERY, atOnce));
  for (const scope of parts.flatMap((part) => scopesOf(part, template))) {
    const askAt = askOfPast(span, context, deps);
    for (const { atMs, counters } of past) {
      const read = { key, atMs, ask: askAt(atMs), bounds: deps.bounds, allBounds };
      sortInto(counters, scope, await readScope(scope, template, read));
    }
  }
  return past.map(({ atMs, counters }) => ({
    atMs,
    readings: readingsOf(requests, counters, template),
  }));
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
  requests: Part,
  counters: ReadonlyMap<string, Counters>,
  template: PreparedTemplate,
): Readings {
  return new Map(requests.map((request) => [request.id, readingOf(request, counters, template)]));
}

function partsOf({ requests, template }: ReadableGroup, chunkSize: number): readonly Part[] {
  return template.isWidenable
    ? chunkRequests(requests, chunkSize)
    : requests.map((request) => [request]);
}

function scopesOf(requests: Part, template: PreparedTemplate): readonly Scope[] {
  if (template.isWidenable) return [{ kind: "Many", requests }];
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

/** A bug, as a reading. */
export function unexpected(error: unknown): ReadProblem {
  return readProblem("Unexpected", error instanceof Error ? error.message : String(error));
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

/** What the task gives for each item, in the order in which it comes; a bounded number run at the same time. */
async function* asTheyCome<T, R>(
  items: readonly T[],
  task: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running = new Map<number, Promise<readonly [number, R]>>();
  const queue = items.entries();
  const begin = (): void => {
    const { value: next } = queue.next();
    if (next === undefined) return;
    const [index, item] = next;
    running.set(
      index,
      task(item).then((result) => [index, result]),
    );
  };
  for (let begun = 0; begun < MAX_QUERIES_AT_ONCE; begun += 1) begin();
  while (running.size > 0) {
    const [index, result] = await Promise.race(running.values());
    running.delete(index);
    begin();
    yield result;
  }
}
