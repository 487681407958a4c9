/** Faults that a user injects into a shop's running pods. */
import { decodePods } from "./decode.ts";
import type { World } from "./world.ts";

/** Half of the requests to every running pod of a version fail from now on. */
export async function breakPods(world: World, version: string): Promise<void> {
  const { admin } = world.sandbox;
  const path = "/api/v1/namespaces/shop/pods";
  const pods = decodePods(
    await admin.request({ method: "GET", path, query: { labelSelector: "part=orders" } }),
  );
  for (const { metadata, spec } of pods) {
    if (spec.containers[0]?.image.endsWith(`:${version}`) !== true) continue;
    const body = { metadata: { annotations: { "sandbox.serin.dev/error-percent": "50" } } };
    await admin.request({
      method: "PATCH",
      path: `${path}/${metadata.name}`,
      patch: "merge",
      body,
    });
  }
}
