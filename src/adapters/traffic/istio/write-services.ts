/** Creates the Services of host form, or brings Serin's own back to what their origin says now. */
import { RetryableError } from "../../../ports/errors.ts";
import type { RouteScope } from "../../../ports/traffic-router.ts";
import { isAlreadyExists, toOurError } from "../../kubernetes/api-error.ts";
import { resourcePath } from "../../kubernetes/paths.ts";
import { services } from "./informers.ts";
import { isToWrite, planRoleServices, type RoleService } from "./role-services.ts";
import type { WriteDeps } from "./write-deps.ts";

export async function writeRoleServices(deps: WriteDeps, scope: RouteScope): Promise<void> {
  const { namespace, service } = scope;
  const apex = deps.reads.services.get(namespace, service);
  if (apex === undefined) {
    throw new RetryableError("ServiceNotFound", `Service ${namespace}/${service} does not exist`);
  }
  const planned = planRoleServices(scope, apex, (name) => deps.reads.services.get(namespace, name));
  for (const one of planned) {
    if (isToWrite(scope, one)) await write(deps, namespace, one);
  }
}

async function write(deps: WriteDeps, namespace: string, service: RoleService): Promise<void> {
  try {
    const answer =
      service.existing === undefined
        ? await create(deps, namespace, service)
        : await mend(deps, namespace, service);
    deps.reads.services.observeWrite(answer);
  } catch (error) {
    // Somebody was faster; the next look says whether it is as it must be.
    if (isAlreadyExists(error)) return deps.reads.services.refresh(namespace, service.name);
    throw toOurError(error);
  }
}

function create(
  { transport }: WriteDeps,
  namespace: string,
  { metadata, spec }: RoleService,
): Promise<unknown> {
  return transport.request({
    method: "POST",
    path: resourcePath(services, { namespace }),
    body: { apiVersion: "v1", kind: "Service", metadata, spec },
  });
}

function mend(
  { transport }: WriteDeps,
  namespace: string,
  { name, spec, existing }: RoleService,
): Promise<unknown> {
  return transport.request({
    method: "PATCH",
    path: resourcePath(services, { namespace, name }),
    patch: "json",
    body: [
      { op: "test", path: "/metadata/uid", value: existing?.view.metadata.uid },
      { op: "add", path: "/spec/selector", value: spec.selector },
      { op: "add", path: "/spec/ports", value: spec.ports },
    ],
  });
}
