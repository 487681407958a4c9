/** A metric source that answers what tests have counted, and remembers what it was asked. */
import type { AnalysisTemplateSpec } from "../../src/api/analysis-template.ts";
import type { PodCounter } from "../../src/core/analysis/measure.ts";
import type {
  MetricRequest,
  MetricSource,
  PastReadings,
  PastSpan,
  Reading,
  Reporter,
} from "../../src/ports/metric-source.ts";

/** Counters that a test moves; one group per template, arguments and interval. */
export class FakeSource implements MetricSource {
  readonly counters = new Map<string, Map<string, PodCounter>>();
  /** Requests of every read, and the instant it was for. */
  readonly reads: { readonly ids: readonly string[]; readonly atMs: number }[] = [];
  /** Throws or waits to make a read of these requests fail or slow; may answer in place of the counters. */
  onRead: (
    group: readonly MetricRequest[],
    signal: AbortSignal,
  ) => Promise<Reading | undefined> | Reading | undefined = () => undefined;

  /** Adds requests to a workload, as one calling pod has counted them. */
  count(workload: string, total: number, bad = 0): void {
    const pods = this.counters.get(workload) ?? new Map<string, PodCounter>();
    const before = pods.get("caller")?.counts;
    const isRatio = before?.kind === "Ratio";
    this.counters.set(
      workload,
      pods.set("caller", {
        workload,
        pod: "caller",
        counts: {
          kind: "Ratio",
          total: total + (isRatio ? before.total : 0),
          bad: bad + (isRatio ? before.bad : 0),
        },
      }),
    );
  }

  /** What the provider remembers of each instant, oldest first; nothing unless a test says so. */
  past: readonly { readonly atMs: number; readonly counters: readonly PodCounter[] }[] = [];
  /** Spans of the past that were asked for. */
  readonly pastReads: PastSpan[] = [];

  async readPast(
    group: readonly MetricRequest[],
    span: PastSpan,
  ): Promise<readonly PastReadings[]> {
    this.pastReads.push(span);
    return this.past
      .filter(({ atMs }) => atMs >= span.fromMs && atMs <= span.untilMs)
      .map(({ atMs, counters }) => ({
        atMs,
        readings: new Map(
          group.map(({ id, canaryWorkload, primaryWorkload }) => [
            id,
            {
              kind: "Counters",
              query: "errors",
              counters: counters.filter(
                ({ workload }) => workload === canaryWorkload || workload === primaryWorkload,
              ),
            },
          ]),
        ),
      }));
  }

  groupKey({ template, args, intervalSeconds }: MetricRequest): string {
    return JSON.stringify([template, args, intervalSeconds]);
  }

  async *read(
    group: readonly MetricRequest[],
    atMs: number,
    signal: AbortSignal,
  ): AsyncGenerator<ReadonlyMap<string, Reading>> {
    this.reads.push({ ids: group.map(({ id }) => id), atMs });
    const instead = await this.onRead(group, signal);
    yield new Map(group.map((request) => [request.id, instead ?? this.#countersOf(request)]));
  }

  #countersOf({ canaryWorkload, primaryWorkload }: MetricRequest): Reading {
    const counters = [canaryWorkload, primaryWorkload].flatMap((workload) => [
      ...(this.counters.get(workload)?.values() ?? []),
    ]);
    return { kind: "Counters", counters, query: `errors of ${canaryWorkload}` };
  }

  readonly checkedFor: (Reporter | undefined)[] = [];

  problems(
    { args }: AnalysisTemplateSpec,
    given: Readonly<Record<string, string>>,
    reporter?: Reporter,
  ): ReturnType<MetricSource["problems"]> {
    this.checkedFor.push(reporter);
    return args
      .filter(({ name, required }) => required && given[name] === undefined)
      .map(({ name }) => ({
        severity: "Error",
        reason: "ArgumentMissing",
        message: `args.${name} is required`,
      }));
  }
}
