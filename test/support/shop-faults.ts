/** Faults that a user injects into a shop's running pods. */
import { decodePods } from "./decode.ts";
import type { World } from "./world.ts";

const podsPath = "/api/v1/namespaces/shop/pods";

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
  for (const pod of await podsOf(world, version)) await annotate(world, pod, annotations);
}

/** What befalls one running pod of a version: see the sandbox's annotation. */
export async function befall(
  world: World,
  version: string,
  mishap: "unready" | "node-silent" | "evicted",
): Promise<void> {
  const [pod] = await podsOf(world, version);
  if (pod !== undefined) await annotate(world, pod, { "sandbox.serin.dev/mishap": mishap });
}

/** Names of the running pods of a version, the target's and the primary's. */
export async function podsOf(world: World, version: string): Promise<readonly string[]> {
  const pods = decodePods(
    await world.sandbox.admin.request({
      method: "GET",
      path: podsPath,
      query: { labelSelector: "part=orders" },
    }),
  );
  return pods
    .filter(({ spec }) => spec.containers[0]?.image.endsWith(`:${version}`) === true)
    .map(({ metadata }) => metadata.name);
}

async function annotate(
  world: World,
  pod: string,
  annotations: Readonly<Record<string, string>>,
): Promise<void> {
  const body = { metadata: { annotations } };
  const path = `${podsPath}/${pod}`;
  await world.sandbox.admin.request({ method: "PATCH", path, patch: "merge", body });
}

/** The running pods of a version answer every request again. */
export function healPods(world: World, version: string): Promise<void> {
  return annotatePods(world, version, { "sandbox.serin.dev/error-percent": "0" });
}

/** As `kubectl scale deployment orders-primary --replicas` does. */
export async function scalePrimary(world: World, replicas: number): Promise<void> {
  const path = "/apis/apps/v1/namespaces/shop/deployments/orders-primary";
  await world.sandbox.admin.request({
    method: "PATCH",
    path,
    patch: "merge",
    body: { spec: { replicas } },
  });
}

/** As `kubectl delete pod` does with every pod of a version; its Deployment makes new ones. */
export async function deletePods(world: World, version: string): Promise<void> {
  for (const pod of await podsOf(world, version))
    await world.sandbox.admin.request({ method: "DELETE", path: `${podsPath}/${pod}` });
}
