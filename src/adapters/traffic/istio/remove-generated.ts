/**
 * Takes generated routing objects away again, a part at a time: what sends by the subsets, then the subsets. When is
 * not decided here.
 */
import { canaryLabel, generatedHashAnnotation } from "../../../api/names.ts";
import type { GeneratedPart } from "../../../core/canary/decision.ts";
import { RetryableError } from "../../../ports/errors.ts";
import type { RouteScope } from "../../../ports/traffic-router.ts";
import { isConflict, isNotFound } from "../../kubernetes/api-error.ts";
import { jsonPointer } from "../../kubernetes/json-patch.ts";
import { resourcePath } from "../../kubernetes/paths.ts";
import { destinationRules, services, virtualServices } from "./informers.ts";
import { isOurs } from "./plan-generated.ts";
import type { WriteDeps } from "./write-deps.ts";
import { toWriteError } from "./write-error.ts";

/** The Service is let go with the subsets, since clients call it. */
export async function removeGenerated(
  deps: WriteDeps,
  scope: RouteScope,
  part: GeneratedPart,
): Promise<void> {
  if (scope.routing.istio?.generate === undefined) return;
  switch (part) {
    case "Route":
      return remove(deps, scope, "VirtualService");
    case "Subsets":
      await remove(deps, scope, "DestinationRule");
      return letGo(deps, scope);
  }
}

async function remove(
  { transport, reads }: WriteDeps,
  scope: RouteScope,
  kind: "VirtualService" | "DestinationRule",
): Promise<void> {
  const { namespace, service: name } = scope;
  const [cache, resource] =
    kind === "VirtualService"
      ? [reads.virtualServices, virtualServices]
      : [reads.destinationRules, destinationRules];
  if (!cache.hasSynced()) throw new RetryableError("Unsynced", `${kind}s have not been read yet`);
  const found = cache.get(namespace, name);
  if (found === undefined || !isOurs(scope, found)) return;
  const preconditions = { uid: found.view.metadata.uid };
  const path = resourcePath(resource, { namespace, name });
  try {
    await transport.request({ method: "DELETE", path, body: { preconditions } });
  } catch (error) {
    // Gone, or made again by somebody else.
    if (!isNotFound(error) && !isConflict(error))
      throw toWriteError(error, `${kind} ${namespace}/${name}`);
  }
  await cache.refresh(namespace, name);
}

async function letGo(deps: WriteDeps, scope: RouteScope): Promise<void> {
  const { namespace, service: name } = scope;
  const found = deps.reads.services.get(namespace, name);
  if (found === undefined || !isOurs(scope, found)) return;
  const { uid, annotations } = found.view.metadata;
  const marks = [
    ["metadata", "labels", canaryLabel],
    ...(annotations[generatedHashAnnotation] === undefined
      ? []
      : [["metadata", "annotations", generatedHashAnnotation]]),
  ];
  try {
    const answer = await deps.transport.request({
      method: "PATCH",
      path: resourcePath(services, { namespace, name }),
      patch: "json",
      body: [
        { op: "test", path: "/metadata/uid", value: uid },
        ...marks.map((path) => ({ op: "remove", path: jsonPointer(path) })),
      ],
    });
    deps.reads.services.observeWrite(answer);
  } catch (error) {
    if (isNotFound(error)) return;
    throw toWriteError(error, `Service ${namespace}/${name}`);
  }
}
