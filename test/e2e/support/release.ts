/**
 * A release of a shop under a fault, and what must be true of it afterwards whatever the fault was. Shops are taken
 * from a pool and given back only when all of that was true, so that one that was harmed harms no other test.
 */
import { expect } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { eventually } from "../../support/real-time.ts";
import { orphans, ownersFields } from "./owned.ts";
import { createShop, type E2eShopOptions, type Shop, shopName, versions } from "./shop.ts";
import type { Suite } from "./suite.ts";
import { followWeights, type WeightHistory } from "./weights.ts";

/** Few and short: what happens between two of them is the same for all. */
export const stageWeights = [10, 50, 100] as const;
/** What the routes are given in a release that nothing disturbs. */
const promotedWeights = [0, ...stageWeights, 0] as const;

export interface Release {
  readonly shop: Shop;
  readonly kind: keyof typeof versions;
  readonly history: WeightHistory;
  /** Image that was pushed. */
  readonly image: string;
  /** Milliseconds for which the routes gave the new version anything, first to last. */
  exposedMs(): number;
  /** As seen by a watch, so also while the API server is away. */
  weight(): number;
  untilWeight(weight: number, withinMs?: number): Promise<void>;
  /** This release has come to that end, whoever has still to be told. */
  untilEnded(phase: "Succeeded" | "Failed", withinMs: number): Promise<CanaryStatus>;
  /** It ended well, by these weights, and everything is as it should be. Gives the shop back. */
  expectPromoted(withinMs: number, weights?: readonly number[]): Promise<CanaryStatus>;
  /** It was taken off, by one of these ways, and everything is as it should be. Gives the shop back. */
  expectRolledBack(withinMs: number, ways?: readonly (readonly number[])[]): Promise<CanaryStatus>;
}

interface Pooled {
  readonly shop: Shop;
  /** Of the version pushed last. */
  version: number;
  readonly giveBack: () => void;
}

type OwnOptions = Pick<E2eShopOptions, "spec" | "requestsPerSecond">;

const pools = new WeakMap<Suite, Pooled[]>();
let created = 0;

/** A release of a shop that is at rest; with a spec of its own, of a shop that is nobody else's. */
export async function beginRelease(
  suite: Suite,
  kind: keyof typeof versions,
  spec?: E2eShopOptions["spec"],
): Promise<Release> {
  if (spec === undefined) return begin(await takeShop(suite), kind);
  return begin(await addShop(suite, [], { spec }), kind);
}

/** Two that begin together; `atRest` is called before they do. */
export async function beginGoodAndBad(
  suite: Suite,
  atRest: () => void = () => undefined,
): Promise<{ readonly good: Release; readonly bad: Release }> {
  const [one, other] = await Promise.all([takeShop(suite), takeShop(suite)]);
  atRest();
  const [good, bad] = await Promise.all([begin(one, "good"), begin(other, "errors")]);
  return { good, bad };
}

/** The same, and a good one with a spec of its own: nobody begins before all have their shops. */
export async function beginGoodAndBadAnd(
  suite: Suite,
  spec: NonNullable<E2eShopOptions["spec"]>,
): Promise<{ readonly own: Release; readonly good: Release; readonly bad: Release }> {
  const [mine, one, other] = await Promise.all([
    addShop(suite, [], { spec }),
    takeShop(suite),
    takeShop(suite),
  ]);
  const [own, good, bad] = await Promise.all([
    begin(mine, "good"),
    begin(one, "good"),
    begin(other, "errors"),
  ]);
  return { own, good, bad };
}

/** Many that begin together, each of a shop of its own: as many as kinds. Shops are made a few at a time. */
export async function beginMany(
  suite: Suite,
  kinds: readonly (keyof typeof versions)[],
  options: OwnOptions,
): Promise<readonly Release[]> {
  const waiting = [...kinds];
  const shops: { readonly kind: keyof typeof versions; readonly pooled: Pooled }[] = [];
  const worker = async () => {
    for (let kind = waiting.shift(); kind !== undefined; kind = waiting.shift())
      shops.push({ kind, pooled: await makeShop(suite, [], options) });
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  for (const { pooled } of shops) await pooled.shop.until("at rest", 120_000, isAtRest);
  const ready = [];
  for (const { kind, pooled } of shops) ready.push(await prepare(pooled, kind));
  return Promise.all(ready.map((push) => push()));
}

const atOnce = 6;

async function takeShop(suite: Suite): Promise<Pooled> {
  const pool = pools.get(suite) ?? [];
  pools.set(suite, pool);
  return pool.pop() ?? (await addShop(suite, pool));
}

async function addShop(suite: Suite, pool: Pooled[], options: OwnOptions = {}): Promise<Pooled> {
  const pooled = await makeShop(suite, pool, options);
  await pooled.shop.until("at rest", 60_000, isAtRest);
  return pooled;
}

async function makeShop(suite: Suite, pool: Pooled[], options: OwnOptions): Promise<Pooled> {
  created += 1;
  const namespace = `fault-shop-${created}`;
  const slack = suite.slack.address(`/${namespace}`);
  const stages = stageWeights.map((weight) => ({ weight, minSeconds: 2 }));
  const shop = await createShop(suite.admin, {
    namespace,
    slack,
    replicas: 1,
    ...options,
    spec: { stages, ...options.spec },
  });
  const pooled: Pooled = { shop, version: 1, giveBack: () => pool.push(pooled) };
  return pooled;
}

async function begin(pooled: Pooled, kind: keyof typeof versions): Promise<Release> {
  return (await prepare(pooled, kind))();
}

/** Looks at all there is before the push; the answer pushes. */
async function prepare(
  pooled: Pooled,
  kind: keyof typeof versions,
): Promise<() => Promise<Release>> {
  const { shop, giveBack } = pooled;
  const before = await ownersFields(shop);
  const history = await followWeights(shop);
  const promotedBefore = (await shop.deployment("primary")).spec.template.spec;
  pooled.version += 1;
  const image = `example.com/${shopName}:${pooled.version}`;
  const push = () => shop.push(String(pooled.version), { ...unset, ...versions[kind] });

  const untilEnded: Release["untilEnded"] = (phase, withinMs) =>
    shop.until(phase, withinMs, (status) => {
      return status.history?.[0]?.images[0] === image && status.phase === phase;
    });
  async function expectEnd(phase: "Succeeded" | "Failed", withinMs: number) {
    await untilEnded(phase, withinMs);
    const status = await shop.until("at rest", 60_000, isAtRest);
    await eventually("the target has no pods", 30_000, async () => {
      return (await shop.deployment("target")).spec.replicas === 0;
    });
    history.stop();
    expect(history.missed()).toBe(0);
    expect(await shop.routedWeight()).toBe(0);
    expect(status.canaryWeight).toBe(0);
    expect(await ownersFields(shop)).toEqual(before);
    expect(await orphans(shop)).toEqual([]);
    return status;
  }
  const release: Release = {
    shop,
    kind,
    history,
    image,
    exposedMs: () => exposure(history),
    weight: () => history.seen.at(-1)?.weight ?? 0,
    untilEnded,
    async untilWeight(weight, withinMs = 60_000) {
      const has = () => history.seen.at(-1)?.weight === weight;
      await eventually(`${shop.namespace} has ${weight} %`, withinMs, has);
    },
    async expectPromoted(withinMs, weights = promotedWeights) {
      const status = await expectEnd("Succeeded", withinMs);
      expect(history.weights()).toEqual(weights);
      const [container] = (await shop.deployment("primary")).spec.template.spec.containers;
      expect(container?.image).toBe(image);
      giveBack();
      return status;
    },
    async expectRolledBack(withinMs, ways = [[0, 10, 0]]) {
      const status = await expectEnd("Failed", withinMs);
      expect(ways).toContainEqual(history.weights());
      expect((await shop.deployment("primary")).spec.template.spec).toEqual(promotedBefore);
      giveBack();
      return status;
    },
  };
  return async () => {
    await push();
    return release;
  };
}

/** Behaviours of the version before. */
const unset = Object.fromEntries(
  Object.values(versions).flatMap((behaviour) =>
    Object.keys(behaviour).map((name) => [name, null] as const),
  ),
);

function isAtRest({ phase, drain, outbox = [] }: CanaryStatus): boolean {
  const isEnd = phase === "Initialized" || phase === "Succeeded" || phase === "Failed";
  return isEnd && drain === undefined && outbox.length === 0;
}

function exposure({ seen }: WeightHistory): number {
  const first = seen.find(({ weight }) => weight > 0);
  const last = seen.findLast(({ weight }, index) => weight === 0 && index > 0);
  return (last?.at ?? Number.NaN) - (first?.at ?? Number.NaN);
}
