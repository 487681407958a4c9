/**
 * Reads the metrics of all running releases on one grid of instants, those that can share a query together, and
 * hands each Canary its new numbers. A slow read delays nobody else. Judges nothing.
 */
import { advanceMetric, type NewReading } from "../core/analysis/advance.ts";
import { combinedEvidence } from "../core/analysis/sequential/combine.ts";
import { logEvidenceAgainst } from "../core/analysis/sequential/comparison.ts";
import type { CancelTimer } from "../ports/clock.ts";
import type { Reading } from "../ports/metric-source.ts";
import type { ControllerPorts } from "./deps.ts";
import { Gates } from "./gates.ts";
import { maxProbes, probeTimeoutMs } from "./limits.ts";
import { type Memories, metricState } from "./memory.ts";
import { type Pause, paced } from "./pace.ts";
import { PastMeasures } from "./past-measures.ts";
import { providerOf, type Subject, toNewReading, type Watched } from "./subject.ts";
import type { Priority } from "./work-queue.ts";

type ProberPorts = Pick<ControllerPorts, "source" | "clock" | "log">;

export class Prober {
  readonly #ports: ProberPorts;
  readonly #memories: Memories;
  readonly #onMeasured: (key: string, priority: Priority) => void;
  readonly #subjects = new Map<string, readonly Subject[]>();
  readonly #ticks = new Map<number, CancelTimer>();
  readonly #reading = new Set<string>();
  readonly #gates = new Gates(maxProbes);
  readonly #pause: Pause;
  readonly #past: PastMeasures;

  constructor(
    ports: ProberPorts,
    memories: Memories,
    onMeasured: (key: string, priority: Priority) => void,
  ) {
    this.#ports = ports;
    this.#memories = memories;
    this.#onMeasured = onMeasured;
    this.#pause = paced(ports.clock);
    this.#past = new PastMeasures(ports, memories, {
      asNow: (watched) => this.#asNow(watched),
      onLearnt: (key) => onMeasured(key, "Normal"),
    });
  }

  /** Groups that are being read now. */
  get inFlight(): number {
    return this.#reading.size;
  }

  /** Measures these from the next instant of the grid on, instead of what was measured for the key before. */
  watch(key: string, subjects: readonly Subject[]): void {
    this.#subjects.set(key, subjects);
    for (const subject of subjects) this.#schedule(subject.request.intervalSeconds);
  }

  unwatch(key: string): void {
    this.#subjects.delete(key);
  }

  /** Forgets everything; reads under way end unheard. */
  stop(): void {
    this.#subjects.clear();
    for (const cancel of this.#ticks.values()) cancel();
    this.#ticks.clear();
  }

  /** A timer may fire a little before the wall clock is there: then it waits for the rest. */
  #schedule(intervalSeconds: number): void {
    if (this.#ticks.has(intervalSeconds)) return;
    const intervalMs = intervalSeconds * 1000;
    const now = this.#ports.clock.now();
    const dueAt = now - (now % intervalMs) + intervalMs;
    const cancel = this.#ports.clock.setTimer(dueAt - now, () => {
      this.#ticks.delete(intervalSeconds);
      const leftMs = dueAt - this.#ports.clock.now();
      // More than half of it left: the wall clock was set back, and what it shows now is as good.
      if (leftMs > 0 && leftMs < intervalMs / 2) this.#schedule(intervalSeconds);
      else this.#tick(intervalSeconds);
    });
    this.#ticks.set(intervalSeconds, cancel);
  }

  #tick(intervalSeconds: number): void {
    const groups = this.#groupsOf(intervalSeconds);
    if (groups.size === 0) return;
    this.#schedule(intervalSeconds);
    const intervalMs = intervalSeconds * 1000;
    const at = Math.floor(this.#ports.clock.now() / intervalMs) * intervalMs;
    for (const [group, watched] of groups) this.#begin(group, watched, at);
  }

  #groupsOf(intervalSeconds: number): ReadonlyMap<string, readonly Watched[]> {
    const groups = new Map<string, Watched[]>();
    for (const [key, subjects] of this.#subjects) {
      for (const subject of subjects) {
        if (subject.request.intervalSeconds !== intervalSeconds) continue;
        const name = this.#ports.source.groupKey(subject.request);
        const group = groups.get(name) ?? [];
        groups.set(name, group);
        group.push({ ...subject, key });
      }
    }
    return groups;
  }

  /**
   * A group whose previous read has not ended is left out: one slow server never piles up reads. Its groups wait for
   * each other, those of another server never for them.
   */
  #begin(group: string, watched: readonly Watched[], at: number): void {
    if (this.#reading.has(group)) return;
    this.#reading.add(group);
    this.#gates
      .run(providerOf(watched), () => this.#read(watched, at))
      .catch((error: unknown) => this.#ports.log.error({ error }, "reading metrics failed"))
      .finally(() => this.#reading.delete(group));
  }

  async #read(group: readonly Watched[], at: number): Promise<void> {
    // Its turn may come only after nobody asks for it any more.
    const watched = group.filter((subject) => this.#asNow(subject) !== undefined);
    if (watched.length === 0) return;
    const abort = new AbortController();
    const cancel = this.#ports.clock.setTimer(probeTimeoutMs, () => abort.abort());
    try {
      await this.#past.goOn(watched, at, abort.signal);
      const requests = watched.map((subject) => subject.request);
      await this.#remember(watched, this.#ports.source.read(requests, at, abort.signal), at);
      this.#past.learn(watched, at);
    } finally {
      cancel();
    }
  }

  /**
   * Takes in numbers as they come. Whoever turned bad is told of at once, the others when all numbers are taken in: they
   * would stand before it.
   */
  async #remember(
    watched: readonly Watched[],
    answers: AsyncIterable<ReadonlyMap<string, Reading>>,
    at: number,
  ): Promise<void> {
    const unread = new Set(watched);
    const others = new Set<string>();
    for await (const readings of answers) {
      const read = [...unread].filter(({ request }) => readings.has(request.id));
      for (const asked of read) unread.delete(asked);
      for (const [index, asked] of this.#badFirst(read).entries()) {
        if (index > 0) await this.#pause();
        this.#take(asked, toNewReading(readings.get(asked.request.id), at), others);
      }
    }
    for (const asked of unread) this.#take(asked, toNewReading(undefined, at), others);
    for (const key of others) if (this.#subjects.has(key)) this.#onMeasured(key, "Normal");
  }

  /** Of whoever was bad at the last check, one more may be enough. */
  #badFirst(read: readonly Watched[]): readonly Watched[] {
    const breachesOf = ({ key, metric }: Watched) =>
      metricState(this.#memories.of(key), metric).breaches;
    return read.toSorted((one, other) => breachesOf(other) - breachesOf(one));
  }

  #take(asked: Watched, reading: NewReading, others: Set<string>): void {
    const subject = this.#asNow(asked);
    if (subject === undefined) return;
    const { key } = asked;
    const memory = this.#memories.of(key);
    const state = advanceMetric(metricState(memory, subject.metric), reading, subject.rules);
    memory.metrics.set(subject.metric, state);
    const isBad = subject.decides && state.breaches >= subject.rules.limit.consecutive;
    if (isBad || this.#isDecided(key)) this.#onMeasured(key, "Urgent");
    else others.add(key);
  }

  /** Whether the comparisons of all metrics together take traffic off. */
  #isDecided(key: string): boolean {
    const memory = this.#memories.of(key);
    const deciding = (this.#subjects.get(key) ?? []).filter(
      (each) => each.decisiveFrom !== undefined,
    );
    const evidence = deciding.flatMap(({ metric, rules: { kind, compare } }) => {
      const { comparison } = metricState(memory, metric);
      if (kind === "Value" || compare === undefined) return [];
      return [{ kind, log: comparison === undefined ? 0 : logEvidenceAgainst(comparison) }];
    });
    return combinedEvidence(evidence) >= (deciding[0]?.decisiveFrom ?? Number.POSITIVE_INFINITY);
  }

  /** What was asked for, by the rules of now; undefined once nobody asks, or asks for another release. */
  #asNow({ key, of, metric }: Watched): Subject | undefined {
    const subjects = this.#subjects.get(key);
    return subjects?.find((now) => now.of === of && now.metric === metric);
  }
}
