/**
 * One controller process of the test bed: the real controller, whose every request to the API server a test sees and
 * may answer, lose or hold, and which can be killed and frozen as a process can.
 */
import { createPrometheusMetrics } from "../../src/adapters/observability/prometheus-metrics.ts";
import { composeController, type RunningController } from "../../src/compose/controller.ts";
import { outboundBy } from "../../src/compose/outbound.ts";
import { sandboxWiring } from "../../src/compose/sandbox.ts";
import type { SandboxWorld } from "../../src/compose/sandbox-world.ts";
import type { Log } from "../../src/ports/log.ts";
import { FreezingPoint, heldBody } from "./freezing-point.ts";
import { createKillableClock } from "./killable-clock.ts";
import type { ManualClock } from "./manual-clock.ts";

/** A request of a controller to the API server, as a test sees and changes it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** Count of this controller's writes so far, this one included; 0 for a read. */
  readonly write: number;
  /** Monotonic time of the world, milliseconds. */
  readonly at: number;
  /** Successful answers of Prometheus that this process had had by then. */
  readonly metricReads: number;
}

/** What a test makes of a request: let it pass, answer in the server's place, or harm the process or its connection. */
export type Interception =
  | { readonly kind: "Pass" }
  | { readonly kind: "Answer"; readonly response: Response }
  /** The server carries it out, the process never hears of it and does nothing any more. */
  | { readonly kind: "KillAfter" }
  /** The process dies before the request is sent. */
  | { readonly kind: "KillBefore" }
  /** Nothing ever comes back; the server has not seen it. */
  | { readonly kind: "Hang" }
  /** The connection closes before the request is through. */
  | { readonly kind: "CloseBefore" }
  /** The server carries it out, and the connection closes instead of an answer. */
  | { readonly kind: "CloseAfter" };

export interface ControllerOptions {
  readonly identity?: string;
  readonly intercept?: (request: SeenRequest) => Interception;
  /** How far its wall clock is ahead of everybody else's, ms. */
  readonly skewMs?: number;
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
  /** As SIGSTOP: no timer fires, no answer arrives. */
  freeze(): void;
  /** As SIGCONT: what arrived meanwhile is heard first, then the timers that fell due fire. */
  thaw(): Promise<void>;
  /** As SIGTERM. */
  stop(): Promise<void>;
}

export interface Shared {
  readonly clock: ManualClock;
  readonly log: Log;
  readonly random: () => number;
}

export function createProcess(
  sandbox: SandboxWorld,
  shared: Shared,
  options: ControllerOptions,
): ControllerProcess {
  const ice = new FreezingPoint();
  const { skewMs = 0 } = options;
  const clock = createKillableClock(
    { ...shared.clock, now: () => shared.clock.now() + skewMs },
    ice,
  );
  const wiring = sandboxWiring(sandbox, { ...shared, clock });
  const death = new AbortController();
  const requests: SeenRequest[] = [];
  let metricReads = 0;
  const connection: Connection = {
    fetch: wiring.wire.fetch,
    ice,
    death: death.signal,
    kill() {
      death.abort();
      clock.kill();
    },
  };
  const controller = composeController({
    ...wiring,
    wire: {
      ...wiring.wire,
      async fetch(url, init) {
        if (death.signal.aborted) return never();
        const write = init.method === "GET" ? 0 : writesOf(requests).length + 1;
        const seen = {
          ...seenRequest(url, init),
          write,
          at: shared.clock.monotonic(),
          metricReads,
        };
        requests.push(seen);
        return exchange(connection, options.intercept?.(seen) ?? { kind: "Pass" }, url, init);
      },
    },
    outbound: outboundBy(async (url, init) => {
      if (death.signal.aborted) return never();
      const isPrometheus = url.startsWith("http://prometheus.invalid");
      if (!isPrometheus && options.fetch !== undefined) return options.fetch(url, init);
      const response = await wiring.outbound.ask(url, init);
      await ice.passed();
      if (isPrometheus && response.status === 200) metricReads += 1;
      return response;
    }),
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
      return writesOf(requests);
    },
    isDead: () => death.signal.aborted,
    kill: connection.kill,
    freeze: () => ice.freeze(),
    thaw: () => ice.thaw(),
    stop: () => controller.stop(),
  };
}

type Fetch = ReturnType<typeof sandboxWiring>["wire"]["fetch"];
type Init = Parameters<Fetch>[1];

interface Connection {
  readonly fetch: Fetch;
  readonly ice: FreezingPoint;
  readonly death: AbortSignal;
  kill(): void;
}

async function exchange(
  connection: Connection,
  interception: Interception,
  url: string,
  init: Init,
): Promise<Response> {
  switch (interception.kind) {
    case "Answer":
      return interception.response;
    case "Hang":
      return never();
    case "KillBefore":
      connection.kill();
      return never();
    case "KillAfter":
      await connection.fetch(url, init);
      connection.kill();
      return never();
    case "CloseBefore":
      throw closed();
    case "CloseAfter":
      await connection.fetch(url, init);
      throw closed();
    case "Pass":
      return answer(connection, url, init);
  }
}

async function answer({ fetch, ice, death }: Connection, url: string, init: Init) {
  const signal = AbortSignal.any([init.signal ?? death, death]);
  const response = await fetch(url, { ...init, signal });
  await ice.passed();
  if (death.aborted) return never();
  if (!init.streaming || response.body === null) return response;
  return new Response(heldBody(response.body, ice), response);
}

function seenRequest(url: string, { method = "GET", body }: Init) {
  const { pathname, search } = new URL(url);
  return { method, path: `${pathname}${search}`, body: typeof body === "string" ? body : "" };
}

function writesOf(requests: readonly SeenRequest[]): readonly SeenRequest[] {
  return requests.filter((request) => request.method !== "GET");
}

/** What fetch throws when the other side hangs up. */
function closed(): Error {
  const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  return new TypeError("fetch failed", { cause });
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
