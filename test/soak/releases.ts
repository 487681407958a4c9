/** What the owners of the soak's services do: one release after the other, of every kind that there is, as fast as they go. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CanaryStatus } from "../../src/api/canary-status.ts";
import { abort, command } from "../support/commanding.ts";
import { eventually } from "../support/real-time.ts";
import { type ShopOptions, shopManifests, shopNamespace } from "../support/shop.ts";
import { type ShopView, viewShopOn } from "../support/shop-view.ts";
import { providerName, type SoakWorld } from "./soak-world.ts";

const stages = [10, 50, 100].map((weight) => ({ weight, minSeconds: 1 }));
const spec = {
  stages,
  analysis: {
    intervalSeconds: 1,
    warmupSeconds: 1,
    metrics: [
      {
        name: "error-rate",
        templateRef: { kind: "AnalysisTemplate", name: "errors" },
        limit: { max: 5, minSamples: 10 },
        // How fast evidence for a promotion comes is not what a soak is about.
        compare: null,
      },
      {
        name: "latency-p99",
        templateRef: { kind: "AnalysisTemplate", name: "p99" },
        limit: { max: 500 },
        compare: null,
      },
    ],
  },
  rollback: { canaryScaleDownDelaySeconds: 1 },
  alerts: [{ providerRef: { name: providerName } }],
};
const mirrored = {
  ...spec,
  stages: [{ mirror: { percentage: 10, sideEffects: "None" }, minSeconds: 1 }, ...stages],
};

/** Every form of routes, and what differs between Canaries in what is remembered of them. */
const services: readonly (ShopOptions & { readonly name: string })[] = [
  { name: "adopted", spec },
  { name: "bought", spec },
  { name: "carried", spec },
  { name: "hosted", form: "host", spec },
  { name: "generated", form: "generate", spec },
  { name: "mirrored", spec: mirrored },
  {
    name: "compared",
    isCompared: true,
    spec: { ...spec, analysis: { intervalSeconds: 1, warmupSeconds: 1 } },
  },
];

const deadlineMs = 180_000;
const pollMs = 400;

type Story = (shop: ShopView, version: string) => Promise<void>;

const broken = { "sandbox.serin.dev/error-percent": "40" };
const whole = { "sandbox.serin.dev/error-percent": "0" };

const stories: Readonly<Record<string, Story>> = {
  good: (shop, version) => shop.push(version, whole),
  bad: (shop, version) => shop.push(version, broken),
  superseded: async (shop, version) => {
    await shop.push(`${version}-a`, whole);
    await sleep(4_000);
    await shop.push(version, whole);
  },
  aborted: async (shop, version) => {
    await shop.push(version, whole);
    await sleep(4_000);
    await abort(shop, "the soak wants it");
  },
  paused: async (shop, version) => {
    await shop.push(version, whole);
    await sleep(3_000);
    await command(shop, "pause", `${version}-pause`);
    await sleep(2_000);
    await command(shop, "resume", `${version}-resume`);
  },
};

export interface Owners {
  /** How often each story was told to its end. */
  readonly told: Readonly<Record<string, number>>;
  /** Of those that were not told in three minutes what was seen last: faults and a busy machine take their time. */
  readonly late: readonly string[];
  /** No new release begins; resolves when the last has ended. */
  stop(): Promise<void>;
  /** Fails unless everything is at rest within two minutes. */
  whenAtRest(): Promise<void>;
}

export async function startOwners(world: SoakWorld): Promise<Owners> {
  const told: Record<string, number> = {};
  const late: string[] = [];
  const ending = new AbortController();
  for (const service of services) await create(world, service);
  const owners = services.map(async ({ name }, index) => {
    const shop = viewOf(world, name);
    const names = Object.keys(stories);
    for (let turn = index; !ending.signal.aborted; turn += 1) {
      const story = names[turn % names.length] ?? "good";
      try {
        await tell(shop, story, `${turn}`);
        told[story] = (told[story] ?? 0) + 1;
      } catch (error) {
        late.push(`${name} ${story}: ${await describe(shop, error)}`);
      }
    }
  });
  const visitors = (async () => {
    for (let visit = 0; !ending.signal.aborted; visit += 1) {
      try {
        await comeAndGo(world, `visitor-${visit}`);
        told["came and went"] = (told["came and went"] ?? 0) + 1;
      } catch (error) {
        late.push(`visitor-${visit}: ${await describe(viewOf(world, `visitor-${visit}`), error)}`);
      }
    }
  })();
  return {
    told,
    late,
    async stop() {
      ending.abort();
      await Promise.all([...owners, visitors]);
    },
    async whenAtRest() {
      for (const { name } of services) {
        const shop = viewOf(world, name);
        await eventually(
          `${name} is at rest`,
          120_000,
          async () => isAtRest(await shop.status()),
          pollMs,
        );
      }
    },
  };
}

const viewOf = (world: SoakWorld, name: string): ShopView =>
  viewShopOn(world.sandbox.admin, shopNamespace, name);

async function describe(shop: ShopView, error: unknown): Promise<string> {
  const said = error instanceof Error ? error.message : String(error);
  const { phase, message } = await shop.status().catch((): CanaryStatus => ({}));
  return `${said} (${phase}: ${message})`;
}

async function tell(shop: ShopView, story: string, version: string): Promise<void> {
  await eventually(
    "ready for a release",
    deadlineMs,
    async () => isAtRest(await shop.status()),
    pollMs,
  );
  const before = (await shop.status()).history?.[0]?.id;
  await stories[story]?.(shop, version);
  const isOver = async () => {
    const { phase, history = [] } = await shop.status();
    return history[0] !== undefined && history[0].id !== before && phase !== "Progressing";
  };
  await eventually("the release ends", deadlineMs, isOver, pollMs);
}

function isAtRest({ phase, drain, outbox = [] }: CanaryStatus): boolean {
  const isEnd = phase === "Initialized" || phase === "Succeeded" || phase === "Failed";
  return isEnd && drain === undefined && outbox.length === 0;
}

async function create(world: SoakWorld, options: ShopOptions): Promise<void> {
  for (const { path, body } of shopManifests({ replicas: 2, templatePrefix: "", ...options })) {
    // Templates are shared.
    await world.sandbox.admin.request({ method: "POST", path, body }).catch((error: unknown) => {
      if (!path.endsWith("analysistemplates")) throw error;
    });
  }
}

/** A service with a Canary of its own that lives for one release: nothing of it may stay behind, however the release went. */
async function comeAndGo(world: SoakWorld, name: string): Promise<void> {
  await create(world, { name, spec });
  const shop = viewOf(world, name);
  try {
    await tell(shop, "good", "2");
    await eventually("at rest", deadlineMs, async () => isAtRest(await shop.status()), pollMs);
  } finally {
    await remove(world, name);
  }
}

async function remove({ sandbox }: SoakWorld, name: string): Promise<void> {
  const { admin } = sandbox;
  const manifests = shopManifests({ name, spec }).filter(
    ({ path }) => !path.endsWith("analysistemplates"),
  );
  for (const { path } of manifests.toReversed()) {
    const own = `${path}/${name}`;
    const isGone = (): Promise<boolean> =>
      admin.request({ method: "GET", path: own }).then(
        () => false,
        () => true,
      );
    await admin.request({ method: "DELETE", path: own });
    await eventually("gone", deadlineMs, isGone, pollMs);
  }
  // A Canary that goes while its version was not promoted keeps its primary, which serves.
  const primary = `/apis/apps/v1/namespaces/${shopNamespace}/deployments/${name}-primary`;
  await admin.request({ method: "DELETE", path: primary }).catch(() => undefined);
}
