/**
 * Reads what was measured before this process looked: of a release that it takes over, so that none of its checks is missing, and
 * of stable when a release begins, so that its noise is known. Judges nothing.
 */

import { maxLooksBack } from "../core/analysis/limits.ts";
import type { MetricState } from "../core/analysis/metric-state.ts";
import {
  goOnFrom,
  learnFrom,
  missedBefore,
  type PastCounters,
  pastToLearn,
} from "../core/analysis/past.ts";
import type { PastReadings, PastSpan } from "../ports/metric-source.ts";
import type { ControllerPorts } from "./deps.ts";
import { Gates } from "./gates.ts";
import { maxPastProbes, probeTimeoutMs } from "./limits.ts";
import { type Memories, metricState } from "./memory.ts";
import { providerOf, type Subject, toNewReading, type Watched } from "./subject.ts";

interface Calls {
  /** What is asked for now, by the rules of now; undefined once nobody asks. */
  readonly asNow: (watched: Watched) => Subject | undefined;
  /** Something was learnt for this key. */
  readonly onLearnt: (key: string) => void;
}

export class PastMeasures {
  readonly #ports: Pick<ControllerPorts, "source" | "clock" | "log">;
  readonly #memories: Memories;
  readonly #calls: Calls;
  readonly #gates = new Gates(maxPastProbes);
  readonly #learning = new Set<string>();

  constructor(
    ports: Pick<ControllerPorts, "source" | "clock" | "log">,
    memories: Memories,
    calls: Calls,
  ) {
    this.#ports = ports;
    this.#memories = memories;
    this.#calls = calls;
  }

  /** Takes in, before the first read at `at` (ms), what was missed of releases that are under way. Never rejects. */
  async goOn(group: readonly Watched[], at: number, signal: AbortSignal): Promise<void> {
    const missed = this.#asked(group).flatMap((watched) => {
      if (!watched.isUnderWay) return [];
      const state = this.#state(watched);
      if (state.readAt !== undefined) return [];
      const { request } = watched;
      return [{ watched, past: missedBefore(state, at, request.intervalSeconds) }];
    });
    const [first] = missed;
    if (first === undefined) return;
    const fromMs = Math.min(...missed.map(({ past }) => past.fromMs));
    const all = missed.map(({ watched }) => watched);
    const span = { ...first.past, fromMs, allBounds: false };
    const read = await this.#read(all, span, signal);
    for (const watched of all)
      this.#change(watched, (state, { rules }) =>
        state.readAt === undefined ? goOnFrom(state, readingsFor(watched, read), rules) : state,
      );
  }

  /** Learns in its own time from what stable did before `at` (ms). */
  learn(group: readonly Watched[], at: number): void {
    const ignorant = this.#asked(group).filter((watched) => this.#isToLearn(watched));
    const [first] = ignorant;
    if (first === undefined) return;
    for (const watched of ignorant) {
      this.#learning.add(nameOf(watched));
      this.#change(watched, (state) => ({ ...state, lookedBack: state.lookedBack + 1 }));
    }
    const { request, rules } = first;
    const span = { ...pastToLearn(at, { ...request, ...rules }), allBounds: true };
    this.#gates
      .run(providerOf(ignorant), () => this.#learn(ignorant, span))
      .catch((error: unknown) => this.#ports.log.error({ error }, "reading past metrics failed"))
      .finally(() => {
        for (const watched of ignorant) this.#learning.delete(nameOf(watched));
      });
  }

  /** Of those that somebody still asks for: nothing is remembered of the others. */
  #asked(group: readonly Watched[]): readonly Watched[] {
    return group.filter((watched) => this.#calls.asNow(watched) !== undefined);
  }

  #isToLearn(watched: Watched): boolean {
    const { kind, compare } = watched.rules;
    if (kind === "Value" || compare === undefined || this.#learning.has(nameOf(watched)))
      return false;
    return this.#state(watched).lookedBack < maxLooksBack;
  }

  async #learn(group: readonly Watched[], span: PastSpan): Promise<void> {
    const abort = new AbortController();
    const cancel = this.#ports.clock.setTimer(probeTimeoutMs, () => abort.abort());
    try {
      const read = await this.#read(group, span, abort.signal);
      for (const watched of group) {
        const past = countersFor(watched, read);
        if (past.length === 0) continue;
        this.#change(watched, (state, { rules }) => ({
          ...learnFrom(state, past, rules),
          lookedBack: Number.POSITIVE_INFINITY,
        }));
        this.#calls.onLearnt(watched.key);
      }
    } finally {
      cancel();
    }
  }

  #read(
    group: readonly Watched[],
    span: PastSpan,
    signal: AbortSignal,
  ): Promise<readonly PastReadings[]> {
    const requests = group.map(({ request }) => request);
    return this.#ports.source.readPast(requests, span, signal);
  }

  #state({ key, metric }: Watched): MetricState {
    return metricState(this.#memories.of(key), metric);
  }

  #change(watched: Watched, change: (state: MetricState, now: Subject) => MetricState): void {
    const now = this.#calls.asNow(watched);
    if (now === undefined) return;
    const { metrics } = this.#memories.of(watched.key);
    metrics.set(watched.metric, change(this.#state(watched), now));
  }
}

function nameOf({ key, metric, of }: Watched): string {
  return `${key} ${metric} ${of}`;
}

function readingsFor({ request }: Watched, read: readonly PastReadings[]) {
  return read.map(({ atMs, readings }) => toNewReading(readings.get(request.id), atMs));
}

function countersFor(watched: Watched, read: readonly PastReadings[]): readonly PastCounters[] {
  return readingsFor(watched, read).filter((reading) => reading.kind === "Counters");
}
