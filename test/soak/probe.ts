/**
 * Loaded into a controller's process before its program: counts what it holds whenever its parent asks. With
 * SOAK_LEAK_BYTES it also leaks as many in every second, which shows that the soak would see it.
 */
import { getEventListeners } from "node:events";
import type { Inside } from "./sample.ts";

/** Every abort signal that a controller has made and that is still held by anybody. */
const signals = new Set<WeakRef<AbortSignal>>();
const {
  AbortController: OwnController,
  setTimeout: ownSetTimeout,
  clearTimeout: ownClear,
} = globalThis;
globalThis.AbortController = class extends OwnController {
  constructor() {
    super();
    signals.add(new WeakRef(this.signal));
  }
};

/** Timers that will fire, those of the Clock included, which keep no process alive. */
const timers = new Set<unknown>();
Object.assign(globalThis, {
  setTimeout(fire: (...values: unknown[]) => void, ms?: number, ...values: unknown[]) {
    const timer = ownSetTimeout(() => {
      timers.delete(timer);
      fire(...values);
    }, ms);
    timers.add(timer);
    return timer;
  },
  clearTimeout(timer: NodeJS.Timeout | undefined) {
    timers.delete(timer);
    ownClear(timer);
  },
});

function measure(): Inside {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  let listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  for (const reference of signals) {
    const signal = reference.deref();
    if (signal === undefined) signals.delete(reference);
    else listeners += getEventListeners(signal, "abort").length;
  }
  return {
    residentBytes: rss,
    heapBytes: heapUsed,
    externalBytes: external,
    timers: timers.size,
    listeners,
    signals: signals.size,
  };
}

process.on("message", () => process.send?.(measure()));
// The way to the parent must not keep a stopped controller alive.
process.channel?.unref();

const leakBytes = Number(process.env["SOAK_LEAK_BYTES"] ?? 0);
if (leakBytes > 0) {
  const kept: number[][] = [];
  const bytesEach = 8;
  const leak = () => void kept.push(Array.from({ length: leakBytes / bytesEach }, () => 0.5));
  setInterval(leak, 1_000).unref();
}
