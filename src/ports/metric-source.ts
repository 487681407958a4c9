/** Where measurements come from. Reads raw counters; judging them is the core's. */
import type { AnalysisTemplateSpec } from "../api/analysis-template.ts";
import type { PodCounter, ValuePair } from "../core/analysis/measure.ts";

/** Which side of a request is asked; the value of `{{ reporter }}` follows from it. */
export type Reporter = "Callers" | "Pods";

/** One metric of one running release. */
export interface MetricRequest {
  /** Unique among the requests of one read; the answer carries it. */
  readonly id: string;
  readonly namespace: string;
  readonly canaryWorkload: string;
  readonly primaryWorkload: string;
  readonly service: string;
  readonly template: AnalysisTemplateSpec;
  /** Namespace in which the template's Secrets are looked up. */
  readonly secretNamespace: string;
  readonly args: Readonly<Record<string, string>>;
  readonly intervalSeconds: number;
  /** Who tells: callers, or where copies are measured, of which callers know nothing, the pods that got them. */
  readonly reporter: Reporter;
  /** The limit, in the metric's unit: it chooses which histogram bounds are read. */
  readonly limit: number;
  /** Bounds of the histogram, in the metric's unit, that are read besides those around the limit. */
  readonly bounds?: readonly number[];
}

/** Past instants `fromMs`, `fromMs + stepMs` and so on up to `untilMs`, ms. */
export interface PastSpan {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly stepMs: number;
  /** Read every bound of a histogram, not only those that the requests name. */
  readonly allBounds: boolean;
}

/** What a read of a past instant gives for each request. */
export interface PastReadings {
  readonly atMs: number;
  readonly readings: ReadonlyMap<string, Reading>;
}

/** What a read gave for one request: counters as they are, the values of a query, or why there is nothing. */
export type Reading =
  | {
      readonly kind: "Counters";
      readonly counters: readonly PodCounter[];
      /** A query that shows the canary's value (percent or unit of the template), for people. */
      readonly query: string;
    }
  | (ValuePair & { readonly kind: "Value"; readonly query: string })
  | {
      readonly kind: "Failure";
      readonly reason: string;
      readonly message: string;
      readonly query: string | undefined;
    };

/** A mistake in a template or its use, found without asking the server. */
export interface TemplateProblem {
  /** Error: the template cannot be used. Warning: it may not work, the server decides. */
  readonly severity: "Error" | "Warning";
  readonly reason: string;
  /** Names the field, the position and the fix. */
  readonly message: string;
}

export interface MetricSource {
  /** Requests with the same key are read by one query (per chunk): same template, provider, arguments, interval. */
  groupKey(request: MetricRequest): string;
  /**
   * Reads all requests of one group at one evaluation instant (ms): by id each of them once, as soon as it is answered, so
   * that none waits for another's query. Never throws; a failure is a reading.
   */
  read(
    group: readonly MetricRequest[],
    atMs: number,
    signal: AbortSignal,
  ): AsyncIterable<ReadonlyMap<string, Reading>>;
  /**
   * What reads of the group at past instants would have given, oldest first: asked for at once, not instant by instant.
   * Never throws; a failure is a reading.
   */
  readPast(
    group: readonly MetricRequest[],
    span: PastSpan,
    signal: AbortSignal,
  ): Promise<readonly PastReadings[]>;
  /**
   * Checks a template with the arguments given: PromQL syntax, variables, arguments; and with `Pods` also whether it can
   * be asked of the pods, as in a mirror stage. Pure, no I/O.
   */
  problems(
    template: AnalysisTemplateSpec,
    args: Readonly<Record<string, string>>,
    reporter?: Reporter,
  ): readonly TemplateProblem[];
}
