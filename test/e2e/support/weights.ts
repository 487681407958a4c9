/** Follows the weights that a shop's routes are given on the real API server, also those that stand for a moment. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  decodeVirtualService,
  decodeVirtualServices,
  decodeWatchEvent,
  type VirtualServiceView,
} from "../../support/decode.ts";
import { canaryWeightIn } from "../../support/shop-view.ts";
import type { Shop } from "./shop.ts";

export interface SeenWeight {
  readonly weight: number;
  /** Whether some rule sends copies. */
  readonly isMirrored: boolean;
  /** Monotonic time of this process, milliseconds. */
  readonly at: number;
}

/** What the new version gets: a share in percent, or copies alone. */
export type Step = number | "mirror";

export interface WeightHistory {
  readonly seen: readonly SeenWeight[];
  weights(): readonly number[];
  /** Weights and mirrors, each that differs from the one before. */
  steps(): readonly Step[];
  /** Rules whose weights were seen not to sum to 100, as they were. */
  readonly broken: readonly string[];
  /** Changes of the object's spec that no event told of, by its generation: they were replaced while the server was away. */
  missed(): number;
  stop(): void;
}

/** From what is there now on, or from when it comes; goes on over a server that was away. */
export async function followWeights(shop: Shop): Promise<WeightHistory> {
  const ending = new AbortController();
  const seen: SeenWeight[] = [];
  const broken: string[] = [];
  const path = `/apis/networking.istio.io/v1/namespaces/${shop.namespace}/virtualservices`;
  const fieldSelector = `metadata.name=${shop.name}`;
  let resourceVersion = "";
  let generation: number | undefined;
  let missed = 0;
  await readAll();

  function take(object: VirtualServiceView): void {
    const { metadata } = object;
    missed += Math.max(0, metadata.generation - (generation ?? metadata.generation) - 1);
    generation = metadata.generation;
    broken.push(...brokenSums(object));
    const weight = canaryWeightIn(object, shop.name);
    const isMirrored = object.spec.http.some(({ mirror }) => mirror !== undefined);
    const last = seen.at(-1);
    if (weight === last?.weight && isMirrored === last.isMirrored) return;
    seen.push({ weight, isMirrored, at: performance.now() });
  }
  async function readAll(): Promise<void> {
    const query = { fieldSelector };
    const list = decodeVirtualServices(await shop.api.request({ method: "GET", path, query }));
    for (const item of list.items) take(item);
    resourceVersion = list.metadata.resourceVersion;
  }
  async function watch(): Promise<void> {
    const query = { watch: true, fieldSelector, resourceVersion };
    const timeoutMs = 3_600_000;
    const { signal } = ending;
    const lines = await shop.api.stream({ method: "GET", path, query, signal, timeoutMs });
    for await (const line of lines) {
      const { type, object } = decodeWatchEvent(line);
      if (type === "ERROR") throw new Error("the server ended the watch");
      if (type !== "ADDED" && type !== "MODIFIED") continue;
      const service = decodeVirtualService(object);
      resourceVersion = service.metadata.resourceVersion;
      take(service);
    }
  }
  /** A server that was started again has forgotten the versions before: then what is there now is read instead. */
  async function follow(): Promise<void> {
    while (!ending.signal.aborted) {
      await watch().catch(() => readAll().catch(() => undefined));
      await sleep(100);
    }
  }
  void follow();
  return {
    seen,
    broken,
    weights: () => withoutRepeats(seen.map(({ weight }) => weight)),
    steps: () =>
      withoutRepeats(
        seen.map(({ weight, isMirrored }) => (isMirrored && weight === 0 ? "mirror" : weight)),
      ),
    missed: () => missed,
    stop: () => ending.abort(),
  };
}

function withoutRepeats<T>(values: readonly T[]): readonly T[] {
  return values.filter((value, place) => place === 0 || value !== values[place - 1]);
}

function brokenSums({ spec }: VirtualServiceView): readonly string[] {
  const routes = spec.http.flatMap(({ route }) => (route === undefined ? [] : [route]));
  return routes
    .filter((route) => route.length > 1)
    .filter((route) => route.reduce((sum, { weight = 0 }) => sum + weight, 0) !== 100)
    .map((route) => JSON.stringify(route));
}
