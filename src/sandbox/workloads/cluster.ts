/**
 * The simulation's view of the API server: informers for what it decides by, and writes whose answers the informers
 * know at once. Decides nothing.
 */
import { createInformer, type Informer } from "../../adapters/kubernetes/informer.ts";
import type { Transport } from "../../adapters/kubernetes/transport.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import {
  type DeploymentView,
  decodeDeployment,
  decodePod,
  decodeReplicaSet,
  decodeService,
  type KubeObject,
  type PodView,
  type ReplicaSetView,
  type ServiceView,
} from "./decode.ts";
import type { JsonObject } from "./json.ts";
import { type Address, pathOf, type Resource, resources } from "./resources.ts";

export interface ClusterDeps {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface Cluster extends ClusterDeps {
  readonly deployments: Informer<DeploymentView>;
  readonly replicaSets: Informer<ReplicaSetView>;
  readonly pods: Informer<PodView>;
  readonly services: Informer<ServiceView>;
}

/** Indexes: objects by the uid of their controlling owner, and by their own. */
const byOwner = "owner";
const byUid = "uid";

export function createCluster(deps: ClusterDeps): Cluster {
  const inform = <T extends KubeObject>(resource: Resource, decode: (raw: unknown) => T) => {
    const indexes = { [byOwner]: ownerOf, [byUid]: ({ meta }: T) => [meta.uid] };
    return createInformer({ ...deps, resource, decode, indexes });
  };
  return {
    ...deps,
    deployments: inform(resources.deployments, decodeDeployment),
    replicaSets: inform(resources.replicaSets, decodeReplicaSet),
    pods: inform(resources.pods, decodePod),
    services: inform(resources.services, decodeService),
  };
}

function ownerOf(object: KubeObject): readonly string[] {
  return object.meta.ownerUid === undefined ? [] : [object.meta.ownerUid];
}

export function ownedBy<T>(informer: Informer<T>, uid: string): readonly T[] {
  return informer.byIndex(byOwner, uid).map(({ view }) => view);
}

/** The object that controls `owned`, if the informer has it. */
export function ownerAmong<T>(informer: Informer<T>, owned: KubeObject): T | undefined {
  return informer.byIndex(byUid, owned.meta.ownerUid ?? "")[0]?.view;
}

/** Creates the object that `body` describes and shows it to the informer. */
export async function createObject<T>(
  cluster: Cluster,
  kind: { readonly resource: Resource; readonly informer: Informer<T> },
  namespace: string,
  body: JsonObject,
): Promise<void> {
  const path = pathOf(kind.resource, { namespace });
  kind.informer.observeWrite(await cluster.transport.request({ method: "POST", path, body }));
}

/** Merges `body` into an object (or its subresource) and shows the result to the informer. */
export async function mergeInto<T>(
  cluster: Cluster,
  kind: { readonly resource: Resource; readonly informer: Informer<T> },
  address: Address,
  body: JsonObject,
): Promise<void> {
  const path = pathOf(kind.resource, address);
  const answer = await cluster.transport.request({ method: "PATCH", path, body, patch: "merge" });
  kind.informer.observeWrite(answer);
}

/** Deletes that very object; one that is gone already is as good. */
export async function removeObject(
  cluster: Cluster,
  resource: Resource,
  meta: { readonly namespace: string; readonly name: string; readonly uid: string },
  options: { readonly gracePeriodSeconds?: number } = {},
): Promise<void> {
  const { namespace, name, uid } = meta;
  const path = pathOf(resource, { namespace, name });
  const body = { kind: "DeleteOptions", apiVersion: "v1", preconditions: { uid }, ...options };
  try {
    await cluster.transport.request({ method: "DELETE", path, body });
  } catch (error) {
    if (![404, 409].includes(statusOf(error) ?? 0)) throw error;
  }
}

/** The HTTP status of an error that is the API server's answer. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "number" ? error.code : undefined;
}
