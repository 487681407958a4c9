/** Follows the weights that a shop's routes are given on the real API server, also those that stand for a moment. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  decodeVirtualService,
  decodeWatchEvent,
  type VirtualServiceView,
} from "../../support/decode.ts";
import { canaryWeightIn } from "../../support/shop-view.ts";
import { type Shop, shopName } from "./shop.ts";

export interface SeenWeight {
  readonly weight: number;
  /** Monotonic time of this process, milliseconds. */
  readonly at: number;
}

export interface WeightHistory {
  readonly seen: readonly SeenWeight[];
  weights(): readonly number[];
  /** Changes of the object's spec that no event told of, by its generation: they were replaced while the server was away. */
  missed(): number;
  stop(): void;
}

/** From what is there now on; goes on over a server that was away. */
export async function followWeights(shop: Shop): Promise<WeightHistory> {
  const ending = new AbortController();
  const seen: SeenWeight[] = [];
  const path = `/apis/networking.istio.io/v1/namespaces/${shop.namespace}/virtualservices`;
  let from = await current();
  let missed = 0;
  const take = (object: VirtualServiceView) => {
    const passed = object.metadata.generation - from.metadata.generation;
    missed += Math.max(0, passed - 1);
    from = object;
    const weight = canaryWeightIn(object, shopName);
    if (weight !== seen.at(-1)?.weight) seen.push({ weight, at: performance.now() });
  };
  take(from);

  async function current() {
    return decodeVirtualService(
      await shop.api.request({ method: "GET", path: `${path}/${shopName}` }),
    );
  }
  async function watch(): Promise<void> {
    const resourceVersion = from.metadata.resourceVersion;
    const query = { watch: true, fieldSelector: `metadata.name=${shopName}`, resourceVersion };
    const timeoutMs = 3_600_000;
    const { signal } = ending;
    const lines = await shop.api.stream({ method: "GET", path, query, signal, timeoutMs });
    for await (const line of lines) {
      const { type, object } = decodeWatchEvent(line);
      if (type === "ERROR") throw new Error("the server ended the watch");
      if (type === "ADDED" || type === "MODIFIED") take(decodeVirtualService(object));
    }
  }
  /** A server that was started again has forgotten the versions before: then what is there now is read instead. */
  async function follow(): Promise<void> {
    while (!ending.signal.aborted) {
      await watch().catch(() => current().then(take, () => undefined));
      await sleep(100);
    }
  }
  void follow();
  return {
    seen,
    weights: () => seen.map(({ weight }) => weight),
    missed: () => missed,
    stop: () => ending.abort(),
  };
}
