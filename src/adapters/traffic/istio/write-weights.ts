/**
 * Sends weights to the API server: up only onto objects that nobody has touched since they were read, down onto
 * whatever is there. Decides no weight.
 */
import { InvariantError, RetryableError } from "../../../ports/errors.ts";
import type { RouteScope } from "../../../ports/traffic-router.ts";
import { isInvalid, isNotFound } from "../../kubernetes/api-error.ts";
import type { JsonPatchOperation } from "../../kubernetes/json-patch.ts";
import { replacedAt } from "../../kubernetes/json-patch.ts";
import { resourcePath } from "../../kubernetes/paths.ts";
import { isRawObject } from "../../kubernetes/raw-object.ts";
import type { ApiRequest } from "../../kubernetes/transport-request.ts";
import { decodeVirtualService, type VirtualServiceView } from "./decode.ts";
import { nameOfObject } from "./http-rule.ts";
import { virtualServices } from "./informers.ts";
import { MAX_REWRITE_ATTEMPTS } from "./limits.ts";
import { findManagedObjects, type ManagedObject } from "./managed-objects.ts";
import { type ManagedReference, managedReferences } from "./managed-reference.ts";
import { findRoutesToLower, type ManagedRoute } from "./managed-route.ts";
import { removingMirror, settingMirror, withoutMirror } from "./mirror.ts";
import { canaryWeightOf, isExplicit, planPatch, planWeights, settingWeights } from "./weights.ts";
import type { WriteDeps } from "./write-deps.ts";
import { isChanged, toRetryable, toWriteError, valueOf } from "./write-error.ts";
import { writeGenerated } from "./write-generated.ts";

/** Sends one request about a VirtualService and takes the answer for its newest version. */
async function send(deps: WriteDeps, request: ApiRequest): Promise<unknown> {
  const answer = await deps.transport.request(request);
  deps.reads.virtualServices.observeWrite(answer);
  return answer;
}

const pathOf = (namespace: string, name: string): string =>
  resourcePath(virtualServices, { namespace, name });

const displayName = (namespace: string, name: string): string =>
  `VirtualService ${namespace}/${name}`;

export async function raiseWeights(
  deps: WriteDeps,
  scope: RouteScope,
  canaryWeight: number,
  resourceVersions: Readonly<Record<string, string>>,
): Promise<void> {
  const plan = (object: ManagedObject): readonly JsonPatchOperation[] => {
    const { routes } = object;
    const highest = Math.max(...routes.map(canaryWeightOf));
    if (canaryWeight < highest) {
      const display = nameOfObject(object.object.view);
      throw new InvariantError(
        `raising ${display} from ${highest} to ${canaryWeight} would lower it`,
      );
    }
    const isThere = routes.every(
      (route) => isExplicit(route) && canaryWeightOf(route) === canaryWeight,
    );
    return isThere ? [] : settingWeights(planWeights(routes, () => canaryWeight));
  };
  await patchObjects(deps, scope, resourceVersions, plan);
}

/** Copies as many of the managed routes' requests to the canary; sets no weight. */
export async function mirrorRequests(
  deps: WriteDeps,
  scope: RouteScope,
  percentage: number,
  resourceVersions: Readonly<Record<string, string>>,
): Promise<void> {
  if (!Number.isInteger(percentage) || percentage < 1 || percentage > 100) {
    throw new InvariantError(`${percentage} is no percentage of requests to mirror`);
  }
  const plan = ({ routes }: ManagedObject): readonly JsonPatchOperation[] =>
    routes
      .filter(({ mirror }) => mirror.kind !== "Ours" || mirror.percentage !== percentage)
      .flatMap((route) => settingMirror(route, percentage));
  await patchObjects(deps, scope, resourceVersions, plan);
}

/**
 * One object after the other, each only as it was read; the first failure ends it. What was written by then is seen by
 * the next look, which asks for the rest.
 */
async function patchObjects(
  deps: WriteDeps,
  scope: RouteScope,
  resourceVersions: Readonly<Record<string, string>>,
  plan: (object: ManagedObject) => readonly JsonPatchOperation[],
): Promise<void> {
  for (const object of valueOf(findManagedObjects(scope, deps.reads))) {
    const resourceVersion = resourceVersions[object.key];
    const { metadata } = object.object.view;
    if (resourceVersion !== metadata.resourceVersion) {
      const display = displayName(metadata.namespace, metadata.name);
      throw new RetryableError("Conflict", `${display} changed since it was read`);
    }
    const changes = plan(object);
    if (changes.length > 0) await patchObject(deps, object, changes);
  }
}

async function patchObject(
  deps: WriteDeps,
  { object, routes }: ManagedObject,
  changes: readonly JsonPatchOperation[],
): Promise<void> {
  const { name, namespace, resourceVersion } = object.view.metadata;
  const patch: readonly JsonPatchOperation[] = [
    { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
    ...planPatch(object.view, routes, changes),
  ];
  try {
    await send(deps, {
      method: "PATCH",
      path: pathOf(namespace, name),
      patch: "json",
      body: patch,
    });
  } catch (error) {
    throw toWriteError(error, displayName(namespace, name));
  }
}

/** All objects at once, and to the end even if one fails; then the first failure, to be tried again. */
export async function lowerWeights(
  deps: WriteDeps,
  scope: RouteScope,
  canaryWeight: number,
): Promise<void> {
  const outcomes = await Promise.allSettled(
    managedReferences(scope).map((reference) => lowerObject(deps, scope, reference, canaryWeight)),
  );
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function lowerObject(
  deps: WriteDeps,
  scope: RouteScope,
  reference: ManagedReference,
  canaryWeight: number,
): Promise<void> {
  try {
    const isDone = await tryPatch(deps, scope, reference, canaryWeight);
    if (!isDone) await rewrite(deps, scope, reference, canaryWeight);
  } catch (error) {
    // Without its route the Service spreads requests over all pods: one that was generated is made again, without weight.
    if (isNotFound(error) && scope.routing.istio?.generate !== undefined)
      return writeGenerated(deps, scope, { canaryWeight: 0, priority: "Urgent" });
    throw toRetryable(error, displayName(scope.namespace, reference.name));
  }
}

/** False when what the cache holds is no longer, or not, what the API server has. */
async function tryPatch(
  deps: WriteDeps,
  scope: RouteScope,
  reference: ManagedReference,
  canaryWeight: number,
): Promise<boolean> {
  const cached = deps.reads.virtualServices.get(scope.namespace, reference.name);
  if (cached === undefined) return false;
  const routes = findRoutesToLower(cached.view, scope, reference.routes);
  if (routes.kind === "Missing") return false;
  const changes = [
    ...settingWeights(planWeights(routes.value, lowered(canaryWeight))),
    ...routes.value.flatMap(removingMirror),
  ];
  try {
    await send(deps, {
      method: "PATCH",
      path: pathOf(scope.namespace, reference.name),
      patch: "json",
      body: planPatch(cached.view, routes.value, changes),
      priority: "Urgent",
    });
    return true;
  } catch (error) {
    if (isChanged(error) || isInvalid(error)) return false;
    throw error;
  }
}

/** A route that has less already keeps it: raising it is not what was asked. */
const lowered =
  (canaryWeight: number) =>
  (route: ManagedRoute): number =>
    Math.min(canaryWeight, Math.floor(canaryWeightOf(route)));

/** Reads the object afresh, finds the routes in it again, and writes it whole. */
async function rewrite(
  deps: WriteDeps,
  scope: RouteScope,
  reference: ManagedReference,
  canaryWeight: number,
): Promise<void> {
  const path = pathOf(scope.namespace, reference.name);
  for (let attempt = 1; ; attempt += 1) {
    const current = await send(deps, { method: "GET", path, priority: "Urgent" });
    const body = withLowered(current, scope, reference, canaryWeight);
    try {
      await send(deps, { method: "PUT", path, body, priority: "Urgent" });
      return;
    } catch (error) {
      if (!isChanged(error) || attempt >= MAX_REWRITE_ATTEMPTS) throw error;
    }
  }
}

function withLowered(
  current: unknown,
  scope: RouteScope,
  reference: ManagedReference,
  canaryWeight: number,
): unknown {
  const view = viewOf(current, displayName(scope.namespace, reference.name));
  const routes = valueOf(findRoutesToLower(view, scope, reference.routes));
  const withWeights = planWeights(routes, lowered(canaryWeight)).reduce<unknown>(
    (object, { path, weight }) => replacedAt(object, path, weight),
    current,
  );
  return routes.reduce(withoutMirror, withWeights);
}

function viewOf(current: unknown, display: string): VirtualServiceView {
  if (!isRawObject(current))
    throw new RetryableError("BadResponse", `${display} could not be read`);
  return decodeVirtualService(current);
}
