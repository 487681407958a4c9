/** Follows the weight that Serin has decided on, as its Canary's status says it, beside what the routes are given. */
import { decodeCanary, decodeWatchEvent } from "../../support/decode.ts";
import type { Shop } from "./shop.ts";

/** A weight that holds from an instant on, monotonic time of this process, milliseconds. */
export interface WeightSince {
  readonly weight: number;
  readonly at: number;
}

export interface DecidedWeights {
  readonly seen: readonly WeightSince[];
  stop(): void;
}

/** From what is there now on, as long as the server answers. */
export async function followDecided(shop: Shop): Promise<DecidedWeights> {
  const ending = new AbortController();
  const seen: WeightSince[] = [];
  const path = `/apis/serin.dev/v1alpha1/namespaces/${shop.namespace}/canaries`;
  const fieldSelector = `metadata.name=${shop.name}`;
  const take = (weight = 100) => {
    if (weight !== seen.at(-1)?.weight) seen.push({ weight, at: performance.now() });
  };
  take((await shop.status()).canaryWeight);
  const watch = async () => {
    const { signal } = ending;
    // Begins with what is there.
    const query = { watch: true, fieldSelector };
    const timeoutMs = 3_600_000;
    const lines = await shop.api.stream({ method: "GET", path, query, signal, timeoutMs });
    for await (const line of lines)
      take(decodeCanary(decodeWatchEvent(line).object).status?.canaryWeight);
  };
  void watch().catch(() => undefined);
  return { seen, stop: () => ending.abort() };
}
