/**
 * Stands in for istiod, the sidecars and everybody who calls: sends each Service its load along the VirtualServices
 * that are there and counts it as Istio's proxies do. A client of the API server like any other; without load it
 * does nothing.
 */
import { createInformer, type Informer } from "../../adapters/kubernetes/informer.ts";
import type { Transport } from "../../adapters/kubernetes/transport.ts";
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { ScrapeTargets } from "../scrape-target.ts";
import { createLatencyDraw } from "./answers.ts";
import { createCalledServices } from "./called-services.ts";
import { type ClientCount, type ClientStats, createClientCounts } from "./client-counts.ts";
import { clientOrigin, createClients } from "./clients.ts";
import { decodePod, decodeService } from "./decode.ts";
import { decodeDestinationRule, decodeVirtualService } from "./decode-routing.ts";
import { createDelayedChanges, type DelayedChanges } from "./delayed-changes.ts";
import { createKnownWorld, hostOf, type KnownWorld } from "./known-world.ts";
import type { Endpoint } from "./leg.ts";
import { maxTickElapsedMs } from "./limits.ts";
import { createLivePods, type LivePods } from "./live-pods.ts";
import { serviceHost } from "./objects.ts";
import { createSharedHarm } from "./shared-harm.ts";

export interface SimulatedMeshOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in [0, 1); a seeded one makes every count repeatable. */
  readonly random: () => number;
  /** How often the clients send, milliseconds. Default 250. */
  readonly tickMs?: number;
  /** From a change of an object to the sidecars' acting on it, milliseconds. Default 300. */
  readonly propagationMs?: number;
  /** How much later than everything else they hear of VirtualServices, milliseconds. Default 0. */
  readonly routesLateMs?: number;
}

export interface SimulatedMesh {
  start(): void;
  /** Resolves when nothing runs any more; what was counted stays. */
  stop(): Promise<void>;
  /** The proxies of all pods and of the calling pods, as Prometheus discovers them. */
  targets(): ScrapeTargets;
  /** What the clients of a Service counted since the start. `host` is `name.namespace` or the full name. */
  clientStats(host: string): ClientStats;
  /** The same, from now on, and for any span of time within. */
  countClients(host: string): ClientCount;
  /** The proxy of a calling pod (0, 1, 2) starts again: its counters begin anew. */
  restartCaller(index: number): void;
}

const defaultTickMs = 250;
const defaultPropagationMs = 300;

export function createSimulatedMesh(options: SimulatedMeshOptions): SimulatedMesh {
  const { clock, log, random } = options;
  const world = createKnownWorld<Endpoint>();
  const livePods = createLivePods();
  const counts = createClientCounts();
  const simulation = {
    random,
    counts,
    drawLatency: createLatencyDraw(random),
    turns: new Map(),
    harms: createSharedHarm(),
  };
  const clients = createClients(simulation);
  const calledServices = createCalledServices(world, clientOrigin, log);
  const ticker = createTicker(clock, options.tickMs ?? defaultTickMs, (elapsedMs) => {
    const called = calledServices();
    for (const target of called) clients.call(target, elapsedMs, clock.now());
    return called.length > 0;
  });
  const delayMs = options.propagationMs ?? defaultPropagationMs;
  const startTicker = () => {
    if (calledServices().length > 0) ticker.start();
  };
  const changes = createDelayedChanges(clock, delayMs, startTicker);
  const routeChanges = createDelayedChanges(
    clock,
    delayMs + (options.routesLateMs ?? 0),
    startTicker,
  );
  const informers = follow(options, { world, livePods, changes, routeChanges });
  return {
    start: () => {
      for (const informer of informers) informer.start();
    },
    async stop() {
      await Promise.all(informers.map((informer) => informer.stop()));
      ticker.stop();
      changes.stop();
      routeChanges.stop();
    },
    targets: () => ({ list: () => [...clients.targets(), ...livePods.targets()] }),
    clientStats: (host) => counts.stats(fullHost(host)),
    countClients: (host) => counts.open(fullHost(host)),
    restartCaller: (index) => clients.restart(index),
  };
}

interface Followers {
  readonly world: KnownWorld<Endpoint>;
  readonly livePods: LivePods;
  readonly changes: DelayedChanges;
  /** Of VirtualServices. */
  readonly routeChanges: DelayedChanges;
}

/** Pods behave at once as their objects say; what routing knows of anything takes its time. */
function follow(
  { transport, clock, log, random }: SimulatedMeshOptions,
  { world, livePods, changes, routeChanges }: Followers,
): readonly { start(): void; stop(): Promise<void> }[] {
  const inform = <T>(group: string, plural: string, decode: (raw: unknown) => T): Informer<T> => {
    const resource = { group, version: "v1", plural, namespaced: true };
    return createInformer({ transport, clock, log, random, resource, decode });
  };
  const services = inform("", "services", decodeService);
  const pods = inform("", "pods", decodePod);
  const virtualServices = inform("networking.istio.io", "virtualservices", decodeVirtualService);
  const rules = inform("networking.istio.io", "destinationrules", decodeDestinationRule);
  services.onChange(({ after, before }) => {
    const service = after?.view ?? before?.view;
    if (service !== undefined) changes.push(() => world.putService(hostOf(service), after?.view));
  });
  pods.onChange(({ key, after }) => {
    const endpoint = livePods.observe(key, after?.view);
    changes.push(() => world.putPod(key, endpoint));
  });
  virtualServices.onChange(({ key, after }) => {
    routeChanges.push(() => world.putVirtualService(key, after?.view));
  });
  rules.onChange(({ key, after }) => {
    changes.push(() => world.putDestinationRule(key, after?.view));
  });
  return [services, pods, virtualServices, rules];
}

interface Ticker {
  /** Ticks until a tick finds nothing to do; started already, it goes on. */
  start(): void;
  stop(): void;
}

function createTicker(clock: Clock, tickMs: number, tick: (elapsedMs: number) => boolean): Ticker {
  let cancel: CancelTimer | undefined;
  let lastAt = 0;
  const schedule = () => {
    cancel = clock.setTimer(tickMs, () => {
      const elapsedMs = Math.min(maxTickElapsedMs, clock.monotonic() - lastAt);
      lastAt = clock.monotonic();
      if (tick(elapsedMs)) schedule();
      else cancel = undefined;
    });
  };
  return {
    start() {
      if (cancel !== undefined) return;
      lastAt = clock.monotonic();
      schedule();
    },
    stop() {
      cancel?.();
      cancel = undefined;
    },
  };
}

function fullHost(host: string): string {
  const [name = "", namespace = "", ...rest] = host.split(".");
  return rest.length > 0 ? host : serviceHost(name, namespace);
}
