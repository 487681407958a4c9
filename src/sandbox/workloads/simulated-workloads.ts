/**
 * Stands in for kube-controller-manager, scheduler and kubelet: Deployments get ReplicaSets and Pods that start, become
 * ready or crash as annotations say. A client of the API server like any other; idle, it does nothing.
 */
import { type Cluster, type ClusterDeps, createCluster, ownerAmong, statusOf } from "./cluster.ts";
import { reconcileDeployment } from "./deployments.ts";
import { createEndpointSlices } from "./endpoint-slices.ts";
import { createKeyLoop, type KeyLoop } from "./key-loop.ts";
import { createKubelet, type StartRange } from "./kubelet.ts";
import { nodeManifest } from "./node.ts";
import { createReplicaSets } from "./replica-sets.ts";
import { keyOf, pathOf, resources } from "./resources.ts";

export interface SimulatedWorkloadsOptions extends ClusterDeps {
  /** From a pod's creation to its readiness, unless annotated; default 1,000 to 2,000. */
  readonly podStartMs?: StartRange;
}

export interface SimulatedWorkloads {
  start(): void;
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

interface Loops {
  readonly deployments: KeyLoop;
  readonly replicaSets: KeyLoop;
  readonly pods: KeyLoop;
  readonly services: KeyLoop;
}

const defaultPodStartMs: StartRange = { min: 1_000, max: 2_000 };

export function createSimulatedWorkloads(options: SimulatedWorkloadsOptions): SimulatedWorkloads {
  const cluster = createCluster(options);
  const loops = createLoops(cluster, options.podStartMs ?? defaultPodStartMs);
  const informers = [cluster.deployments, cluster.replicaSets, cluster.pods, cluster.services];
  let stopping = new AbortController();
  let starting: Promise<void> = Promise.resolve();

  /** Nothing is decided before every kind is known: half a view would create what exists. */
  async function begin(signal: AbortSignal): Promise<void> {
    try {
      for (const informer of informers) informer.start();
      await createNode(cluster);
      await Promise.all(informers.map((informer) => informer.whenSynced(signal)));
      for (const loop of Object.values(loops)) loop.start();
    } catch (error) {
      if (signal.aborted) return;
      const because = error instanceof Error ? error.message : String(error);
      cluster.log.error({ because }, "simulated workloads could not start");
    }
  }

  return {
    start() {
      stopping = new AbortController();
      starting = begin(stopping.signal);
    },
    async stop() {
      stopping.abort();
      await starting;
      await Promise.all(Object.values(loops).map((loop) => loop.stop()));
      await Promise.all(informers.map((informer) => informer.stop()));
    },
  };
}

function createLoops(cluster: Cluster, start: StartRange): Loops {
  const { clock, log } = cluster;
  const replicaSets = createReplicaSets(cluster);
  const kubelet = createKubelet(cluster, start);
  const slices = createEndpointSlices(cluster);
  const loopOf = (reconcile: (key: string) => Promise<number | undefined>) =>
    createKeyLoop({ clock, log, reconcile });
  const loops: Loops = {
    deployments: loopOf((key) => reconcileDeployment(cluster, key)),
    replicaSets: loopOf((key) => replicaSets.reconcile(key)),
    pods: loopOf((key) => kubelet.reconcile(key)),
    services: loopOf((key) => slices.reconcile(key)),
  };
  followOwners(cluster, loops);
  cluster.pods.onChange(({ before, after }) => {
    const gone = after === undefined ? before?.view.meta.uid : undefined;
    if (gone !== undefined) {
      replicaSets.forget(gone);
      kubelet.forget(gone);
    }
    const pod = after ?? before;
    for (const key of pod === undefined ? [] : slices.affectedBy(pod.view)) {
      loops.services.enqueue(key);
    }
  });
  cluster.services.onChange(({ key, after }) => {
    if (after === undefined) slices.forget(key);
    else loops.services.enqueue(key);
  });
  return loops;
}

/** What changed is looked at, and so is what owns it. */
function followOwners(cluster: Cluster, loops: Loops): void {
  cluster.deployments.onChange(({ key }) => loops.deployments.enqueue(key));
  cluster.replicaSets.onChange(({ key, before, after }) => {
    loops.replicaSets.enqueue(key);
    const set = after ?? before;
    const owner = set && ownerAmong(cluster.deployments, set.view);
    if (owner !== undefined) loops.deployments.enqueue(keyOf(owner.meta));
  });
  cluster.pods.onChange(({ key, before, after }) => {
    if (after !== undefined) loops.pods.enqueue(key);
    const pod = after ?? before;
    const owner = pod && ownerAmong(cluster.replicaSets, pod.view);
    if (owner !== undefined) loops.replicaSets.enqueue(keyOf(owner.meta));
  });
}

/** The node that all pods run on, so that whoever looks a pod's node up finds it ready. */
async function createNode(cluster: Cluster): Promise<void> {
  try {
    const path = pathOf(resources.nodes, {});
    const body = nodeManifest(cluster.clock.now());
    await cluster.transport.request({ method: "POST", path, body });
    const status = pathOf(resources.nodes, { name: body.metadata.name, subresource: "status" });
    const patch = { status: body.status };
    await cluster.transport.request({ method: "PATCH", path: status, body: patch, patch: "merge" });
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
  }
}
