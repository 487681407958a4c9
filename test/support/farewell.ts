/** How a shop's Canary is deleted, and what is left of it. */
import { isNotFound } from "../../src/adapters/kubernetes/api-error.ts";
import type { RunningShop } from "./running-shop.ts";
import { shopNamespace } from "./shop.ts";
import type { World } from "./world.ts";

type Bed = Pick<RunningShop, "world" | "shop">;

const canaryPath = "/apis/serin.dev/v1alpha1/namespaces/shop/canaries/orders";

/** As `kubectl delete canary orders`. */
export async function deleteCanary(world: World): Promise<void> {
  await world.sandbox.admin.request({ method: "DELETE", path: canaryPath });
}

/** Whether an object of the shop is there. */
export async function exists(world: World, path: string): Promise<boolean> {
  try {
    await world.sandbox.admin.request({ method: "GET", path });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

export const isCanaryThere = (world: World): Promise<boolean> => exists(world, canaryPath);

/** Until the Canary is gone. */
export function untilGone(world: World, withinMs = 120_000): Promise<number> {
  return world.until("the Canary is gone", async () => !(await isCanaryThere(world)), withinMs);
}

const primaryPath = `/apis/apps/v1/namespaces/${shopNamespace}/deployments/orders-primary`;

const istio = `/apis/networking.istio.io/v1/namespaces/${shopNamespace}`;
const routePath = `${istio}/virtualservices/orders`;

/** The subsets that the routes name. */
export const areSubsetsThere = (world: World): Promise<boolean> =>
  exists(world, `${istio}/destinationrules/orders`);

/** What is left of a shop: routes, if there are any, workloads and their replicas. */
export async function leftOf({ world, shop }: Bed) {
  const hasPrimary = await exists(world, primaryPath);
  const target = (await shop.deployment("target")).spec;
  return {
    routedWeight: (await exists(world, routePath)) ? await shop.routedWeight() : undefined,
    targetReplicas: target.replicas,
    targetImage: target.template.spec.containers[0]?.image,
    primaryReplicas: hasPrimary ? (await shop.deployment("primary")).spec.replicas : undefined,
    primaryImage: hasPrimary
      ? (await shop.deployment("primary")).spec.template.spec.containers[0]?.image
      : undefined,
  };
}
