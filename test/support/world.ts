/**
 * The controller's test bed: the real controller on the embedded API server, workloads, mesh and Prometheus, all in
 * process, under one clock that tests move. Controllers can be killed at any write and started again.
 */

import { createPrometheusMetrics } from "../../src/adapters/observability/prometheus-metrics.ts";
import { composeController, type RunningController } from "../../src/compose/controller.ts";
import { sandboxWiring } from "../../src/compose/sandbox.ts";
import { composeSandboxWorld, type SandboxWorld } from "../../src/compose/sandbox-world.ts";
import { createKillableClock } from "./killable-clock.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";
import { createRecordingLog, type RecordingLog } from "./recording-log.ts";
import { createSeededRandom } from "./seeded-random.ts";

/** A request of a controller to the API server, as a test sees and changes it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** Count of this controller's writes so far, this one included; 0 for a read. */
  readonly write: number;
}

/** What a test makes of a request: let it pass, answer in the server's place, or kill the process around it. */
export type Interception =
  | { readonly kind: "Pass" }
  | { readonly kind: "Answer"; readonly response: Response }
  /** The server carries it out, the process never hears of it and does nothing any more. */
  | { readonly kind: "KillAfter" }
  /** The process dies before the request is sent. */
  | { readonly kind: "KillBefore" };

export interface WorldOptions {
  readonly seed?: number;
  readonly scrapeMs?: number;
  readonly tickMs?: number;
  readonly podStartMs?: { readonly min: number; readonly max: number };
}

export interface ControllerOptions {
  readonly identity?: string;
  readonly intercept?: (request: SeenRequest) => Interception;
  /** Requests to anything but the embedded Prometheus, as Slack. */
  readonly fetch?: typeof globalThis.fetch;
}

/** One controller process of the world. */
export interface ControllerProcess {
  readonly controller: RunningController;
  readonly requests: readonly SeenRequest[];
  readonly writes: readonly SeenRequest[];
  isDead(): boolean;
  /** As SIGKILL: nothing runs, nothing is given back. */
  kill(): void;
  /** As SIGTERM. */
  stop(): Promise<void>;
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
  const random = createSeededRandom(options.seed ?? 1);
  const log = createRecordingLog();
  const sandbox = composeSandboxWorld({
    clock,
    log,
    random,
    scrapeMs: options.scrapeMs ?? 1_000,
    tickMs: options.tickMs ?? 1_000,
    podStartMs: options.podStartMs ?? { min: 1_000, max: 1_000 },
  });
  const processes: ControllerProcess[] = [];
  const isQuiet = () =>
    sandbox.admin.inFlight === 0 &&
    sandbox.simulating() === 0 &&
    sandbox.api.undeliveredEvents() === 0 &&
    processes.every((process) => process.isDead() || process.controller.busy() === 0);
  const settle = () => settleWhen(isQuiet);
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

/** Quiet for several turns of the event loop: streams hand over what they have in between. */
async function settleWhen(isQuiet: () => boolean): Promise<void> {
  const quietTurns = 4;
  const mostTurns = 20_000;
  for (let turn = 0, quiet = 0; quiet < quietTurns; turn += 1) {
    if (turn > mostTurns) throw new Error("the world does not settle");
    await new Promise<void>((resume) => {
      setImmediate(resume);
    });
    quiet = isQuiet() ? quiet + 1 : 0;
  }
}

interface Shared {
  readonly clock: ManualClock;
  readonly log: RecordingLog;
  readonly random: () => number;
}

function createProcess(
  sandbox: SandboxWorld,
  shared: Shared,
  options: ControllerOptions,
): ControllerProcess {
  const clock = createKillableClock(shared.clock);
  const wiring = sandboxWiring(sandbox, { ...shared, clock });
  const requests: SeenRequest[] = [];
  const death = new AbortController();
  const kill = () => {
    death.abort();
    clock.kill();
  };
  let writes = 0;
  const send = async (
    url: string,
    init: Parameters<typeof wiring.wire.fetch>[1],
  ): Promise<Response> => {
    if (death.signal.aborted) return never();
    const isWrite = init.method !== "GET";
    if (isWrite) writes += 1;
    const { pathname, search } = new URL(url);
    const seen: SeenRequest = {
      method: init.method ?? "GET",
      path: `${pathname}${search}`,
      body: typeof init.body === "string" ? init.body : "",
      write: isWrite ? writes : 0,
    };
    requests.push(seen);
    const interception = options.intercept?.(seen) ?? { kind: "Pass" };
    switch (interception.kind) {
      case "Answer":
        return interception.response;
      case "KillBefore":
        kill();
        return never();
      case "KillAfter":
        await wiring.wire.fetch(url, init);
        kill();
        return never();
      case "Pass": {
        const signal =
          init.signal === undefined || init.signal === null
            ? death.signal
            : AbortSignal.any([init.signal, death.signal]);
        const response = await wiring.wire.fetch(url, { ...init, signal });
        return death.signal.aborted ? never() : response;
      }
    }
  };
  const controller = composeController({
    ...wiring,
    wire: { ...wiring.wire, fetch: send },
    fetch: async (input, init) => {
      if (death.signal.aborted) return never();
      const isPrometheus = new Request(input, init).url.startsWith("http://prometheus.invalid");
      return isPrometheus || options.fetch === undefined
        ? wiring.fetch(input, init)
        : options.fetch(input, init);
    },
    metrics: createPrometheusMetrics({ withProcess: false }),
    settings: {
      ...wiring.settings,
      identity: options.identity ?? `serin-${Math.floor(shared.random() * 1e9)}`,
    },
  });
  return {
    controller,
    requests,
    get writes() {
      return requests.filter((request) => request.write > 0);
    },
    isDead: () => death.signal.aborted,
    kill,
    stop: () => controller.stop(),
  };
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
