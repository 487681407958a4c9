/**
 * Makes and mends the generated routing objects, by server-side apply: fields that others add stay theirs. An
 * object that is there is written only as it was read, since its weights are written with it.
 */
import type { RouteScope } from "../../../ports/traffic-router.ts";
import { isConflict } from "../../kubernetes/api-error.ts";
import { type ResourceRef, resourcePath } from "../../kubernetes/paths.ts";
import type { ApiRequest } from "../../kubernetes/transport-request.ts";
import { generatedMetadata } from "./generated.ts";
import { destinationRules, services, virtualServices } from "./informers.ts";
import { type PlannedObject, planGenerated } from "./plan-generated.ts";
import type { WriteDeps } from "./write-deps.ts";
import { toWriteError, valueOf } from "./write-error.ts";

type Kind = PlannedObject["kind"];

const resources: Readonly<Record<Kind, ResourceRef>> = {
  Service: services,
  DestinationRule: destinationRules,
  VirtualService: virtualServices,
};
const apiVersions: Readonly<Record<Kind, string>> = {
  Service: "v1",
  DestinationRule: "networking.istio.io/v1",
  VirtualService: "networking.istio.io/v1",
};

interface Writing {
  /** Weight with which a route that is not there begins. */
  readonly canaryWeight: number;
  readonly priority?: ApiRequest["priority"];
}

export async function writeGenerated(
  deps: WriteDeps,
  scope: RouteScope,
  { canaryWeight, priority = "Normal" }: Writing,
): Promise<void> {
  const planned = valueOf(planGenerated(scope, deps.reads, canaryWeight));
  for (const object of planned) {
    if (object.isToWrite) await apply(deps, scope, object, priority);
  }
}

/** Only what is Serin's already is forced: a new object is not to become somebody else's by the same name. */
async function apply(
  deps: WriteDeps,
  scope: RouteScope,
  { kind, spec, hash, existing }: PlannedObject,
  priority: NonNullable<ApiRequest["priority"]>,
): Promise<void> {
  const { namespace, service: name } = scope;
  const { uid, resourceVersion } = existing?.raw.metadata ?? {};
  const metadata = generatedMetadata(scope, name, hash);
  const reads = readsOf(deps, kind);
  try {
    const answer = await deps.transport.request({
      method: "PATCH",
      path: resourcePath(resources[kind], { namespace, name }),
      patch: "apply",
      query: { force: existing !== undefined },
      body: {
        apiVersion: apiVersions[kind],
        kind,
        metadata: existing === undefined ? metadata : { ...metadata, uid, resourceVersion },
        spec,
      },
      priority,
    });
    reads.observeWrite(answer);
  } catch (error) {
    if (isConflict(error)) await reads.refresh(namespace, name);
    throw toWriteError(error, `${kind} ${namespace}/${name}`);
  }
}

function readsOf({ reads }: WriteDeps, kind: Kind) {
  switch (kind) {
    case "Service":
      return reads.services;
    case "DestinationRule":
      return reads.destinationRules;
    case "VirtualService":
      return reads.virtualServices;
  }
}
