/** A gate by name: tasks of one name wait for each other beyond a bound, and never for those of another. */
import { Gate } from "./gate.ts";

export class Gates {
  readonly #limit: number;
  readonly #gates = new Map<string, Gate>();

  /** `limit`: tasks of one name at the same time, 1 or more. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Names of which something runs or waits. */
  get size(): number {
    return this.#gates.size;
  }

  async run<T>(name: string, task: () => Promise<T>): Promise<T> {
    const gate = this.#gates.get(name) ?? new Gate(this.#limit);
    this.#gates.set(name, gate);
    try {
      return await gate.run(task);
    } finally {
      if (gate.size === 0) this.#gates.delete(name);
    }
  }
}
