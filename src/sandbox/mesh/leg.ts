/** The travellers of the simulated mesh: a batch of like requests, and the leg of its way that leads to one cluster. */
import type { LatencyDraw } from "./answers.ts";
import type { ClientCounts } from "./client-counts.ts";
import type { PeerIdentity } from "./istio-labels.ts";
import type { ProxyMetrics } from "./istio-metrics.ts";
import type { EndpointPod } from "./known-world.ts";
import type { PodBehaviour } from "./pod-behaviour.ts";
import type { SimulatedRequest } from "./request-match.ts";
import type { Cluster, CompiledRule } from "./route-table.ts";
import type { Random } from "./sampling.ts";
import type { SharedHarm } from "./shared-harm.ts";

/** A pod as it is now, whatever the sidecars know of it yet. */
export interface LivePod {
  identity: PeerIdentity;
  behaviour: PodBehaviour;
  serving: boolean;
  readonly metrics: ProxyMetrics;
}

export interface Endpoint extends EndpointPod {
  readonly live: LivePod;
}

export interface Caller {
  readonly identity: PeerIdentity;
  readonly metrics: ProxyMetrics;
}

/** What all batches share. */
export interface Simulation {
  readonly random: Random;
  readonly counts: ClientCounts;
  readonly drawLatency: LatencyDraw;
  /** Per cluster: whose turn it is in the round robin. */
  readonly turns: Map<string, number>;
  readonly harms: SharedHarm;
}

/** Requests of one class, sent by one caller in one tick. */
export interface Batch {
  /** The Service's full host name, which the clients call. */
  readonly host: string;
  readonly protocol: "http" | "grpc";
  readonly request: SimulatedRequest;
  readonly rules: readonly CompiledRule<Endpoint>[];
  readonly caller: Caller;
  readonly count: number;
  readonly at: number;
}

/** Requests of a batch on their way to one cluster. */
export interface Leg {
  readonly simulation: Simulation;
  readonly batch: Batch;
  readonly rule: CompiledRule<Endpoint>;
  readonly cluster: Cluster<Endpoint>;
  /** Delay that a fault puts in front of the request, milliseconds. */
  readonly addedMs: number;
}
