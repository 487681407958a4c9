/** Sends the queries of one read: of now, or of a span of the past, whose queries are sent once for all its instants. */
import type { Clock } from "../../../ports/clock.ts";
import type { PastSpan } from "../../../ports/metric-source.ts";
import type { PrometheusSample } from "./answer.ts";
import type { PrometheusEndpoint } from "./auth.ts";
import type { PrometheusAnswer, PrometheusClient } from "./client.ts";
import { type ReadProblem, readProblem } from "./endpoint.ts";
import type { Ask } from "./read-scope.ts";

export interface AskDeps {
  readonly client: Pick<PrometheusClient, "instant" | "range">;
  readonly clock: Pick<Clock, "monotonic">;
}

/** To whom, and until when. */
export interface AskContext {
  readonly endpoint: PrometheusEndpoint;
  /** For all queries of one scope together: the rollback bound counts it once. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** Asks of one instant. */
export function askOfInstant(
  atMs: number,
  { endpoint, timeoutSeconds, signal }: AskContext,
  { client, clock }: AskDeps,
): Ask {
  const timeLeft = deadline(timeoutSeconds, clock);
  return async (query) => {
    const timeoutMs = timeLeft();
    if (timeoutMs <= 0) return tooLate(timeoutSeconds, query);
    return samplesOf(await client.instant({ endpoint, query, atMs, timeoutMs, signal }));
  };
}

/** Asks of the past: what it gives for an instant asks about that instant alone. */
export function askOfPast(
  { fromMs, untilMs, stepMs }: PastSpan,
  { endpoint, timeoutSeconds, signal }: AskContext,
  { client, clock }: AskDeps,
): (atMs: number) => Ask {
  const timeLeft = deadline(timeoutSeconds, clock);
  const asked = new Map<string, Promise<ReadonlyMap<number, PrometheusSample[]> | ReadProblem>>();
  const send = async (query: string) => {
    const timeoutMs = timeLeft();
    if (timeoutMs <= 0) return tooLate(timeoutSeconds, query);
    const span = { startMs: fromMs, endMs: untilMs, stepMs };
    const samples = samplesOf(await client.range({ endpoint, query, ...span, timeoutMs, signal }));
    return "kind" in samples ? samples : byInstant(samples);
  };
  return (atMs) => async (query) => {
    const sent = asked.get(query) ?? send(query);
    asked.set(query, sent);
    const samples = await sent;
    return "kind" in samples ? samples : (samples.get(atMs) ?? []);
  };
}

/** Milliseconds that are left, from now on. */
function deadline(seconds: number, clock: Pick<Clock, "monotonic">): () => number {
  const end = clock.monotonic() + 1000 * seconds;
  return () => Math.floor(end - clock.monotonic());
}

function tooLate(timeoutSeconds: number, query: string): ReadProblem {
  return readProblem("Timeout", `no time left of ${timeoutSeconds} s to ask: ${query}`);
}

function samplesOf(answer: PrometheusAnswer): readonly PrometheusSample[] | ReadProblem {
  if (answer.kind === "Samples") return answer.samples;
  return readProblem(answer.error.reason, answer.error.message);
}

function byInstant(samples: readonly PrometheusSample[]): ReadonlyMap<number, PrometheusSample[]> {
  const instants = new Map<number, PrometheusSample[]>();
  for (const sample of samples) {
    const known = instants.get(sample.atMs);
    if (known === undefined) instants.set(sample.atMs, [sample]);
    else known.push(sample);
  }
  return instants;
}
