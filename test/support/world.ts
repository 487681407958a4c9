/**
 * The controller's test bed: the real controller on the embedded API server, workloads, mesh and Prometheus, all in
 * process, under one clock that tests move. Controllers can be killed at any write and started again.
 */

import { composeSandboxWorld, type SandboxWorld } from "../../src/compose/sandbox-world.ts";
import {
  type ControllerOptions,
  type ControllerProcess,
  createProcess,
} from "./controller-process.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";
import { createRecordingLog, type RecordingLog } from "./recording-log.ts";
import { createSeededRandom } from "./seeded-random.ts";

export interface WorldOptions {
  readonly seed?: number;
  /** Wall time at the start, past a full minute, ms: where scrapes fall between the instants of the readers' grid. */
  readonly phaseMs?: number;
  readonly scrapeMs?: number;
  readonly tickMs?: number;
  /** How much later than all else the mesh hears of VirtualServices, ms. */
  readonly routesLateMs?: number;
  readonly podStartMs?: { readonly min: number; readonly max: number };
}

export interface World {
  readonly clock: ManualClock;
  readonly sandbox: SandboxWorld;
  readonly log: RecordingLog;
  startController(options?: ControllerOptions): Promise<ControllerProcess>;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
  /** Moves the clock, letting everything happen on the way. */
  advance(ms: number): Promise<void>;
  /** Advances until it holds; fails with `what` after `withinMs`. Returns the milliseconds it took. */
  until(what: string, holds: () => boolean | Promise<boolean>, withinMs: number): Promise<number>;
  close(): Promise<void>;
}

/** Starts a world with its CRDs and templates in place, and no controller. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const clock = createManualClock();
  clock.jumpWall(options.phaseMs ?? 0);
  const random = createSeededRandom(options.seed ?? 1);
  const log = createRecordingLog();
  const sandbox = composeSandboxWorld({
    clock,
    log,
    random,
    scrapeMs: options.scrapeMs ?? 1_000,
    tickMs: options.tickMs ?? 1_000,
    routesLateMs: options.routesLateMs ?? 0,
    podStartMs: options.podStartMs ?? { min: 1_000, max: 1_000 },
  });
  const processes: ControllerProcess[] = [];
  const activity = (): Activity => {
    const alive = processes.filter((process) => !process.isDead());
    const busy = alive.reduce((sum, process) => sum + process.controller.busy(), 0);
    const served = sandbox.admin.inFlight + sandbox.simulating() + sandbox.api.undeliveredEvents();
    const sent = alive.reduce((sum, process) => sum + process.requests.length, 0);
    return { served, busy, trace: [busy, sent, clock.pending()].join(" ") };
  };
  const settle = () => settleWhen(activity);
  await sandbox.start();
  await settle();
  const advance = async (ms: number) => {
    const end = clock.monotonic() + ms;
    for (let due = clock.nextDueAt(); due !== undefined && due <= end; due = clock.nextDueAt()) {
      clock.advanceTo(due);
      await settle();
    }
    clock.advanceTo(end);
    await settle();
  };
  return {
    clock,
    sandbox,
    log,
    settle,
    advance,
    async startController(controllerOptions = {}) {
      const process = createProcess(sandbox, { clock, log, random }, controllerOptions);
      processes.push(process);
      const starting = process.controller.start();
      await settle();
      if (!process.isDead()) await starting;
      await settle();
      return process;
    },
    async until(what, holds, withinMs) {
      const begin = clock.monotonic();
      while (!(await holds())) {
        const due = clock.nextDueAt() ?? Number.POSITIVE_INFINITY;
        if (due - begin > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`);
        clock.advanceTo(due);
        await settle();
      }
      return clock.monotonic() - begin;
    },
    async close() {
      for (const process of processes) process.kill();
      await sandbox.stop();
    },
  };
}

interface Activity {
  /** What the simulated world itself has under way. */
  readonly served: number;
  /** What controllers have under way: also what waits for time, as for an answer that never comes. */
  readonly busy: number;
  /** Changes while something happens. */
  readonly trace: string;
}

/** Quiet for several turns of the event loop (streams hand over in between), for more where time is waited for. */
async function settleWhen(activity: () => Activity): Promise<void> {
  const quietTurns = 4;
  const stillTurns = 24;
  const mostTurns = 20_000;
  let still = 0;
  let trace = "";
  for (let turn = 0, quiet = 0; quiet < quietTurns && still < stillTurns; turn += 1) {
    if (turn > mostTurns) throw new Error("the world does not settle");
    await new Promise<void>((resume) => {
      setImmediate(resume);
    });
    const now = activity();
    quiet = now.served === 0 && now.busy === 0 ? quiet + 1 : 0;
    still = now.served === 0 && now.trace === trace ? still + 1 : 0;
    trace = now.trace;
  }
}
