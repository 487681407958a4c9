/**
 * Leads Deployments through their rollouts as kube-controller-manager does: finds or creates the ReplicaSet of the
 * template, moves the sizes one step, writes revision and status. The arithmetic is rollout.ts's.
 */
import { type Cluster, createObject, mergeInto, ownedBy, removeObject } from "./cluster.ts";
import type { DeploymentView, ReplicaSetView } from "./decode.ts";
import { type AssessedStatus, assessDeployment, type ReplicaCounts } from "./deployment-status.ts";
import { alreadySays, type JsonObject } from "./json.ts";
import {
  desiredWhenSized,
  replicaSetManifest,
  revisionAnnotation,
  revisionOf,
  sharedAnnotations,
  sizeAnnotations,
  sizedFor,
} from "./manifests.ts";
import { parseKey, resources } from "./resources.ts";
import {
  hasOldPods,
  planRecreate,
  planRollingUpdate,
  planScaling,
  type Resize,
  type RolloutBounds,
  type RolloutFacts,
  resolveBounds,
  type SetFacts,
  sizeOfNewSet,
} from "./rollout.ts";
import { isSameTemplate } from "./template-hash.ts";

/** A Deployment with its ReplicaSets, as the informers know them now. */
interface Rollout {
  readonly deployment: DeploymentView;
  readonly bounds: RolloutBounds;
  readonly current: ReplicaSetView | undefined;
  readonly old: readonly ReplicaSetView[];
  readonly facts: RolloutFacts;
}

/** Does what is due for one Deployment; resolves to the milliseconds until its progress deadline may pass. */
export async function reconcileDeployment(
  cluster: Cluster,
  key: string,
): Promise<number | undefined> {
  const before = readRollout(cluster, key);
  if (before === undefined || before.deployment.meta.isDeleted) return undefined;
  const created = await createCurrentSet(cluster, before);
  const rollout = created ? (readRollout(cluster, key) ?? before) : before;
  await annotateRevision(cluster, rollout);
  const resizes = planResizes(rollout);
  for (const resize of resizes) await resizeSet(cluster, rollout, resize);
  if (resizes.length === 0) await removeHistory(cluster, rollout);
  return writeStatus(cluster, readRollout(cluster, key) ?? rollout, created);
}

function readRollout(cluster: Cluster, key: string): Rollout | undefined {
  const { namespace, name } = parseKey(key);
  const deployment = cluster.deployments.get(namespace, name)?.view;
  if (deployment === undefined) return undefined;
  const sets = [...ownedBy(cluster.replicaSets, deployment.meta.uid)].sort(
    (one, other) => one.meta.createdAt - other.meta.createdAt,
  );
  const current = sets.find((set) => isSameTemplate(set.template, deployment.template));
  const old = sets.filter((set) => set !== current);
  const bounds = boundsOf(deployment);
  const facts: RolloutFacts = {
    replicas: deployment.replicas,
    bounds,
    current: current && factsOf(current),
    old: old.map(factsOf),
  };
  return { deployment, bounds, current, old, facts };
}

function boundsOf({ strategy, replicas }: DeploymentView): RolloutBounds {
  return strategy.kind === "RollingUpdate"
    ? resolveBounds(strategy, replicas)
    : { maxSurge: 0, maxUnavailable: 0 };
}

function factsOf(set: ReplicaSetView): SetFacts {
  return {
    name: set.meta.name,
    createdAt: set.meta.createdAt,
    desired: set.replicas,
    actual: set.actual,
    available: set.available,
    sizedFor: sizedFor(set),
  };
}

/** Whether it created the set for the current template. Recreate waits with it until the old pods are gone. */
async function createCurrentSet(cluster: Cluster, rollout: Rollout): Promise<boolean> {
  const { deployment, current, facts } = rollout;
  if (current !== undefined || deployment.paused) return false;
  const recreates = deployment.strategy.kind === "Recreate";
  if (recreates && (planRecreate(facts).length > 0 || hasOldPods(facts))) return false;
  const size = recreates ? deployment.replicas : sizeOfNewSet(facts);
  const body = replicaSetManifest(deployment, sizingOf(rollout, size), nextRevision(rollout));
  await createObject(cluster, setKind(cluster), deployment.meta.namespace, body);
  return true;
}

function nextRevision(rollout: Rollout): number {
  return Math.max(0, ...rollout.old.map((set) => revisionOf(set.meta))) + 1;
}

/** The current set has the highest revision and the Deployment's annotations; the Deployment shows its revision. */
async function annotateRevision(cluster: Cluster, rollout: Rollout): Promise<void> {
  const { deployment, current } = rollout;
  if (current === undefined) return;
  const revision = String(Math.max(nextRevision(rollout), revisionOf(current.meta)));
  const annotations = { ...sharedAnnotations(deployment), [revisionAnnotation]: revision };
  const { minReadySeconds } = deployment;
  if (
    !alreadySays(current.meta.annotations, annotations) ||
    current.minReadySeconds !== minReadySeconds
  ) {
    const patch = { metadata: { annotations }, spec: { minReadySeconds } };
    await mergeInto(cluster, setKind(cluster), addressOf(current), patch);
  }
  const shown = { [revisionAnnotation]: revision };
  if (alreadySays(deployment.meta.annotations, shown)) return;
  const patch = { metadata: { annotations: shown } };
  // Written beside the status, annotations are no new generation.
  const address = { ...addressOf(deployment), subresource: "status" };
  await mergeInto(cluster, deploymentKind(cluster), address, patch);
}

function planResizes(rollout: Rollout): readonly Resize[] {
  const { deployment, facts } = rollout;
  if (deployment.paused || wasScaled(rollout)) {
    const kept = activeSets(rollout).map(({ meta, replicas }) => ({ name: meta.name, replicas }));
    const planned = planScaling(facts);
    // Every active set learns the new total, also one that keeps its size.
    return [...planned, ...kept.filter(({ name }) => planned.every((p) => p.name !== name))].filter(
      (resize) => !isSized(rollout, resize),
    );
  }
  return deployment.strategy.kind === "Recreate" ? planRecreate(facts) : planRollingUpdate(facts);
}

function wasScaled(rollout: Rollout): boolean {
  const { replicas } = rollout.deployment;
  return activeSets(rollout).some((set) => (desiredWhenSized(set) ?? replicas) !== replicas);
}

function activeSets({ old, current }: Rollout): readonly ReplicaSetView[] {
  return [...old, ...(current === undefined ? [] : [current])].filter((set) => set.replicas > 0);
}

function isSized(rollout: Rollout, resize: Resize): boolean {
  const set = findSet(rollout, resize.name);
  return (
    set?.replicas === resize.replicas &&
    desiredWhenSized(set) === rollout.deployment.replicas &&
    sizedFor(set) === sizingOf(rollout, resize.replicas).max
  );
}

function findSet(rollout: Rollout, name: string): ReplicaSetView | undefined {
  return [...rollout.old, rollout.current].find((set) => set?.meta.name === name);
}

async function resizeSet(cluster: Cluster, rollout: Rollout, resize: Resize): Promise<void> {
  const { namespace } = rollout.deployment.meta;
  const { replicas } = resize;
  const annotations = sizeAnnotations(sizingOf(rollout, replicas));
  const patch = { metadata: { annotations }, spec: { replicas } };
  await mergeInto(cluster, setKind(cluster), { namespace, name: resize.name }, patch);
}

function sizingOf(rollout: Rollout, replicas: number) {
  const desired = rollout.deployment.replicas;
  return { replicas, desired, max: desired + rollout.bounds.maxSurge };
}

/** Empty sets of old templates beyond the limit go, the oldest revision first, once the rollout is complete. */
async function removeHistory(cluster: Cluster, rollout: Rollout): Promise<void> {
  const { deployment, current, old } = rollout;
  if (current === undefined || current.available < deployment.replicas) return;
  const empty = old
    .filter((set) => set.replicas === 0 && set.actual === 0 && !set.meta.isDeleted)
    .sort((one, other) => revisionOf(one.meta) - revisionOf(other.meta));
  const surplus = empty.slice(0, Math.max(0, empty.length - deployment.revisionHistoryLimit));
  for (const set of surplus) await removeObject(cluster, resources.replicaSets, set.meta);
}

async function writeStatus(
  cluster: Cluster,
  rollout: Rollout,
  isNew: boolean,
): Promise<number | undefined> {
  const { deployment } = rollout;
  const assessed = assess(rollout, isNew, cluster.clock.now());
  const status = statusPatch(assessed, deployment.replicas);
  const address = { ...addressOf(deployment), subresource: "status" };
  if (!alreadySays(deployment.status, assessed.status)) {
    await mergeInto(cluster, deploymentKind(cluster), address, { status });
  }
  const { deadlineAt } = assessed;
  return deadlineAt === undefined ? undefined : Math.max(0, deadlineAt - cluster.clock.now());
}

function assess(rollout: Rollout, isNew: boolean, now: number): AssessedStatus {
  const { deployment, current, bounds } = rollout;
  return assessDeployment({
    generation: deployment.meta.generation,
    wanted: deployment.replicas,
    maxUnavailable: bounds.maxUnavailable,
    paused: deployment.paused,
    progressDeadlineMs: deployment.progressDeadlineSeconds * 1_000,
    counts: countReplicas(rollout),
    current: current && { name: current.meta.name, isNew },
    previous: deployment.status,
    now,
  });
}

function countReplicas({ old, current }: Rollout): ReplicaCounts {
  const sets = current === undefined ? old : [...old, current];
  const sum = (of: (set: ReplicaSetView) => number) => sets.reduce((n, set) => n + of(set), 0);
  return {
    replicas: sum((set) => set.actual),
    updatedReplicas: current?.actual ?? 0,
    readyReplicas: sum((set) => set.ready),
    availableReplicas: sum((set) => set.available),
  };
}

/** Kubernetes leaves counts of zero out. */
function statusPatch({ status }: AssessedStatus, wanted: number): JsonObject {
  const total = Math.max(status.replicas, wanted);
  const counts = {
    replicas: status.replicas,
    updatedReplicas: status.updatedReplicas,
    readyReplicas: status.readyReplicas,
    availableReplicas: status.availableReplicas,
    unavailableReplicas: Math.max(0, total - status.availableReplicas),
  };
  const named = Object.entries(counts).map(([name, count]) => [name, count > 0 ? count : null]);
  const { observedGeneration, conditions } = status;
  return { ...Object.fromEntries(named), observedGeneration, conditions };
}

function addressOf({ meta }: DeploymentView | ReplicaSetView) {
  return { namespace: meta.namespace, name: meta.name };
}

function setKind(cluster: Cluster) {
  return { resource: resources.replicaSets, informer: cluster.replicaSets };
}

function deploymentKind(cluster: Cluster) {
  return { resource: resources.deployments, informer: cluster.deployments };
}
