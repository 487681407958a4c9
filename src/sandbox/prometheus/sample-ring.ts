/** The samples of one series, oldest first, in a buffer that grows as needed and forgets what is too old. */

export interface RangeSamples {
  readonly times: readonly number[];
  readonly values: readonly number[];
}

export type LatestSample = { readonly atMs: number; readonly value: number };

const INITIAL_CAPACITY = 16;

export class SampleRing {
  #times = new Float64Array(INITIAL_CAPACITY);
  #values = new Float64Array(INITIAL_CAPACITY);
  /** 1 where the sample says "the series ended here": Prometheus' staleness marker. */
  #stale = new Uint8Array(INITIAL_CAPACITY);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The time of the newest entry, markers included; -Infinity when there is none. */
  get lastAtMs(): number {
    return this.#length === 0 ? Number.NEGATIVE_INFINITY : this.#timeAt(this.#length - 1);
  }

  /** A sample that is not newer than the last one is dropped, as Prometheus drops samples out of order. */
  append(atMs: number, value: number): void {
    this.#push(atMs, value, 0);
  }

  markStale(atMs: number): void {
    this.#push(atMs, Number.NaN, 1);
  }

  forgetBefore(atMs: number): void {
    while (this.#length > 0 && this.#timeAt(0) < atMs) {
      this.#head = (this.#head + 1) & (this.#times.length - 1);
      this.#length -= 1;
    }
  }

  /** The newest sample in (fromMs, toMs], or undefined when there is none or the series ended. */
  latest(fromMs: number, toMs: number): LatestSample | undefined {
    const index = this.#countUpTo(toMs) - 1;
    if (index < 0) return undefined;
    const atMs = this.#timeAt(index);
    const slot = this.#slot(index);
    if (atMs <= fromMs || this.#stale[slot] === 1) return undefined;
    return { atMs, value: this.#values[slot] ?? Number.NaN };
  }

  /** The samples in (fromMs, toMs] without staleness markers. */
  range(fromMs: number, toMs: number): RangeSamples {
    const times: number[] = [];
    const values: number[] = [];
    const end = this.#countUpTo(toMs);
    for (let index = this.#countUpTo(fromMs); index < end; index += 1) {
      const slot = this.#slot(index);
      if (this.#stale[slot] === 1) continue;
      times.push(this.#times[slot] ?? Number.NaN);
      values.push(this.#values[slot] ?? Number.NaN);
    }
    return { times, values };
  }

  /** Whether a sample, and not only a marker, is in (fromMs, toMs]. */
  hasSampleIn(fromMs: number, toMs: number): boolean {
    return this.range(fromMs, toMs).times.length > 0;
  }

  #push(atMs: number, value: number, stale: 0 | 1): void {
    if (atMs <= this.lastAtMs) return;
    if (this.#length === this.#times.length) this.#grow();
    const slot = this.#slot(this.#length);
    this.#times[slot] = atMs;
    this.#values[slot] = value;
    this.#stale[slot] = stale;
    this.#length += 1;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    const values = new Float64Array(times.length);
    const stale = new Uint8Array(times.length);
    for (let index = 0; index < this.#length; index += 1) {
      const slot = this.#slot(index);
      times[index] = this.#times[slot] ?? Number.NaN;
      values[index] = this.#values[slot] ?? Number.NaN;
      stale[index] = this.#stale[slot] ?? 0;
    }
    this.#times = times;
    this.#values = values;
    this.#stale = stale;
    this.#head = 0;
  }

  /** How many entries are at or before `atMs`, by bisection. */
  #countUpTo(atMs: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#timeAt(middle) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #timeAt(index: number): number {
    return this.#times[this.#slot(index)] ?? Number.NaN;
  }

  /** The capacity is a power of two, so the mask is the modulus. */
  #slot(index: number): number {
    return (this.#head + index) & (this.#times.length - 1);
  }
}
