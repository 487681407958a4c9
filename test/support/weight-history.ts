/** Follows the weights that a shop's routes are given, also those that stand for no time at all. */
import { decodeVirtualService, decodeWatchEvent } from "./decode.ts";
import { canaryWeightIn } from "./shop-view.ts";
import type { World } from "./world.ts";

export interface WeightHistory {
  /** Weights of the canary's destination so far, each that differs from the one before. */
  seen(): readonly { readonly weight: number; readonly at: number }[];
  /** Ends it, with the weights alone. */
  stop(): readonly number[];
}

/** From what is there now on. */
export function followWeights(world: World, name = "orders"): WeightHistory {
  const ending = new AbortController();
  const seen: { weight: number; at: number }[] = [];
  const watch = async () => {
    const lines = await world.sandbox.admin.stream({
      method: "GET",
      path: "/apis/networking.istio.io/v1/namespaces/shop/virtualservices",
      query: { watch: true, fieldSelector: `metadata.name=${name}` },
      signal: ending.signal,
      timeoutMs: 3_600_000,
    });
    for await (const line of lines) {
      const { type, object } = decodeWatchEvent(line);
      if (type !== "ADDED" && type !== "MODIFIED") continue;
      const weight = canaryWeightIn(decodeVirtualService(object), name);
      if (weight !== seen.at(-1)?.weight) seen.push({ weight, at: world.clock.monotonic() });
    }
  };
  const follow = async () => {
    while (!ending.signal.aborted) {
      await watch();
      // A world that was closed answers at once, and ends at once.
      await new Promise<void>((resume) => {
        setImmediate(resume);
      });
    }
  };
  follow().catch((error: unknown) => {
    if (!ending.signal.aborted) throw error;
  });
  return {
    seen: () => seen,
    stop() {
      ending.abort();
      return seen.map(({ weight }) => weight);
    },
  };
}
