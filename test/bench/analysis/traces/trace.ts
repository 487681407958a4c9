/**
 * The potential outcomes of one release: what every request would have met as a request to stable, and as one to the
 * canary. Whoever gives the canary whatever weight reads the same requests. Drawn where it is first read.
 */
import type { Behaviour, Noise, Scenario } from "../scenarios/scenario.ts";
import { createGenerator, wordOf } from "./generator.ts";
import { bucketCount, bucketSampler } from "./latency.ts";
import { drawBinomial, drawGamma, drawGeometric, drawPoisson } from "./samplers.ts";

/** The traffic comes in 20 slices of 5 %: a canary of weight w gets the first w / 5. */
export const slices = 20;
/** Parts of a slice, each answered by one pod and asked by one caller at a time. */
export const parts = 4;
export const tickSeconds = 5;
export const stablePods = 8;
export const canaryPods = 2;
/** Stable alone, before the release. */
export const historySeconds = 1800;
export const horizonSeconds = 3600;

/** What one version does with a part of a slice in one tick: requests, errors, then requests by bucket of latency. */
export const requestsAt = 0;
export const errorsAt = 1;
export const bucketsAt = 2;
export const cellSize = bucketsAt + bucketCount;

export type Arm = "stable" | "canary" | "loaded";
const armIndex: Readonly<Record<Arm, number>> = { stable: 0, canary: 1, loaded: 2 };

const ticksAtOnce = 3;
const windowSeconds = ticksAtOnce * tickSeconds;
const windows = (historySeconds + horizonSeconds) / windowSeconds;
const windowCells = ticksAtOnce * parts;
const windowSize = windowCells * cellSize;
/** Streams of random numbers that are no arm's. */
const arrivals = 10;
const podFactors = 20;

/** The pod that answers a part of a slice. Every pod of an arm gets the same share at every weight, or nearly so. */
export function podOf(arm: Arm, slice: number, part: number): number {
  return arm === "stable" ? (slice % 2) * parts + part : part % canaryPods;
}

/** Memory of one trace, used again for the next. */
export class Trace {
  readonly #generator = createGenerator();
  readonly #arrivals = new Uint16Array(windows * slices * windowCells);
  readonly #hasArrivals = new Uint8Array(windows * slices);
  readonly #cells = new Uint16Array(3 * windows * slices * windowSize);
  readonly #hasCells = new Uint8Array(3 * windows * slices);
  readonly #factors = new Float64Array(stablePods);
  #scenario: Scenario | undefined;
  #words: readonly number[] = [];

  /** From now on it is the trace of this run of this scenario. */
  begin(scenario: Scenario, seed: number, run: number): void {
    this.#scenario = scenario;
    this.#words = [seed, wordOf(scenario.name), run];
    this.#hasArrivals.fill(0);
    this.#hasCells.fill(0);
  }

  /** Numbers of the cells, from `cellAt` on. */
  get cells(): Uint16Array {
    return this.#cells;
  }

  /** A number in [0, 1) for whatever else this run draws once, by two words. */
  chance(purpose: number, index: number): number {
    this.#generator.seed(...this.#words, 30, purpose, index);
    return this.#generator.next();
  }

  /**
   * Where in `cells` the first of the parts of a slice begins, in the tick that begins at `second`; the others follow.
   */
  cellAt(arm: Arm, second: number, slice: number): number {
    const tick = Math.floor((second + historySeconds) / tickSeconds);
    const window = Math.floor(tick / ticksAtOnce);
    const block = (armIndex[arm] * windows + window) * slices + slice;
    if (this.#hasCells[block] !== 1) this.#draw(arm, window, slice, block);
    return block * windowSize + (tick % ticksAtOnce) * parts * cellSize;
  }

  #draw(arm: Arm, window: number, slice: number, block: number): void {
    const scenario = this.#scenario;
    if (scenario === undefined) throw new Error("the trace has not begun");
    const behaviour = behaviourOf(scenario, arm);
    this.#drawArrivals(scenario, window, slice);
    this.#drawFactors(scenario.noise, arm, window);
    this.#cells.fill(0, block * windowSize, (block + 1) * windowSize);
    this.#generator.seed(...this.#words, armIndex[arm], window, slice);
    for (let cell = 0; cell < windowCells; cell += 1)
      this.#drawCell(behaviour, { arm, window, slice, block, cell, noise: scenario.noise });
    if (scenario.noise.kind === "Bursts")
      this.#drawBursts(behaviour, { window, block, meanLength: scenario.noise.meanLength });
    this.#hasCells[block] = 1;
  }

  #drawArrivals({ rate }: Scenario, window: number, slice: number): void {
    const block = window * slices + slice;
    if (this.#hasArrivals[block] === 1) return;
    this.#generator.seed(...this.#words, arrivals, window, slice);
    const perCell = (rate(secondOf(window, 0)) * tickSeconds) / slices / parts;
    for (let cell = 0; cell < windowCells; cell += 1)
      this.#arrivals[block * windowCells + cell] = drawPoisson(this.#generator.next, perCell);
    this.#hasArrivals[block] = 1;
  }

  #drawFactors(noise: Noise, arm: Arm, window: number): void {
    if (noise.kind !== "PodAndTime" && noise.kind !== "Pods") return;
    const time = noise.kind === "Pods" ? 0 : window;
    const shape = noise.kind === "Pods" ? 1 / noise.variation ** 2 : 1;
    this.#generator.seed(...this.#words, podFactors + armIndex[arm], time);
    for (let pod = 0; pod < stablePods; pod += 1)
      this.#factors[pod] = drawGamma(this.#generator.next, shape) / shape;
  }

  #drawCell(
    behaviour: Behaviour,
    {
      arm,
      window,
      slice,
      block,
      cell,
      noise,
    }: Readonly<{
      arm: Arm;
      window: number;
      slice: number;
      block: number;
      cell: number;
      noise: Noise;
    }>,
  ): void {
    const requests = this.#arrivals[(window * slices + slice) * windowCells + cell] ?? 0;
    if (requests === 0) return;
    const at = block * windowSize + cell * cellSize;
    const second = secondOf(window, cell);
    const pod = podOf(arm, slice, cell % parts);
    const random = this.#generator.next;
    this.#cells[at + requestsAt] = requests;
    if (noise.kind !== "Bursts") {
      const factor = noise.kind === "Even" ? 1 : (this.#factors[pod] ?? 1);
      const share = Math.min(1, behaviour.errorShare(second, pod) * factor);
      this.#cells[at + errorsAt] = drawBinomial(random, requests, share);
    }
    const sample = bucketSampler(behaviour.latency(second));
    sample(random, requests, this.#cells, at + bucketsAt);
  }

  /** Each begins at a request of the window and takes those that follow at the same pod, then those of the next one. */
  #drawBursts(
    { errorShare }: Behaviour,
    { window, block, meanLength }: Readonly<{ window: number; block: number; meanLength: number }>,
  ): void {
    const random = this.#generator.next;
    const order = Array.from({ length: windowCells }, (_, index) => {
      const cell = (index % ticksAtOnce) * parts + Math.floor(index / ticksAtOnce);
      return block * windowSize + cell * cellSize;
    });
    const total = order.reduce((sum, at) => sum + (this.#cells[at + requestsAt] ?? 0), 0);
    const expected = (total * errorShare(secondOf(window, 0), 0)) / meanLength;
    const count = total === 0 ? 0 : drawPoisson(random, expected);
    for (let burst = 0; burst < count; burst += 1)
      this.#spread(order, Math.floor(random() * windowCells), drawGeometric(random, meanLength));
  }

  #spread(order: readonly number[], from: number, length: number): void {
    let left = length;
    for (let step = 0; step < windowCells && left > 0; step += 1) {
      const at = order[(from + step) % windowCells] ?? 0;
      const good = (this.#cells[at + requestsAt] ?? 0) - (this.#cells[at + errorsAt] ?? 0);
      const taken = Math.min(good, left);
      this.#cells[at + errorsAt] = (this.#cells[at + errorsAt] ?? 0) + taken;
      left -= taken;
    }
  }
}

function behaviourOf({ stable, canary, loaded = canary }: Scenario, arm: Arm): Behaviour {
  switch (arm) {
    case "stable":
      return stable;
    case "canary":
      return canary;
    case "loaded":
      return loaded;
  }
}

/** When the tick of a cell begins, seconds since the first traffic. */
function secondOf(window: number, cell: number): number {
  return window * windowSeconds + Math.floor(cell / parts) * tickSeconds - historySeconds;
}
