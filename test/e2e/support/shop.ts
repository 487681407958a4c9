/**
 * A service in a namespace of its own on the real API server: what its owner applies, how it is pushed, and what can
 * be seen of it afterwards.
 */
import { isAlreadyExists } from "../../../src/adapters/kubernetes/api-error.ts";
import type { Transport } from "../../../src/adapters/kubernetes/transport.ts";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { decodeEvents } from "../../support/decode.ts";
import { eventually } from "../../support/real-time.ts";
import { type ShopOptions, shopManifests } from "../../support/shop.ts";
import { type ShopView, viewShopOn } from "../../support/shop-view.ts";

/** What every shop is called: its namespace tells it from others. */
export const shopName = "orders";

/** Fields of people's that every write of Serin's must leave alone are in `routes`, see shopManifests. */
export interface E2eShopOptions extends ShopOptions {
  readonly namespace: string;
  /** Webhook that its Canary alerts. */
  readonly slack?: string;
  /** Runs when everything but the Canary is there. */
  readonly beforeCanary?: () => Promise<void>;
}

export interface Shop extends ShopView {
  readonly namespace: string;
  readonly name: string;
  readonly api: Transport;
  /** Deletes its namespace; resolves before all of it is gone. */
  remove(): Promise<void>;
  /** Resolves with the status once it holds; fails, saying what the status is, after `withinMs`. */
  until(
    what: string,
    withinMs: number,
    holds: (status: CanaryStatus) => boolean,
  ): Promise<CanaryStatus>;
}

/** Many shops wait at once, for what takes seconds. */
const pollMs = 200;

/** Behaviours of a version, as annotations of its pod template. */
export const versions = {
  good: {},
  errors: { "sandbox.serin.dev/error-percent": "40" },
  slow: { "sandbox.serin.dev/latency-p99-ms": "4000" },
  crashing: { "sandbox.serin.dev/crash": "true" },
} as const;

/** Applies everything of a service, Canary last, as its owner's first version. */
export async function createShop(api: Transport, options: E2eShopOptions): Promise<Shop> {
  const { namespace, slack, name = shopName, beforeCanary } = options;
  const metadata = { name: namespace };
  await createShared(api, "/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata,
  });
  if (slack !== undefined) await createAlerts(api, namespace, slack);
  const spec = { ...(slack !== undefined && { alerts: [{ providerRef: { name: "slack" } }] }) };
  const all = shopManifests({ ...options, name, spec: { ...spec, ...options.spec } });
  for (const { path, body } of all) {
    if (path.endsWith("/canaries")) await beforeCanary?.();
    const put = path.endsWith("/analysistemplates") ? createShared : create;
    await put(api, inNamespace(path, namespace), body);
  }
  return viewShop(api, namespace, name);
}

function inNamespace(path: string, namespace: string): string {
  return path.replace("/namespaces/shop/", `/namespaces/${namespace}/`);
}

async function create(api: Transport, path: string, body: object): Promise<void> {
  await api.request({ method: "POST", path, body, query: { fieldValidation: "Strict" } });
}

/** What several shops of a namespace have together. */
async function createShared(api: Transport, path: string, body: object): Promise<void> {
  try {
    await create(api, path, body);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

async function createAlerts(api: Transport, namespace: string, address: string): Promise<void> {
  await createShared(api, `/apis/serin.dev/v1alpha1/namespaces/${namespace}/alertproviders`, {
    apiVersion: "serin.dev/v1alpha1",
    kind: "AlertProvider",
    metadata: { name: "slack" },
    spec: { slack: { address } },
  });
}

export function viewShop(api: Transport, namespace: string, name = shopName): Shop {
  const view = viewShopOn(api, namespace, name);
  const events = () =>
    api.request({ method: "GET", path: `/api/v1/namespaces/${namespace}/events` });
  return {
    ...view,
    namespace,
    name,
    api,
    /** Of this shop alone: others may share its namespace. */
    async eventReasons() {
      return decodeEvents(await events())
        .filter(({ involvedObject }) => involvedObject?.name === name)
        .map(({ reason }) => reason);
    },
    async remove() {
      await api.request({ method: "DELETE", path: `/api/v1/namespaces/${namespace}` });
    },
    async until(what, withinMs, holds) {
      let last: CanaryStatus = {};
      const look = async () => {
        last = await view.status().catch(() => last);
        return holds(last);
      };
      await eventually(what, withinMs, look, pollMs).catch(() => {
        const { phase, message, canaryWeight } = last;
        throw new Error(
          `${namespace}: not within ${withinMs} ms: ${what}; ${phase} at ${canaryWeight} %: ${message}`,
        );
      });
      return last;
    },
  };
}
