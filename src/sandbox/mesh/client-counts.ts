/**
 * What the simulated clients counted themselves, beside all metrics: how many requests they sent, how many failed,
 * and who answered. The truth that a demo and tests hold Serin's claims against.
 */
import { maxClientCountTicks } from "./limits.ts";

export interface WorkloadStats {
  readonly requests: number;
  readonly failed: number;
  /** Wall time in milliseconds of the tick in which it first (last) answered. */
  readonly firstRequestAt: number;
  readonly lastRequestAt: number;
}

export interface ClientStats {
  readonly requests: number;
  /** Answered with 5xx or a gRPC server fault, or not answered by any version at all. */
  readonly failed: number;
  /** By the name of the answering workload; "unknown" where none did. */
  readonly byWorkload: Readonly<Record<string, WorkloadStats>>;
  /** Failed requests by what the client saw: response code and flags, such as "503 UH". */
  readonly failures: Readonly<Record<string, number>>;
}

export interface RequestCount {
  readonly requests: number;
  readonly failed: number;
}

/** A count that began when it was asked for. */
export interface ClientCount {
  stats(): ClientStats;
  /** What was sent in ticks at `fromAt` or later and before or at `toAt`; bounded by `maxClientCountTicks`. */
  between(fromAt: number, toAt: number): RequestCount;
  stop(): void;
}

export interface ClientAnswer {
  readonly workload: string;
  readonly count: number;
  readonly failed: boolean;
  /** Response code and flags, as shown in `failures`. */
  readonly seen: string;
  readonly at: number;
}

export interface ClientCounts {
  record(host: string, answer: ClientAnswer): void;
  stats(host: string): ClientStats;
  /** Starts another count of the host from zero. */
  open(host: string): ClientCount;
}

interface Tally {
  requests: number;
  failed: number;
  readonly byWorkload: Map<string, WorkloadStats>;
  readonly failures: Map<string, number>;
}

interface Tick {
  readonly at: number;
  requests: number;
  failed: number;
}

interface OpenCount {
  readonly host: string;
  readonly tally: Tally;
  readonly ticks: Tick[];
}

export function createClientCounts(): ClientCounts {
  const sinceStart = new Map<string, Tally>();
  const open = new Set<OpenCount>();
  return {
    record(host, answer) {
      if (answer.count === 0) return;
      const tally = sinceStart.get(host) ?? createTally();
      sinceStart.set(host, tally);
      add(tally, answer);
      for (const count of open) if (count.host === host) addWithTick(count, answer);
    },
    stats: (host) => readTally(sinceStart.get(host) ?? createTally()),
    open(host) {
      const count: OpenCount = { host, tally: createTally(), ticks: [] };
      open.add(count);
      return {
        stats: () => readTally(count.tally),
        between: (fromAt, toAt) => sumTicks(count.ticks, fromAt, toAt),
        stop: () => void open.delete(count),
      };
    },
  };
}

function createTally(): Tally {
  return { requests: 0, failed: 0, byWorkload: new Map(), failures: new Map() };
}

function add(tally: Tally, answer: ClientAnswer): void {
  const failed = answer.failed ? answer.count : 0;
  const before = tally.byWorkload.get(answer.workload);
  tally.requests += answer.count;
  tally.failed += failed;
  tally.byWorkload.set(answer.workload, {
    requests: (before?.requests ?? 0) + answer.count,
    failed: (before?.failed ?? 0) + failed,
    firstRequestAt: before?.firstRequestAt ?? answer.at,
    lastRequestAt: answer.at,
  });
  if (failed > 0) tally.failures.set(answer.seen, (tally.failures.get(answer.seen) ?? 0) + failed);
}

function addWithTick(count: OpenCount, answer: ClientAnswer): void {
  add(count.tally, answer);
  let tick = count.ticks.at(-1);
  if (tick === undefined || tick.at !== answer.at) {
    tick = { at: answer.at, requests: 0, failed: 0 };
    count.ticks.push(tick);
    if (count.ticks.length > maxClientCountTicks) count.ticks.shift();
  }
  tick.requests += answer.count;
  if (answer.failed) tick.failed += answer.count;
}

function readTally(tally: Tally): ClientStats {
  return {
    requests: tally.requests,
    failed: tally.failed,
    byWorkload: Object.fromEntries(tally.byWorkload),
    failures: Object.fromEntries(tally.failures),
  };
}

function sumTicks(ticks: readonly Tick[], fromAt: number, toAt: number): RequestCount {
  const within = ticks.filter((tick) => tick.at >= fromAt && tick.at <= toAt);
  return {
    requests: within.reduce((sum, tick) => sum + tick.requests, 0),
    failed: within.reduce((sum, tick) => sum + tick.failed, 0),
  };
}
