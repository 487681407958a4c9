/** A Clock that stands still until a test moves it. Timers fire in the order in which they are due. */
import type { Clock } from "../../src/ports/clock.ts";
import { settleContractServer } from "./contract-server.ts";

export interface ManualClock extends Clock {
  /** Timers that have neither fired nor been cancelled. */
  pending(): number;
  /** Monotonic time of the next timer, in milliseconds. */
  nextDueAt(): number | undefined;
  /** Moves both times to the monotonic instant `at`, firing what falls due on the way, each at its own time. */
  advanceTo(at: number): void;
  /** As advanceTo, `ms` from now. */
  step(ms: number): void;
  /** Lets whole macrotasks run between timers: for code that awaits between setting one timer and the next. */
  run(ms: number): Promise<void>;
  /** Time passes and nothing fires, as for a stopped process; what fell due fires with the next step, late. */
  freeze(ms: number): void;
  /** Moves the wall time only, as an operator or NTP would. */
  jumpWall(ms: number): void;
}

interface Timer {
  readonly dueAt: number;
  readonly fire: () => void;
}

/** 2026-01-01T00:00:00Z. */
const START_MS = 1_767_225_600_000;

/** Lets everything that is ready run: promises, streams, and what they set off in turn. */
export async function settleTasks(rounds = 12): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
  await settleContractServer();
}

export function createManualClock(startMs = START_MS): ManualClock {
  const timers = new Set<Timer>();
  let elapsedMs = 0;
  let wallOffsetMs = startMs;

  const next = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (first === undefined || timer.dueAt < first.dueAt) first = timer;
    }
    return first;
  };

  const clock: ManualClock = {
    now: () => wallOffsetMs + elapsedMs,
    monotonic: () => elapsedMs,
    setTimer(delayMs, fire) {
      const timer = { dueAt: elapsedMs + Math.max(0, delayMs), fire };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    nextTurn: () =>
      new Promise((resolve) => {
        setImmediate(resolve);
      }),
    pending: () => timers.size,
    nextDueAt: () => next()?.dueAt,
    advanceTo(at) {
      for (let due = next(); due !== undefined && due.dueAt <= at; due = next()) {
        timers.delete(due);
        elapsedMs = Math.max(elapsedMs, due.dueAt);
        due.fire();
      }
      elapsedMs = Math.max(elapsedMs, at);
    },
    step(ms) {
      clock.advanceTo(elapsedMs + ms);
    },
    async run(ms) {
      const end = elapsedMs + ms;
      await settleTasks();
      for (let due = next(); due !== undefined && due.dueAt <= end; due = next()) {
        clock.advanceTo(due.dueAt);
        await settleTasks();
      }
      clock.advanceTo(end);
      await settleTasks();
    },
    freeze(ms) {
      elapsedMs += ms;
    },
    jumpWall(ms) {
      wallOffsetMs += ms;
    },
  };
  return clock;
}
