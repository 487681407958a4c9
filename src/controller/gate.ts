/** Lets a bounded number of tasks run at the same time; the others wait in order. */

export class Gate {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** `limit`: tasks at the same time, 1 or more. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Tasks that run or wait. */
  get size(): number {
    return this.#running + this.#waiting.length;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limit) this.#running += 1;
    // Whoever ends hands the place over, so that nobody who comes in between can take it.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
