/** Puts Serin's finalizer on a Canary, or takes it off: the one thing that Serin writes on a Canary beside its status. */
import { canaryFinalizer } from "../../../api/names.ts";
import type { Identity } from "../../../core/canary/snapshot.ts";
import { RetryableError } from "../../../ports/errors.ts";
import { isConflict, isNotFound, isPatchTestFailed, toOurError } from "../api-error.ts";
import { resourcePath } from "../paths.ts";
import type { Transport } from "../transport.ts";
import { decodeFinalizers } from "./decode.ts";
import { type ClusterInformers, canaryResource } from "./informers.ts";

interface FinalizerDeps {
  readonly transport: Transport;
  readonly informers: Pick<ClusterInformers, "canaries">;
}

/** Other finalizers stay. Afterwards the cache is read anew: with the last one off, the object is gone. */
export async function setFinalizer(
  { transport, informers: { canaries } }: FinalizerDeps,
  { namespace, name, uid, resourceVersion }: Identity,
  wanted: boolean,
): Promise<void> {
  const cached = canaries.get(namespace, name);
  if (cached === undefined) return;
  const others = decodeFinalizers(cached.raw).filter((one) => one !== canaryFinalizer);
  try {
    await transport.request({
      method: "PATCH",
      path: resourcePath(canaryResource, { namespace, name }),
      patch: "json",
      body: [
        { op: "test", path: "/metadata/uid", value: uid },
        { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
        {
          op: "add",
          path: "/metadata/finalizers",
          value: wanted ? [...others, canaryFinalizer] : others,
        },
      ],
    });
  } catch (error) {
    const isChanged = isPatchTestFailed(error) || isConflict(error);
    if (!isChanged && !isNotFound(error)) throw toOurError(error);
    await canaries.refresh(namespace, name);
    if (!isChanged) return;
    const message = `Canary ${namespace}/${name} changed since it was read`;
    throw new RetryableError("Conflict", message, undefined, error);
  }
  await canaries.refresh(namespace, name);
}
