/** What a test sees of a shop's service, and what its owner does to it. */
import type { Transport } from "../../src/adapters/kubernetes/transport.ts";
import type { CanaryStatus } from "../../src/api/canary-status.ts";
import {
  type CanaryView,
  type DeploymentView,
  decodeCanary,
  decodeDeployment,
  decodeEvents,
  decodeVirtualService,
  type VirtualServiceView,
} from "./decode.ts";
import { shopNamespace } from "./shop.ts";
import type { World } from "./world.ts";

export interface ShopView {
  status(): Promise<CanaryStatus>;
  canary(): Promise<CanaryView>;
  /** Weight of the canary destination in the managed rule, in percent. */
  routedWeight(): Promise<number>;
  virtualService(): Promise<VirtualServiceView>;
  deployment(role: "target" | "primary"): Promise<DeploymentView>;
  /** Reasons of the Events on the Canary, in the order of their creation. */
  eventReasons(): Promise<readonly string[]>;
  /** The owner rolls out another version, with these annotations of the pod template; null removes one. */
  push(version: string, annotations?: Readonly<Record<string, string | null>>): Promise<void>;
  patch(kind: "deployment" | "virtualservice" | "canary", body: object): Promise<void>;
}

const collections = {
  deployment: "/apis/apps/v1",
  virtualservice: "/apis/networking.istio.io/v1",
  canary: "/apis/serin.dev/v1alpha1",
} as const;

export function viewShop(world: World, name = "orders"): ShopView {
  return viewShopOn(world.sandbox.admin, shopNamespace, name);
}

/** The same on any API server. */
export function viewShopOn(
  api: Pick<Transport, "request">,
  namespace: string,
  name: string,
): ShopView {
  const at = (kind: keyof typeof collections) =>
    `${collections[kind]}/namespaces/${namespace}/${kind === "canary" ? "canaries" : `${kind}s`}`;
  const get = (path: string): Promise<unknown> => api.request({ method: "GET", path });
  const patch: ShopView["patch"] = async (kind, body) => {
    await api.request({ method: "PATCH", path: `${at(kind)}/${name}`, patch: "merge", body });
  };
  const virtualService = async () =>
    decodeVirtualService(await get(`${at("virtualservice")}/${name}`));
  return {
    canary: async () => decodeCanary(await get(`${at("canary")}/${name}`)),
    status: async () => decodeCanary(await get(`${at("canary")}/${name}`)).status ?? {},
    virtualService,
    routedWeight: async () => canaryWeightIn(await virtualService(), name),
    async deployment(role) {
      const suffix = role === "primary" ? "-primary" : "";
      return decodeDeployment(await get(`${at("deployment")}/${name}${suffix}`));
    },
    async eventReasons() {
      const events = decodeEvents(await get(`/api/v1/namespaces/${namespace}/events`));
      return events.map((event) => event.reason);
    },
    push: (version, annotations = {}) =>
      patch("deployment", {
        spec: {
          template: {
            metadata: { annotations },
            spec: { containers: [{ name: "app", image: `example.com/${name}:${version}` }] },
          },
        },
      }),
    patch,
  };
}

/** Weight of the canary destination in the last rule that has one. */
export function canaryWeightIn({ spec }: VirtualServiceView, name: string): number {
  const routes = spec.http.flatMap((rule) => rule.route ?? []);
  const canary = routes.findLast(
    ({ destination }) => destination.subset === "canary" || destination.host === `${name}-canary`,
  );
  return canary?.weight ?? 0;
}
