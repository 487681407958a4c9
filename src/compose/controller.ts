/** Wires the adapters into a controller that runs: caches, leadership, the loop, and what it tells of itself. */
import { createCluster } from "../adapters/kubernetes/cluster/cluster.ts";
import {
  type ClusterInformers,
  clusterInformers,
} from "../adapters/kubernetes/cluster/informers.ts";
import { createEventRecorder } from "../adapters/kubernetes/events.ts";
import type { Informer } from "../adapters/kubernetes/informer.ts";
import type { InformerDeps } from "../adapters/kubernetes/informer-deps.ts";
import { Lease } from "../adapters/kubernetes/lease.ts";
import { createSecrets } from "../adapters/kubernetes/secrets.ts";
import {
  type SpecRevisionInformers,
  specRevisionInformers,
} from "../adapters/kubernetes/spec-revisions/informers.ts";
import { createSpecRevisions } from "../adapters/kubernetes/spec-revisions/spec-revisions.ts";
import {
  createTransport,
  type Transport,
  type TransportOptions,
} from "../adapters/kubernetes/transport.ts";
import {
  type WorkloadInformers,
  workloadInformers,
} from "../adapters/kubernetes/workloads/informers.ts";
import { selectingChanges } from "../adapters/kubernetes/workloads/selecting-objects.ts";
import {
  createWorkloads,
  type RunningWorkloads,
} from "../adapters/kubernetes/workloads/workloads.ts";
import { createPrometheusClient } from "../adapters/metrics/prometheus/client.ts";
import { createMetricSource } from "../adapters/metrics/registry.ts";
import { createNotifier } from "../adapters/notify/registry.ts";
import { type IstioInformers, istioInformers } from "../adapters/traffic/istio/informers.ts";
import { createTrafficRouter } from "../adapters/traffic/registry.ts";
import { fieldManager } from "../api/names.ts";
import { Controller } from "../controller/controller.ts";
import type { ControllerPorts } from "../controller/deps.ts";
import { toKey } from "../controller/key.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import { enqueueChanges, type WatchedCaches } from "./enqueue-changes.ts";
import type { Outbound } from "./outbound.ts";

/** Name of the Lease that the replicas of one installation share. */
const leaseName = "serin-controller";

export interface ControllerWiring {
  /** The way to the API server. */
  readonly wire: Pick<TransportOptions, "baseUrl" | "fetch" | "headers" | "renew">;
  /** The ways to servers whose addresses people give. */
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly metrics: Metrics;
  readonly settings: {
    /** Work in one namespace only. */
    readonly namespace?: string | undefined;
    readonly ownNamespace: string;
    /** Different for every process that ever runs. */
    readonly identity: string;
    readonly metricsServer: string;
    readonly qps?: number;
    readonly burst?: number;
  };
}

export interface RunningController {
  /** Starts the caches and, once they are in, to contend for the lease. Resolves when the caches are in. */
  start(): Promise<void>;
  /** Ends what runs, gives the lease back, and stops the caches. */
  stop(): Promise<void>;
  /** Undefined when the caches are in; else what is missing. */
  problem(): string | undefined;
  isLeading(): boolean;
  /** Housekeeping: forgets what is gone. */
  sweep(): void;
  /** Requests, passes, reads and messages under way: 0 when nothing happens. */
  busy(): number;
}

/** Builds a controller; nothing runs before `start`. */
export function composeController(wiring: ControllerWiring): RunningController {
  const { clock, log, random, settings } = wiring;
  const leadership: Leadership = { isValid: () => false };
  const transport = connect(wiring, {
    qps: settings.qps,
    burst: settings.burst,
    mayWrite: () => leadership.isValid(),
  });
  const deps = { transport, clock, log, random, namespace: settings.namespace };
  const caches = composeCaches(deps);
  const workloads = createWorkloads({
    transport,
    clock,
    log,
    random,
    informers: { ...caches.workloads, services: caches.istio.services },
    onPodChange: (canary) => controller.enqueue(toKey(canary)),
  });
  const controller = new Controller(composePorts(wiring, { transport, caches, workloads }));
  const contender = contend(wiring, controller);
  leadership.isValid = () => contender.lease.isValid();
  enqueueChanges(watched(caches), controller);
  return run({ caches, workloads, controller, contender, transport });
}

interface Leadership {
  isValid: () => boolean;
}

export interface Caches {
  readonly cluster: ClusterInformers;
  readonly workloads: WorkloadInformers;
  readonly istio: IstioInformers;
  readonly revisions: SpecRevisionInformers;
}

/** Everything that a Canary is observed by; to be started and stopped by the caller. */
export function composeCaches(deps: InformerDeps): Caches {
  return {
    cluster: clusterInformers(deps),
    workloads: workloadInformers(deps),
    istio: istioInformers(deps),
    revisions: specRevisionInformers(deps),
  };
}

/** The same as one list. */
export function informersOf(caches: Caches): readonly Informer<unknown>[] {
  return Object.values(caches).flatMap((group) => Object.values(group));
}

interface Contender {
  readonly lease: Lease;
  /** Resolves when the latest loss of the lease has been dealt with. */
  settled(): Promise<void>;
}

interface Parts {
  readonly caches: Caches;
  readonly workloads: RunningWorkloads;
  readonly controller: Controller;
  readonly contender: Contender;
  readonly transport: Transport;
}

function connect(
  wiring: ControllerWiring,
  limits: {
    readonly qps?: number | undefined;
    readonly burst?: number | undefined;
    readonly mayWrite?: () => boolean;
  },
): Transport {
  const { clock, log, random, metrics, wire } = wiring;
  return createTransport({
    ...wire,
    clock,
    log,
    random,
    userAgent: fieldManager,
    fieldManager,
    onRequest: (request) => metrics.recordApiRequest(request),
    ...(limits.qps !== undefined && { qps: limits.qps }),
    ...(limits.burst !== undefined && { burst: limits.burst }),
    ...(limits.mayWrite !== undefined && { mayWrite: limits.mayWrite }),
  });
}

/** The ports on these caches. */
export function composePorts(
  wiring: Pick<ControllerWiring, "outbound" | "clock" | "log" | "random" | "metrics" | "settings">,
  { transport, caches, workloads }: Pick<Parts, "transport" | "caches" | "workloads">,
): ControllerPorts {
  const { clock, log, random, metrics, settings, outbound } = wiring;
  const { ownNamespace, metricsServer, identity } = settings;
  const secrets = createSecrets({ transport, clock });
  const client = createPrometheusClient({
    clock,
    fetch: outbound.ask,
    createTrustingFetch: outbound.askTrusting,
    onRequest: (request) => metrics.recordProviderRequest(request),
  });
  const events = createEventRecorder({
    transport,
    clock,
    component: fieldManager,
    instance: identity,
  });
  return {
    cluster: createCluster({ transport, informers: caches.cluster, ownNamespace, events, clock }),
    workloads,
    specRevisions: createSpecRevisions({
      transport,
      log,
      reads: caches.revisions.specRevisions,
      ownNamespace,
    }),
    router: createTrafficRouter({ istio: { transport, informers: caches.istio } }),
    source: createMetricSource({ prometheus: { client, clock, secrets, metricsServer } }),
    notifier: createNotifier({ fetch: outbound.tell, clock, secrets, metrics }),
    metrics,
    clock,
    log,
    random,
  };
}

/** The lease has a transport of its own: it must write while nothing else may. */
function contend(wiring: ControllerWiring, controller: Controller): Contender {
  const { clock, log, random, settings } = wiring;
  let settled: Promise<void> = Promise.resolve();
  const leadUnlessLost = () => {
    if (lease.isValid()) controller.lead();
  };
  const lease = new Lease({
    transport: connect(wiring, {}),
    namespace: settings.ownNamespace,
    name: leaseName,
    identity: settings.identity,
    clock,
    log,
    random,
    onAcquired: () => {
      settled = settled.then(leadUnlessLost);
    },
    onLost: () => {
      settled = settled.then(() => controller.stand());
    },
  });
  return { lease, settled: () => settled };
}

/** Whose changes concern which Canaries. */
function watched({ cluster, workloads, istio, revisions }: Caches): WatchedCaches {
  return {
    cluster,
    specRevisions: revisions.specRevisions,
    named: [workloads.deployments],
    routes: [istio.virtualServices],
    nearby: [
      istio.destinationRules,
      istio.services,
      workloads.horizontalPodAutoscalers,
      workloads.scaledObjects,
      ...selectingChanges(workloads),
    ],
  };
}

function run({ caches, workloads, controller, contender, transport }: Parts): RunningController {
  const informers = informersOf(caches);
  const { lease } = contender;
  let isStopping = false;
  return {
    async start() {
      for (const informer of informers) informer.start();
      await Promise.all(informers.map((informer) => informer.whenSynced()));
      // A lease taken now would be held by a process that ends.
      if (!isStopping) lease.start();
    },
    async stop() {
      isStopping = true;
      // No write may begin once another may lead: first the work ends, then the lease goes.
      await controller.stand();
      await lease.stop();
      await contender.settled();
      await workloads.stop();
      await Promise.all(informers.map((informer) => informer.stop()));
    },
    problem: () => problemOf(informers),
    isLeading: () => lease.isValid(),
    sweep: () => controller.sweep(),
    busy: () => controller.busy + transport.inFlight,
  };
}

function problemOf(informers: readonly Informer<unknown>[]): string | undefined {
  const reasons = informers.flatMap((informer) => informer.pending() ?? []);
  const [first] = reasons;
  if (first === undefined) return undefined;
  return `${reasons.length} of ${informers.length} caches are not filled yet: ${first}`;
}
