/**
 * The simulated clients: a few calling pods outside the cluster's objects that send every called Service its
 * requests, tick by tick.
 */
import type { ScrapeTarget } from "../scrape-target.ts";
import type { CalledService } from "./called-services.ts";
import type { PeerIdentity } from "./istio-labels.ts";
import { principalOf, withKey } from "./istio-labels.ts";
import { createProxyMetrics } from "./istio-metrics.ts";
import type { Batch, Caller, Simulation } from "./leg.ts";
import { createTarget } from "./live-pods.ts";
import { drawMultinomial, spreadEvenly } from "./sampling.ts";
import { sendBatch } from "./traffic.ts";

export interface Clients {
  /** Sends what `elapsedMs` of a Service's load amounts to; `at` is wall time in milliseconds. */
  call(target: CalledService, elapsedMs: number, at: number): void;
  targets(): readonly ScrapeTarget[];
  /** The proxy of that calling pod starts again: its counters are gone. */
  restart(index: number): void;
}

const namespace = "sandbox-load";
const workload = "load-generator";
const labels = { app: workload, version: "v1" };
/** Where the clients call from. */
export const clientOrigin = { namespace, labels } as const;

const podNames = ["k2x8p", "q5m4t", "z7w9c"].map((end) => `${workload}-7d9c5b6f4-${end}`);

const identity: PeerIdentity = withKey({
  workload,
  namespace,
  principal: principalOf(namespace, workload),
  app: labels.app,
  version: labels.version,
  canonicalService: workload,
  canonicalRevision: labels.version,
});

export function createClients(simulation: Simulation): Clients {
  const callers = podNames.map(createCaller);
  return {
    call(target, elapsedMs, at) {
      const { pace, load } = target;
      const due = (load.requestsPerSecond * elapsedMs) / 1_000 + pace.fraction;
      const count = Math.floor(due);
      pace.fraction = due - count;
      const shares = spreadEvenly(count, callers.length, pace.turn);
      pace.turn = (pace.turn + count) % callers.length;
      for (const [place, caller] of callers.entries()) {
        const sent = { caller, count: shares[place] ?? 0, at };
        for (const batch of batchesOf(simulation, target, sent)) sendBatch(simulation, batch);
      }
    },
    targets: () => callers.map(({ target }) => target),
    restart: (index) => callers[index]?.metrics.restart(),
  };
}

function batchesOf(
  simulation: Simulation,
  target: CalledService,
  sent: Pick<Batch, "caller" | "count" | "at">,
): readonly Batch[] {
  const { host, service, load, requests, rules } = target;
  const protocol = service.http?.protocol ?? "http";
  const split = drawMultinomial(simulation.random, sent.count, load.cumulative);
  return requests.map((request, place) => {
    return { ...sent, host, protocol, request, rules, count: split[place] ?? 0 };
  });
}

function createCaller(pod: string, index: number): Caller & { readonly target: ScrapeTarget } {
  const metrics = createProxyMetrics();
  const proxy = { namespace, pod, ip: `10.240.0.${index + 10}` };
  return { identity, metrics, target: createTarget(proxy, () => metrics.collect()) };
}
