/**
 * A release of a shop under a fault. What must be true of it afterwards is what must be true after every scenario. Shops
 * are taken from a pool and given back only when all of that was true, so that one that was harmed harms no other test.
 */
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import type { EventReason } from "../../../src/api/conditions.ts";
import { eventually } from "../../support/real-time.ts";
import { expectAftermath, isAtRest } from "./aftermath.ts";
import { beginScene, imageOf, type Scene, type SceneOptions } from "./scene.ts";
import { type Shop, shopName, versions } from "./shop.ts";
import type { Suite } from "./suite.ts";
import { followWeights, type WeightHistory } from "./weights.ts";

/** Few and short: what happens between two of them is the same for all. */
export const stageWeights = [10, 50, 100] as const;
/** What the routes are given in a release that nothing disturbs. */
const promotedWeights = [0, ...stageWeights, 0] as const;

type Kind = "good" | "errors";

export interface Release {
  readonly shop: Shop;
  /** The shop beyond this release. */
  readonly scene: Scene;
  readonly kind: Kind;
  readonly history: WeightHistory;
  /** Milliseconds for which the routes gave the new version anything, first to last. */
  exposedMs(): number;
  /** As seen by a watch, so also while the API server is away. */
  weight(): number;
  untilWeight(weight: number, withinMs?: number): Promise<void>;
  /** This release has come to that end, whoever has still to be told. */
  untilEnded(phase: "Succeeded" | "Failed", withinMs: number): Promise<CanaryStatus>;
  /** It ended well, by these weights, and everything is as it should be. Gives the shop back. */
  expectPromoted(
    withinMs: number,
    weights?: readonly number[],
    how?: Aftermath,
  ): Promise<CanaryStatus>;
  /** It was taken off, by one of these ways, and everything is as it should be. Gives the shop back. */
  expectRolledBack(
    withinMs: number,
    ways?: readonly (readonly number[])[],
    how?: Aftermath,
  ): Promise<CanaryStatus>;
}

/** What a fault makes of an aftermath. */
export interface Aftermath {
  /** See Ending. */
  readonly lagMs?: number;
  /** What Slack was told of this release. */
  readonly told?: readonly EventReason[];
}

interface Pooled {
  readonly scene: Scene;
  /** How many stages its releases have. */
  readonly stages: number;
  /** Pushed last, and the one that serves. */
  version: number;
  serving: number;
  readonly giveBack: () => void;
}

type OwnOptions = Pick<SceneOptions, "spec" | "stages" | "analysis" | "isCompared"> & {
  readonly requestsPerSecond?: number;
};

const pools = new WeakMap<Suite, Pooled[]>();
let created = 0;

/** A release of a shop that is at rest. */
export async function beginRelease(suite: Suite, kind: Kind): Promise<Release> {
  return begin(await takeShop(suite), kind);
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
  spec: NonNullable<SceneOptions["spec"]>,
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
  kinds: readonly Kind[],
  options: OwnOptions,
): Promise<readonly Release[]> {
  const waiting = [...kinds];
  const shops: { readonly kind: Kind; readonly pooled: Pooled }[] = [];
  const worker = async () => {
    for (let kind = waiting.shift(); kind !== undefined; kind = waiting.shift())
      shops.push({ kind, pooled: await makeShop(suite, [], options) });
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  for (const { pooled } of shops) await pooled.scene.shop.until("at rest", 120_000, isAtRest);
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
  await pooled.scene.shop.until("at rest", 60_000, isAtRest);
  return pooled;
}

async function makeShop(suite: Suite, pool: Pooled[], options: OwnOptions): Promise<Pooled> {
  created += 1;
  const scene = await beginScene(suite, {
    namespace: `fault-shop-${created}`,
    replicas: 1,
    requestsPerSecond: 200,
    stages: stageWeights,
    ...options,
    analysis: { intervalSeconds: 2, warmupSeconds: 3, ...options.analysis },
  });
  const pooled: Pooled = {
    scene,
    stages: (options.stages ?? stageWeights).length,
    version: 1,
    serving: 1,
    giveBack: () => pool.push(pooled),
  };
  return pooled;
}

async function begin(pooled: Pooled, kind: Kind): Promise<Release> {
  return (await prepare(pooled, kind))();
}

/** Looks at all there is before the push; the answer pushes. */
async function prepare(pooled: Pooled, kind: Kind): Promise<() => Promise<Release>> {
  const { giveBack } = pooled;
  const { shop } = pooled.scene;
  // The one before is not looked at any more.
  pooled.scene.routes.stop();
  const history = await followWeights(shop);
  const earlier = ((await shop.status()).history ?? []).map(nameOfEnd);
  const toldBefore = pooled.scene.told().length;
  const scene: Scene = {
    ...pooled.scene,
    routes: history,
    before: await pooled.scene.clients(),
    told: () => pooled.scene.told().slice(toldBefore),
  };
  pooled.version += 1;
  const version = pooled.version;
  const image = imageOf(shopName, String(version));

  const untilEnded: Release["untilEnded"] = (phase, withinMs) =>
    shop.until(phase, withinMs, (status) => {
      return status.history?.[0]?.images[0] === image && status.phase === phase;
    });
  async function expectEnd(
    phase: "Succeeded" | "Failed",
    ways: readonly (readonly number[])[],
    { lagMs, told = toldOf(kind, pooled.stages) }: Aftermath,
  ) {
    const status = await expectAftermath(scene, {
      steps: new RegExp(`^(${ways.map((way) => way.join(" ")).join("|")})$`),
      phase,
      serves: String(pooled.serving),
      releases: [endOf[kind], ...earlier].slice(0, mostRemembered),
      told,
      isHarmed: kind !== "good",
      ...(lagMs !== undefined && { lagMs }),
    });
    giveBack();
    return status;
  }
  const release: Release = {
    shop,
    scene,
    kind,
    history,
    exposedMs: () => exposure(history),
    weight: () => history.seen.at(-1)?.weight ?? 0,
    untilEnded,
    async untilWeight(weight, withinMs = 60_000) {
      const has = () => history.seen.at(-1)?.weight === weight;
      await eventually(`${shop.namespace} has ${weight} %`, withinMs, has);
    },
    async expectPromoted(withinMs, weights = promotedWeights, how = {}) {
      await untilEnded("Succeeded", withinMs);
      pooled.serving = version;
      return expectEnd("Succeeded", [weights], how);
    },
    async expectRolledBack(withinMs, ways = [[0, 10, 0]], how = {}) {
      await untilEnded("Failed", withinMs);
      return expectEnd("Failed", ways, how);
    },
  };
  return async () => {
    await scene.push(String(version), versions[kind]);
    return release;
  };
}

const endOf: Readonly<Record<Kind, string>> = {
  good: "Succeeded Promoted",
  errors: "Failed MetricLimitExceeded",
};

function toldOf(kind: Kind, stages: number): readonly EventReason[] {
  if (kind === "errors") return ["ReleaseStarted", "RollbackStarted", "RolledBack"];
  const passed = Array.from({ length: stages }, () => "StagePassed" as const);
  return ["ReleaseStarted", ...passed, "Succeeded"];
}

/** Releases that a status remembers. */
const mostRemembered = 10;

type Ended = NonNullable<CanaryStatus["history"]>[number];

const nameOfEnd = ({ outcome, reason }: Ended): string => `${outcome} ${reason}`;

function exposure({ seen }: WeightHistory): number {
  const first = seen.find(({ weight }) => weight > 0);
  const last = seen.findLast(({ weight }, index) => weight === 0 && index > 0);
  return (last?.at ?? Number.NaN) - (first?.at ?? Number.NaN);
}
