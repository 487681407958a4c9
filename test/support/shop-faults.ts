/** Faults that a user injects into a shop's running pods. */
import { decodePods } from "./decode.ts";
import type { World } from "./world.ts";

/** Half of the requests to every running pod of a version fail from now on. */
export function breakPods(world: World, version: string): Promise<void> {
  return annotatePods(world, version, { "sandbox.serin.dev/error-percent": "50" });
}

/** The containers of every running pod of a version exit from now on. */
export function crashPods(world: World, version: string): Promise<void> {
  return annotatePods(world, version, { "sandbox.serin.dev/crash": "true" });
}

/** As `kubectl annotate pods --overwrite` does. */
export async function annotatePods(
  world: World,
  version: string,
  annotations: Readonly<Record<string, string>>,
): Promise<void> {
  const { admin } = world.sandbox;
  const path = "/api/v1/namespaces/shop/pods";
  const pods = decodePods(
    await admin.request({ method: "GET", path, query: { labelSelector: "part=orders" } }),
  );
  for (const { metadata, spec } of pods) {
    if (spec.containers[0]?.image.endsWith(`:${version}`) !== true) continue;
    const body = { metadata: { annotations } };
    await admin.request({
      method: "PATCH",
      path: `${path}/${metadata.name}`,
      patch: "merge",
      body,
    });
  }
}
