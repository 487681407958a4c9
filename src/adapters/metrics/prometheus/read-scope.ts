/** Asks the queries of one scope and sorts their answers. All of them speak of one instant. */
import type { PrometheusSample } from "./answer.ts";
import {
  type Bounds,
  type BoundsMemory,
  boundsAround,
  boundsAt,
  boundsMatcher,
  boundsOf,
  joinBounds,
} from "./buckets.ts";
import type { Tallies } from "./counters.ts";
import type { ReadProblem } from "./endpoint.ts";
import { identityLabels, type Scope, sumQuery, valueQuery } from "./queries.ts";
import { keyOf, type Tally, tallySamples, workloadKey } from "./tally.ts";
import type { Measure, PreparedTemplate, ReadableSelector } from "./template.ts";
import { valuesOfSamples } from "./values.ts";
import { workloadsOf } from "./widen.ts";

/** What all queries of one read of a group have in common. */
export interface GroupRead {
  /** Key of the group. */
  readonly key: string;
  readonly atMs: number;
  readonly ask: Ask;
  readonly bounds: BoundsMemory;
  /** Every bound of a histogram is read, not only those that are needed for what is known of the service. */
  readonly allBounds: boolean;
}

/** Asks for the samples of a query at the instant of the read. */
export type Ask = (query: string) => Promise<readonly PrometheusSample[] | ReadProblem>;

export type ScopeAnswer = Tallies | ReadProblem;

export async function readScope(
  scope: Scope,
  template: PreparedTemplate,
  group: GroupRead,
): Promise<ScopeAnswer> {
  const { ask } = group;
  const { measure } = template;
  switch (measure.kind) {
    case "Ratio":
      return readRatio(scope, measure, { template, ask });
    case "Latency":
      return readLatency(scope, measure, { template, ask, group });
    case "Value":
      return readValue(scope, measure, { template, ask });
  }
}

interface Reader {
  readonly template: PreparedTemplate;
  readonly ask: Ask;
}

interface LatencyReader extends Reader {
  readonly group: GroupRead;
}

/**
 * Bad requests are asked for first. A scrape that arrives between the two answers then shows as requests whose errors
 * follow in the next block; the other way round its errors would have no requests and be lost.
 */
async function readRatio(
  scope: Scope,
  measure: Extract<Measure, { kind: "Ratio" }>,
  reader: Reader,
): Promise<ScopeAnswer> {
  const bad = await readTally(scope, measure.bad, reader);
  if (isProblem(bad)) return bad;
  const total = await readTally(scope, measure.total, reader);
  return isProblem(total) ? total : { kind: "Ratio", total, bad };
}

async function readLatency(
  scope: Scope,
  { histogram }: Extract<Measure, { kind: "Latency" }>,
  reader: LatencyReader,
): Promise<ScopeAnswer> {
  if (reader.group.allBounds) {
    const all = await readTally(scope, histogram, reader, { by: ["le"] });
    return isProblem(all) ? all : { kind: "Latency", histogram: all };
  }
  const problem = await learnBounds(scope, histogram, reader);
  if (problem !== undefined) return problem;
  const matcher = boundsMatcher(wantedBounds(scope, reader));
  const tally = await readTally(scope, histogram, reader, { by: ["le"], matcher });
  return isProblem(tally) ? tally : { kind: "Latency", histogram: tally };
}

async function readValue(
  scope: Scope,
  { query }: Extract<Measure, { kind: "Value" }>,
  { template, ask }: Reader,
): Promise<ScopeAnswer> {
  const samples = await ask(valueQuery(scope, template, query));
  if (isProblem(samples)) return samples;
  const identity = identityLabels(scope, template, query);
  return { kind: "Value", values: valuesOfSamples(samples, { identity, only: onlyKey(scope) }) };
}

async function readTally(
  scope: Scope,
  read: ReadableSelector,
  { template, ask }: Reader,
  shape: { readonly by: readonly string[]; readonly matcher?: string } = { by: [] },
): Promise<Tally | ReadProblem> {
  const { podLabel } = template;
  const query = sumQuery(scope, template, read, { ...shape, by: [podLabel, ...shape.by] });
  const samples = await ask(query);
  if (isProblem(samples)) return samples;
  const identity = identityLabels(scope, template, read);
  return tallySamples(samples, { identity, podLabel, only: onlyKey(scope) });
}

/** Asks which bounds the histograms have, if some are not known: without pods, so that the answer is small. */
async function learnBounds(
  scope: Scope,
  histogram: ReadableSelector,
  { template, ask, group }: LatencyReader,
): Promise<ReadProblem | undefined> {
  const { key, atMs, bounds } = group;
  const isKnown = limitsOf(scope).every(({ keys }) =>
    keys.some((workload) => bounds.find(`${key} ${workload}`, atMs) !== undefined),
  );
  if (isKnown) return undefined;
  const samples = await ask(sumQuery(scope, template, histogram, { by: ["le"] }));
  if (isProblem(samples)) return samples;
  const texts = new Map<string, string[]>();
  const identity = identityLabels(scope, template, histogram);
  for (const { labels } of samples) {
    const workload = keyOf(labels, { identity, only: onlyKey(scope) });
    texts.set(workload, [...(texts.get(workload) ?? []), labels["le"] ?? ""]);
  }
  for (const [workload, les] of texts) bounds.remember(`${key} ${workload}`, boundsOf(les), atMs);
  return undefined;
}

function wantedBounds(scope: Scope, { group: { key, atMs, bounds } }: LatencyReader): Bounds {
  const wanted = limitsOf(scope).map(({ keys, limit, compared }) => {
    const known = keys.map((workload) => bounds.find(`${key} ${workload}`, atMs));
    const all = joinBounds(known.filter((each) => each !== undefined));
    return joinBounds([boundsAround(all, limit), boundsAt(all, compared)]);
  });
  return joinBounds(wanted);
}

/** What is read of a histogram for each release in the scope, and for which workloads. */
interface LimitOfScope {
  readonly keys: readonly string[];
  readonly limit: number;
  /** Bounds at which the release is compared. */
  readonly compared: readonly number[];
}

function limitsOf(scope: Scope): readonly LimitOfScope[] {
  if (scope.kind === "One") {
    const { limit, bounds: compared = [] } = scope.request;
    return [{ keys: keysOf(scope), limit, compared }];
  }
  return scope.requests.map((request) => ({
    keys: workloadsOf(request).map((workload) => workloadKey(request.namespace, workload)),
    limit: request.limit,
    compared: request.bounds ?? [],
  }));
}

/** The key of the workload that the scope is of, if it is of one. */
function onlyKey(scope: Scope): string {
  return keysOf(scope)[0] ?? "";
}

/** The keys of all workloads in the scope. */
export function keysOf(scope: Scope): readonly string[] {
  if (scope.kind === "One") return [workloadKey(scope.request.namespace, scope.workload)];
  return limitsOf(scope).flatMap(({ keys }) => keys);
}

function isProblem(answer: object): answer is ReadProblem {
  return "kind" in answer && answer.kind === "Failure";
}
