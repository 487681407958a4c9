/** How others write the weights of a shop's routes: people with kubectl, and tools that apply what is in git. */
import type { RunningShop } from "./running-shop.ts";

export const virtualServicePath =
  "/apis/networking.istio.io/v1/namespaces/shop/virtualservices/orders";

type Bed = Pick<RunningShop, "world" | "shop">;

export interface Writing {
  readonly manager: string;
  /** Update: a patch. Apply: server-side apply with --force-conflicts. */
  readonly how: "Update" | "Apply";
}

/** The canary's weight, in percent, and what is left of 100 for stable. */
export async function writeWeights(
  { world, shop }: Bed,
  canary: number,
  { manager, how }: Writing,
): Promise<void> {
  const { spec } = await shop.virtualService();
  const http = spec.http.map((rule) => ({
    ...rule,
    route: rule.route?.map((entry) => ({
      ...entry,
      weight: entry.destination.subset === "canary" ? canary : 100 - canary,
    })),
  }));
  const isApply = how === "Apply";
  await world.sandbox.admin.request({
    method: "PATCH",
    path: virtualServicePath,
    patch: isApply ? "apply" : "merge",
    query: { fieldManager: manager, ...(isApply && { force: true }) },
    body: isApply
      ? {
          apiVersion: "networking.istio.io/v1",
          kind: "VirtualService",
          metadata: { name: "orders", namespace: "shop" },
          spec: { hosts: ["orders"], http },
        }
      : { spec: { http } },
  });
}

/** As a person does, or as a tool that patches. */
export function editWeights(bed: Bed, canary: number, manager: string): Promise<void> {
  return writeWeights(bed, canary, { manager, how: "Update" });
}
