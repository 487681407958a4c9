/** Where a process that was stopped for a while (SIGSTOP, a suspended machine) waits: answers first, then timers. */

export class FreezingPoint {
  #isFrozen = false;
  readonly #answers: (() => void)[] = [];
  readonly #timers: (() => void)[] = [];

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  freeze(): void {
    this.#isFrozen = true;
  }

  /** Lets go what arrived; the timers that fell due follow once all of that was heard. */
  async thaw(): Promise<void> {
    this.#isFrozen = false;
    for (const release of this.#answers.splice(0)) release();
    const turns = 24;
    for (let turn = 0; turn < turns; turn += 1) {
      await new Promise<void>((resume) => {
        setImmediate(resume);
      });
    }
    for (const fire of this.#timers.splice(0)) fire();
  }

  /** Resolves when the process hears of what has just arrived. */
  passed(): Promise<void> {
    if (!this.#isFrozen) return Promise.resolve();
    return new Promise((resolve) => this.#answers.push(resolve));
  }

  /** A timer that falls due. */
  due(fire: () => void): void {
    if (this.#isFrozen) this.#timers.push(fire);
    else fire();
  }
}

/** A watch's body: it arrives as it is sent, and is heard when the process is awake. */
export function heldBody(
  body: ReadableStream<Uint8Array>,
  ice: FreezingPoint,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    start(heard) {
      void carry(reader, heard, ice);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Never waits before it reads on: what a sleeping process has not heard has been sent all the same. */
async function carry(
  from: ReadableStreamDefaultReader<Uint8Array>,
  to: ReadableStreamDefaultController<Uint8Array>,
  ice: FreezingPoint,
): Promise<void> {
  let before: Promise<void> = Promise.resolve();
  const then = (hear: () => void): void => {
    before = before.then(() => ice.passed()).then(hear);
  };
  try {
    for (let read = await from.read(); !read.done; read = await from.read()) {
      const chunk = read.value;
      then(() => to.enqueue(chunk));
    }
    then(() => to.close());
  } catch (error) {
    then(() => to.error(error));
  }
  // Whoever cancelled the body does not want to hear of its end.
  await before.catch(() => undefined);
}
