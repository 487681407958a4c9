/** Keeps as many Pods as each ReplicaSet asks for, and counts them in its status. */
import { type Cluster, createObject, mergeInto, ownedBy, removeObject } from "./cluster.ts";
import type { ObjectMeta, PodView, ReplicaSetView } from "./decode.ts";
import { alreadySays, type JsonObject } from "./json.ts";
import { maxPodsPerPass } from "./limits.ts";
import { podManifest } from "./manifests.ts";
import { parseKey, resources } from "./resources.ts";

export interface ReplicaSets {
  /** Resolves to the milliseconds until a pod has been ready for `minReadySeconds`. */
  reconcile(key: string): Promise<number | undefined>;
  /** The pod is gone for the informers too. */
  forget(uid: string): void;
}

const suffixLetters = "bcdfghjklmnpqrstvwxz2456789";
const suffixLength = 5;

export function createReplicaSets(cluster: Cluster): ReplicaSets {
  /** Pods deleted here that the informer still shows. */
  const condemned = new Set<string>();

  const livingPods = (set: ReplicaSetView): readonly PodView[] =>
    ownedBy(cluster.pods, set.meta.uid).filter(
      ({ meta, finished }) => !meta.isDeleted && !finished && !condemned.has(meta.uid),
    );

  async function scale(set: ReplicaSetView): Promise<void> {
    const pods = livingPods(set);
    const missing = Math.min(maxPodsPerPass, set.replicas - pods.length);
    for (let count = 0; count < missing; count += 1) await createPod(cluster, set);
    const surplus = missing < 0 ? [...pods].sort(dispensableFirst).slice(0, -missing) : [];
    for (const { meta } of surplus.slice(0, maxPodsPerPass)) {
      await condemn(meta);
    }
  }

  async function condemn(meta: ObjectMeta): Promise<void> {
    condemned.add(meta.uid);
    try {
      await removeObject(cluster, resources.pods, meta);
    } catch (error) {
      condemned.delete(meta.uid);
      throw error;
    }
  }

  return {
    async reconcile(key) {
      const { namespace, name } = parseKey(key);
      const set = cluster.replicaSets.get(namespace, name)?.view;
      if (set === undefined || set.meta.isDeleted) return undefined;
      await scale(set);
      return writeStatus(cluster, set, livingPods(set));
    },
    forget: (uid) => void condemned.delete(uid),
  };
}

async function createPod(cluster: Cluster, set: ReplicaSetView): Promise<void> {
  const suffix = Array.from(
    { length: suffixLength },
    () => suffixLetters[Math.floor(cluster.random() * suffixLetters.length)],
  ).join("");
  const kind = { resource: resources.pods, informer: cluster.pods };
  await createObject(cluster, kind, set.meta.namespace, podManifest(set, suffix));
}

/** Pods that do not serve go first, then the youngest. */
function dispensableFirst(one: PodView, other: PodView): number {
  if (one.ready !== other.ready) return one.ready ? 1 : -1;
  return other.meta.createdAt - one.meta.createdAt || (one.meta.name < other.meta.name ? -1 : 1);
}

async function writeStatus(
  cluster: Cluster,
  set: ReplicaSetView,
  pods: readonly PodView[],
): Promise<number | undefined> {
  const now = cluster.clock.now();
  const ready = pods.filter((pod) => pod.ready);
  const waitsMs = ready.map((pod) => pod.readinessChangedAt + set.minReadySeconds * 1_000 - now);
  const status: JsonObject = {
    replicas: pods.length,
    fullyLabeledReplicas: pods.length,
    readyReplicas: ready.length,
    availableReplicas: waitsMs.filter((wait) => set.minReadySeconds === 0 || wait <= 0).length,
    observedGeneration: set.meta.generation,
  };
  if (!alreadySays(set.status, status)) {
    const kind = { resource: resources.replicaSets, informer: cluster.replicaSets };
    const { namespace, name } = set.meta;
    await mergeInto(cluster, kind, { namespace, name, subresource: "status" }, { status });
  }
  const pending = waitsMs.filter((wait) => set.minReadySeconds > 0 && wait > 0);
  return pending.length > 0 ? Math.min(...pending) : undefined;
}
