/**
 * One release on one trace under one method: who answers which request by the weight that is set, and what Prometheus
 * scrapes of it. Judges nothing.
 */
import type { Scenario } from "../scenarios/scenario.ts";
import { bucketCount, slowFrom } from "./latency.ts";
import { addTallies, emptyTally, type Tally } from "./tally.ts";
import type { Telemetry, Version } from "./telemetry.ts";
import {
  type Arm,
  bucketsAt,
  canaryPods,
  cellSize,
  errorsAt,
  historySeconds,
  horizonSeconds,
  parts,
  podOf,
  requestsAt,
  slices,
  stablePods,
  type Trace,
  tickSeconds,
} from "./trace.ts";

/** Who reports: the pods that answer, or the four that ask. */
export type Reporters = "Pods" | "Callers";

/** Counters of the requests to one version in one reporting pod. */
export interface Series {
  readonly version: Version;
  readonly reporter: number;
}

const callers = parts;
const mostSamples = (historySeconds + horizonSeconds) / tickSeconds + 1;
const offsetOf = 1;
const lossOf = 2;

interface Memory {
  readonly counters: Float64Array;
  readonly times: Int32Array;
  readonly samples: Float64Array;
  count: number;
}

export class Exposure implements Telemetry {
  readonly #trace: Trace;
  readonly #scrapeSeconds: number;
  readonly reporters: Reporters;
  readonly series: readonly Series[];
  readonly #memories: readonly Memory[];
  #offsets: readonly number[] = [];
  #scenario: Scenario | undefined;
  #weight = 0;
  #second = 0;
  #excess = 0;

  constructor(trace: Trace, scrapeSeconds: number, reporters: Reporters) {
    this.#trace = trace;
    this.#scrapeSeconds = scrapeSeconds;
    this.reporters = reporters;
    const count = (version: Version): number => {
      if (reporters === "Callers") return callers;
      return version === "canary" ? canaryPods : stablePods;
    };
    this.series = (["canary", "stable"] as const).flatMap((version) =>
      Array.from({ length: count(version) }, (_, reporter) => ({ version, reporter })),
    );
    this.#memories = this.series.map(() => ({
      counters: new Float64Array(cellSize),
      times: new Int32Array(mostSamples),
      samples: new Float64Array(mostSamples * cellSize),
      count: 0,
    }));
  }

  /** Starts at this second with all traffic on stable and nothing counted. */
  begin(scenario: Scenario, second: number): void {
    this.#scenario = scenario;
    this.#weight = 0;
    this.#second = second;
    this.#excess = 0;
    const places = this.#scrapeSeconds / tickSeconds;
    this.#offsets = this.series.map(({ version, reporter }) => {
      const pod =
        this.reporters === "Pods" && version === "stable" ? canaryPods + reporter : reporter;
      return Math.floor(this.#trace.chance(offsetOf, pod) * places) * tickSeconds;
    });
    for (const memory of this.#memories) {
      memory.counters.fill(0);
      memory.count = 0;
    }
  }

  /** Bad requests that the canary served since the onset, beyond what stable would have served of the same ones. */
  get excess(): number {
    return this.#excess;
  }

  get second(): number {
    return this.#second;
  }

  setWeight(percent: number): void {
    this.#weight = percent;
  }

  advance(second: number): void {
    while (this.#second + tickSeconds <= second) {
      this.#serve();
      this.#second += tickSeconds;
      this.#scrape();
    }
  }

  #serve(): void {
    const scenario = this.#scenario;
    if (scenario === undefined) throw new Error("the exposure has not begun");
    const canarySlices = Math.round((this.#weight * slices) / 100);
    const canary: Arm = scenario.loaded !== undefined && this.#weight >= 30 ? "loaded" : "canary";
    const counts = !scenario.isHealthy && this.#second >= scenario.onset;
    for (let slice = 0; slice < slices; slice += 1) {
      const arm = slice < canarySlices ? canary : "stable";
      const at = this.#trace.cellAt(arm, this.#second, slice);
      for (let part = 0; part < parts; part += 1)
        this.#count(at + part * cellSize, this.#seriesOf(arm, slice, part));
      if (counts && slice < canarySlices) this.#addExcess(scenario, at, slice);
    }
  }

  #count(at: number, series: number): void {
    const { cells } = this.#trace;
    const counters = this.#memories[series]?.counters;
    if (counters === undefined || cells[at + requestsAt] === 0) return;
    for (let field = 0; field < cellSize; field += 1)
      counters[field] = (counters[field] ?? 0) + (cells[at + field] ?? 0);
  }

  #addExcess({ harm }: Scenario, canaryAt: number, slice: number): void {
    const stableAt = this.#trace.cellAt("stable", this.#second, slice);
    const { cells } = this.#trace;
    const isCounted = (field: number): boolean =>
      field === errorsAt ? harm !== "Slow" : field >= bucketsAt + slowFrom && harm !== "Errors";
    for (let field = errorsAt; field < cellSize; field += 1) {
      if (!isCounted(field)) continue;
      for (let part = 0; part < parts; part += 1)
        this.#excess +=
          (cells[canaryAt + part * cellSize + field] ?? 0) -
          (cells[stableAt + part * cellSize + field] ?? 0);
    }
  }

  /** Callers ask every pod in turn, as connections of a proxy do. */
  #seriesOf(arm: Arm, slice: number, part: number): number {
    if (this.reporters === "Pods") {
      const pod = podOf(arm, slice, part);
      return arm === "stable" ? canaryPods + pod : pod;
    }
    const caller = (part + (slice >> 1) + this.#second / tickSeconds + 4 * callers * 100) % callers;
    return arm === "stable" ? callers + caller : caller;
  }

  #scrape(): void {
    for (const [index, memory] of this.#memories.entries()) {
      const since = this.#second - (this.#offsets[index] ?? 0);
      if (since % this.#scrapeSeconds !== 0 || this.#isLost(since / this.#scrapeSeconds)) continue;
      memory.times[memory.count] = this.#second;
      memory.samples.set(memory.counters, memory.count * cellSize);
      memory.count += 1;
    }
  }

  #isLost(round: number): boolean {
    const { share = 0, gap } = this.#scenario?.lost ?? {};
    if (gap !== undefined && this.#second > gap[0] && this.#second <= gap[1]) return true;
    return share > 0 && this.#second > 0 && this.#trace.chance(lossOf, round) < share;
  }

  increase(version: Version, windowSeconds: number): Tally | undefined {
    return this.#increase(version, (memory) => firstAfter(memory, this.#second - windowSeconds));
  }

  latestIncrease(version: Version, windowSeconds: number): Tally | undefined {
    return this.#increase(version, (memory) => {
      const first = firstAfter(memory, this.#second - windowSeconds);
      return Math.max(first, memory.count - 2);
    });
  }

  #increase(version: Version, from: (memory: Memory) => number): Tally | undefined {
    let sum: Tally | undefined;
    for (const [index, memory] of this.#memories.entries()) {
      if (this.series[index]?.version !== version) continue;
      const [first, last] = [from(memory), memory.count - 1];
      if (last <= first) continue;
      const rise = difference(memory, first, last);
      sum = sum === undefined ? rise : addTallies(sum, rise);
    }
    return sum;
  }

  total(version: Version): Tally {
    return this.series.reduce(
      (sum, series, index) =>
        series.version === version ? addTallies(sum, this.latest(index)) : sum,
      emptyTally,
    );
  }

  /** Counters of one series as last scraped until a second. */
  latest(series: number, second = this.#second): Tally {
    const memory = this.#memories[series];
    const last = memory === undefined ? 0 : firstAfter(memory, second);
    return memory === undefined || last === 0 ? emptyTally : difference(memory, -1, last - 1);
  }

  /** When a series was last scraped until a second; undefined before its first. */
  scrapedAt(series: number, second = this.#second): number | undefined {
    const memory = this.#memories[series];
    return memory?.times[firstAfter(memory, second) - 1];
  }
}

/** Index of the first sample scraped after the second. */
function firstAfter({ times, count }: Memory, second: number): number {
  let index = count;
  while (index > 0 && (times[index - 1] ?? 0) > second) index -= 1;
  return index;
}

/** What came between two samples; -1 stands for nothing counted yet. */
function difference({ samples }: Memory, first: number, last: number): Tally {
  const at = (field: number): number =>
    (samples[last * cellSize + field] ?? 0) -
    (first < 0 ? 0 : (samples[first * cellSize + field] ?? 0));
  return {
    requests: at(requestsAt),
    errors: at(errorsAt),
    buckets: Array.from({ length: bucketCount }, (_, bucket) => at(bucketsAt + bucket)),
  };
}
