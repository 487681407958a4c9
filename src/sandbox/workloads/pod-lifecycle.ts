/**
 * The life of a simulated pod's container as the kubelet would lead it: pull, start, run, crash, wait, start again.
 * Pure: time comes in, the next stage and the time of the next change come out.
 */
import { crashBackOffCapMs, crashForgivenAfterMs } from "./limits.ts";

export type PodStage =
  | "Creating"
  | "PullFailed"
  | "PullBackOff"
  /** The container runs, but is not ready; one that is to crash gets no further. */
  | "Starting"
  | "Ready"
  /** It ended with an error, and is started again soon. */
  | "Exited"
  | "CrashLoopBackOff";

export interface PodLife {
  readonly stage: PodStage;
  /** When the stage began, milliseconds since the epoch; so are all `…At`. */
  readonly since: number;
  readonly createdAt: number;
  /** When it last became ready or stopped being so. */
  readonly readinessChangedAt: number;
  readonly restarts: number;
  /** Exits in a row, which decide the next wait. */
  readonly crashes: number;
  readonly lastExit: { readonly startedAt: number; readonly finishedAt: number } | undefined;
  readonly startedAt: number | undefined;
}

/** What the pod's spec and annotations ask for now. */
export interface PodWish {
  readonly crash: boolean;
  readonly imageMissing: boolean;
  /** From creation to readiness. */
  readonly startMs: number;
}

const pullRetryMs = 2_000;
const crashAfterMs = 1_000;
const firstRestartMs = 1_000;
const crashBackOffBaseMs = 10_000;

export function beginLife(now: number): PodLife {
  return {
    stage: "Creating",
    since: now,
    createdAt: now,
    readinessChangedAt: now,
    restarts: 0,
    crashes: 0,
    lastExit: undefined,
    startedAt: undefined,
  };
}

/** Takes every step that is due at `now`. */
export function advanceLife(life: PodLife, wish: PodWish, now: number): PodLife {
  let current = life;
  for (;;) {
    const due = nextChangeAt(current, wish, now);
    if (due === undefined || due > now) return current;
    current = step(current, wish, due);
  }
}

/** When the life changes by itself, given the same wish: `now` if the wish itself asks for it, undefined = never. */
export function nextChangeAt(life: PodLife, wish: PodWish, now: number): number | undefined {
  const { stage, since } = life;
  switch (stage) {
    case "Creating":
      return since + wish.startMs;
    case "PullFailed":
      return wish.imageMissing ? since + pullRetryMs : now;
    case "PullBackOff":
      return wish.imageMissing ? undefined : now;
    case "Starting":
      return since + crashAfterMs;
    case "Ready":
      return wish.crash ? now : undefined;
    case "Exited":
      return since + firstRestartMs;
    case "CrashLoopBackOff":
      return since + backOffMs(life.crashes);
  }
}

/** `at` is when the change fell due. */
function step(life: PodLife, wish: PodWish, at: number): PodLife {
  switch (life.stage) {
    case "Creating":
      if (wish.imageMissing) return enter(life, "PullFailed", at);
      return run(life, wish.crash ? "Starting" : "Ready", at);
    case "PullFailed":
      return enter(life, wish.imageMissing ? "PullBackOff" : "Creating", at);
    case "PullBackOff":
      return enter(life, "Creating", at);
    case "Starting":
      return wish.crash ? exit(life, at) : becomeReady(life, at);
    case "Ready":
      return exit(life, at);
    case "Exited":
    case "CrashLoopBackOff":
      return run({ ...life, restarts: life.restarts + 1 }, "Starting", at);
  }
}

function enter(life: PodLife, stage: PodStage, at: number): PodLife {
  return { ...life, stage, since: at };
}

function run(life: PodLife, stage: "Starting" | "Ready", at: number): PodLife {
  const running: PodLife = { ...life, startedAt: at };
  return stage === "Ready" ? becomeReady(running, at) : enter(running, stage, at);
}

function becomeReady(life: PodLife, at: number): PodLife {
  return { ...enter(life, "Ready", at), readinessChangedAt: at };
}

function exit(life: PodLife, at: number): PodLife {
  const forgiven = life.stage === "Ready" && at - life.since >= crashForgivenAfterMs;
  const crashes = forgiven ? 1 : life.crashes + 1;
  const stage = crashes === 1 ? "Exited" : "CrashLoopBackOff";
  const readinessChangedAt = life.stage === "Ready" ? at : life.readinessChangedAt;
  const lastExit = { startedAt: life.startedAt ?? at, finishedAt: at };
  return { ...enter(life, stage, at), crashes, lastExit, readinessChangedAt };
}

/** 10 s after the second exit in a row, doubled with each further one. As the kubelet. */
function backOffMs(crashes: number): number {
  return Math.min(crashBackOffCapMs, crashBackOffBaseMs * 2 ** Math.max(0, crashes - 2));
}
