/** The sandbox: a world in this process, listening on loopback, with the real controller at work in it. */
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import { listenLoopback } from "../sandbox/api-server/listen.ts";
import { composeController, type RunningController } from "./controller.ts";
import { outboundBy } from "./outbound.ts";
import {
  composeSandboxWorld,
  inProcessAddress,
  type SandboxWorld,
  type SandboxWorldOptions,
} from "./sandbox-world.ts";

export interface SandboxOptions extends SandboxWorldOptions {
  readonly metrics: Metrics;
  readonly random: () => number;
  /** 0 takes a free port; undefined does not listen. */
  readonly port?: number;
  readonly metricsPort?: number;
}

export interface Sandbox {
  readonly world: SandboxWorld;
  readonly controller: RunningController;
  /** Address of the API server on loopback; undefined when it does not listen. */
  readonly apiAddress: string | undefined;
  readonly prometheusAddress: string | undefined;
  stop(): Promise<void>;
}

const prometheusInProcess = "http://prometheus.invalid";

/** Starts everything; resolves when the controller's caches are in. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const world = composeSandboxWorld(options);
  await world.start();
  const controller = composeController({
    ...sandboxWiring(world, options),
    metrics: options.metrics,
  });
  await controller.start();
  const api =
    options.port === undefined ? undefined : await listenLoopback(world.api.fetch, options.port);
  const prometheus =
    options.metricsPort === undefined
      ? undefined
      : await listenLoopback((request) => world.prometheus.fetch(request), options.metricsPort);
  return {
    world,
    controller,
    apiAddress: api === undefined ? undefined : `http://127.0.0.1:${api.port}`,
    prometheusAddress: prometheus === undefined ? undefined : `http://127.0.0.1:${prometheus.port}`,
    async stop() {
      await controller.stop();
      await Promise.all([api?.close(), prometheus?.close()]);
      await world.stop();
    },
  };
}

/** How a controller is connected to a world in the same process. */
export function sandboxWiring(
  world: SandboxWorld,
  deps: { readonly clock: Clock; readonly log: Log; readonly random: () => number },
) {
  return {
    wire: {
      baseUrl: inProcessAddress,
      fetch: (
        url: string,
        { streaming: _streaming, ...init }: RequestInit & { readonly streaming: boolean },
      ) => world.api.fetch(new Request(url, init)),
    },
    outbound: outboundBy((url, init) => {
      const request = new Request(url, init);
      return url.startsWith(prometheusInProcess) ? world.prometheus.fetch(request) : fetch(request);
    }),
    ...deps,
    settings: {
      ownNamespace: "default",
      identity: "serin-sandbox",
      metricsServer: prometheusInProcess,
    },
  };
}
