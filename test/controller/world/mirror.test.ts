/** Releases that begin with copies of live requests: nobody's answer depends on them, and still they decide. */
import { afterEach, describe, expect, it } from "vitest";
import { abort, command } from "../../support/commanding.ts";
import { outcomeOf, type Run, runRelease } from "../../support/release-run.ts";
import { openShop, type RunningShop, untilPhase, untilRouted } from "../../support/running-shop.ts";
import { createShop } from "../../support/shop.ts";
import { viewShop } from "../../support/shop-view.ts";
import { createWorld, type World } from "../../support/world.ts";

const stages = [
  { mirror: { percentage: 10, sideEffects: "None" }, minSeconds: 2 },
  { weight: 50, minSeconds: 2 },
  { weight: 100, minSeconds: 2 },
];
const shop = { replicas: 2, spec: { stages } };

let world: World | undefined;
afterEach(() => world?.close());

describe("a release with a mirror stage", () => {
  /** Stages as messages name them, one after the other, and the mirrors that the routes had. */
  async function watch(
    version: "good" | "bad",
  ): Promise<Run & { readonly said: readonly string[]; readonly mirrors: readonly string[] }> {
    const said: string[] = [];
    const mirrors: string[] = [];
    const run = await runRelease({
      version,
      shop,
      async during(here) {
        const view = viewShop(here);
        const stage = /stage \d\/\d \([^)]*\)/.exec((await view.status()).message ?? "")?.[0];
        if (stage !== undefined && said.at(-1) !== stage) said.push(stage);
        const [rule] = (await view.virtualService()).spec.http;
        const mirror = JSON.stringify([rule?.mirror, rule?.mirrorPercentage]);
        if (mirrors.at(-1) !== mirror) mirrors.push(mirror);
      },
    });
    world = run.world;
    return { ...run, said, mirrors };
  }
  const ours = '[{"host":"orders","subset":"canary"},{"value":10}]';
  const none = "[null,null]";

  it("is promoted when copies, then live requests, are answered well", async () => {
    const run = await watch("good");
    expect(await outcomeOf(run)).toMatchObject({ phase: "Succeeded", weights: [0, 50, 100, 0] });
    expect(run.said).toEqual(["stage 1/3 (mirror 10 %)", "stage 2/3 (50 %)", "stage 3/3 (100 %)"]);
    expect(run.mirrors).toEqual([none, ours, none]);
    expect(run.failedRequests).toBe(0);
  });

  it("fails on its copies alone, and no client hears of it", async () => {
    const run = await watch("bad");
    expect(await outcomeOf(run)).toMatchObject({
      phase: "Failed",
      weights: [0],
      failure: "MetricLimitExceeded",
      history: [{ outcome: "Failed", peakWeight: 0 }],
      targetReplicas: 0,
    });
    expect(run.said).toEqual(["stage 1/3 (mirror 10 %)"]);
    expect(run.mirrors.at(-1)).toBe(none);
    expect(run.failedRequests).toBe(0);
  });
});

describe("the copies of a mirror stage", () => {
  const lasting = {
    ...shop,
    spec: { stages: [{ ...stages[0], minSeconds: 1000 }, { weight: 100 }] },
  };
  const mirrorOf = async ({ shop: view }: RunningShop) =>
    (await view.virtualService()).spec.http[0]?.mirrorPercentage;

  /** As it was before any push, to the letter. */
  const promotedTemplate = {
    spec: {
      template: {
        metadata: { annotations: null },
        spec: { containers: [{ name: "app", image: "example.com/orders:1" }] },
      },
    },
  };

  async function mirrored(): Promise<RunningShop> {
    const running = await openShop(lasting);
    ({ world } = running);
    await running.shop.push("2");
    await world.until("mirrored", async () => (await mirrorOf(running)) !== undefined, 30_000);
    return running;
  }

  it.each([
    [
      "an abort",
      (view: RunningShop["shop"]) => abort(view, "wrong prices"),
      { phase: "Failed", history: [{ outcome: "Failed", reason: "Aborted" }] },
    ],
    [
      "the promoted template",
      (view: RunningShop["shop"]) => view.patch("deployment", promotedTemplate),
      { phase: "Initialized", history: [{ outcome: "Reverted" }] },
    ],
    [
      "another version",
      (view: RunningShop["shop"]) => view.push("3"),
      {
        phase: "Progressing",
        history: [{ outcome: "Superseded" }],
        release: { stage: { index: 0 } },
      },
    ],
  ])("end at once with %s", async (_, end, status) => {
    const running = await mirrored();
    await end(running.shop);
    await running.world.settle();
    expect(await mirrorOf(running)).toBeUndefined();
    expect(await running.shop.status()).toMatchObject({ ...status, canaryWeight: 0 });
  });

  it("go on while people have paused the release, and when they resume", async () => {
    const running = await mirrored();
    const clients = running.world.sandbox.mesh.countClients("orders.shop");
    await command(running.shop, "pause");
    await running.world.advance(20_000);
    expect((await running.shop.status()).phase).toBe("Waiting");
    expect(await mirrorOf(running)).toEqual({ value: 10 });
    await command(running.shop, "resume");
    await running.world.settle();
    expect((await running.shop.status()).phase).toBe("Progressing");
    expect(clients.stats()).toMatchObject({ failed: 0 });
    expect(Object.keys(clients.stats().byWorkload)).toEqual(["orders-primary"]);
  });

  it("give way to the first weight when a person promotes", async () => {
    const running = await mirrored();
    await command(running.shop, "promote");
    await untilRouted(running, 100, 30_000);
    expect(await mirrorOf(running)).toBeUndefined();
  });
});

describe("a mirror on the routes", () => {
  const mirrorTo = (destination: object | null, value = 10) => [
    {
      timeout: "7s",
      retries: { attempts: 0 },
      route: [
        { destination: { host: "orders", subset: "stable" }, weight: 100 },
        { destination: { host: "orders", subset: "canary" }, weight: 0 },
      ],
      ...(destination !== null && { mirror: destination, mirrorPercentage: { value } }),
    },
  ];

  it("of somebody else's keeps a Canary from being accepted until it is gone", async () => {
    world = await createWorld();
    await createShop(world);
    const view = viewShop(world);
    await view.patch("virtualservice", { spec: { http: mirrorTo({ host: "audit" }) } });
    await world.advance(3_000);
    await world.startController();
    const { conditions = [] } = await view.status();
    const accepted = conditions.find(({ type }) => type === "Accepted");
    expect(accepted).toMatchObject({ status: "False", reason: "RouteMirrored" });
    expect(accepted?.message).toContain("VirtualService shop/orders, its HTTP rule mirrors");
    await view.patch("virtualservice", { spec: { http: mirrorTo(null) } });
    await untilPhase({ world, shop: view }, "Initialized", 60_000);
    expect(await view.eventReasons()).not.toContain("RolledBack");
  });

  it("left by a controller of the past is taken away, whatever the phase", async () => {
    const running: RunningShop = await openShop();
    ({ world } = running);
    const http = mirrorTo({ host: "orders", subset: "canary" });
    await running.shop.patch("virtualservice", { spec: { http } });
    await world.settle();
    expect((await running.shop.virtualService()).spec.http[0]?.mirror).toBeUndefined();
    expect(await running.shop.status()).toMatchObject({ phase: "Initialized", canaryWeight: 0 });
  });

  it("is repaired while its stage runs, be it gone or grown", async () => {
    const running = await openShop({
      ...shop,
      spec: { stages: [{ ...stages[0], minSeconds: 60 }, { weight: 100 }] },
    });
    ({ world } = running);
    await running.shop.push("2");
    const mirror = async () => (await running.shop.virtualService()).spec.http[0]?.mirrorPercentage;
    const isSet = async () => JSON.stringify(await mirror()) === '{"value":10}';
    await world.until("mirrored", isSet, 30_000);
    await running.shop.patch("virtualservice", { spec: { http: mirrorTo(null) } });
    await world.until("mirrored again", isSet, 10_000);
    const grown = mirrorTo({ host: "orders", subset: "canary" }, 80);
    await running.shop.patch("virtualservice", { spec: { http: grown } });
    await world.settle();
    expect(await mirror()).not.toEqual({ value: 80 });
    await world.until("as decided", isSet, 10_000);
    expect((await running.shop.status()).phase).toBe("Progressing");
  });
});
