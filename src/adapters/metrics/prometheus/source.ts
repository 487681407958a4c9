/**
 * Reads metrics from Prometheus: many releases by one query where their template allows it. Puts the parts together;
 * judges nothing.
 */
import type { Clock } from "../../../ports/clock.ts";
import type {
  MetricRequest,
  MetricSource,
  Reading,
  TemplateProblem,
} from "../../../ports/metric-source.ts";
import { createBoundsMemory } from "./buckets.ts";
import type { PrometheusClient } from "./client.ts";
import { type Counters, countersFor } from "./counters.ts";
import { type EndpointDeps, findEndpoint, type ReadProblem, readProblem } from "./endpoint.ts";
import { createLru } from "./lru.ts";
import { createPlans } from "./plans.ts";
import { type Scope, shownQuery } from "./queries.ts";
import { MAX_QUERIES_AT_ONCE, MAX_REMEMBERED_GROUPS } from "./query-limits.ts";
import { type GroupRead, keysOf, type ReadDeps, readScope } from "./read-scope.ts";
import { workloadKey } from "./tally.ts";
import type { PreparedTemplate } from "./template.ts";
import { chunkRequests, MAX_REQUESTS_PER_QUERY, workloadsOf } from "./widen.ts";

export interface PrometheusSourceDeps extends EndpointDeps {
  readonly client: Pick<PrometheusClient, "instant">;
  readonly clock: Clock;
}

/** A group that can be read. */
interface ReadableGroup extends GroupRead {
  readonly requests: readonly MetricRequest[];
  readonly template: PreparedTemplate;
}

type Readings = ReadonlyMap<string, Reading>;

export function createPrometheusSource(deps: PrometheusSourceDeps): MetricSource {
  const plans = createPlans();
  const chunkSizes = createLru<number>(MAX_REMEMBERED_GROUPS);
  const readDeps: ReadDeps = { ...deps, bounds: createBoundsMemory() };

  async function readGroup(
    requests: readonly MetricRequest[],
    atMs: number,
    signal: AbortSignal,
  ): Promise<Readings> {
    const [first] = requests;
    if (first === undefined) return new Map();
    const { template, problems } = plans.prepare(first);
    if (template === undefined) return failAll(requests, refusalOf(problems));
    const endpoint = await findEndpoint(template.provider, first.secretNamespace, deps);
    if (endpoint.kind === "Failure") return failAll(requests, endpoint);
    const key = plans.groupKey(first);
    return readRequests({ key, requests, template, atMs, signal, endpoint: endpoint.value });
  }

  async function readRequests(group: ReadableGroup): Promise<Readings> {
    const scopes = scopesOf(group, chunkSizes.get(group.key) ?? MAX_REQUESTS_PER_QUERY);
    const counters = new Map<string, Counters>();
    await inTurns(scopes, async (scope) => {
      const answer = await readScope(scope, group.template, { ...readDeps, group });
      if (answer.kind === "Failure" && answer.reason === "TooLarge") shrinkChunks(group.key, scope);
      for (const key of keysOf(scope)) {
        counters.set(key, answer.kind === "Failure" ? answer : countersFor(answer, key));
      }
    });
    return new Map(
      group.requests.map((request) => [request.id, readingOf(request, counters, group.template)]),
    );
  }

  /** The next read asks for half as many releases at once. */
  function shrinkChunks(key: string, scope: Scope): void {
    if (scope.kind !== "Many") return;
    const half = Math.ceil(scope.requests.length / 2);
    chunkSizes.set(key, Math.min(half, chunkSizes.get(key) ?? half));
  }

  return {
    groupKey: (request) => plans.groupKey(request),
    problems(template, args, reporter) {
      const { problems, copyProblems } = plans.prepare({ template, args });
      return reporter === "Pods" ? [...problems, ...copyProblems] : problems;
    },
    async read(group, atMs, signal) {
      try {
        return await readGroup(group, atMs, signal);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return failAll(group, readProblem("Unexpected", message));
      }
    },
  };
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

function failAll(requests: readonly MetricRequest[], { reason, message }: ReadProblem): Readings {
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
