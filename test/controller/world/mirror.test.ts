/** Releases that begin with copies of live requests: nobody's answer depends on them, and still they decide. */
import { afterEach, describe, expect, it } from "vitest";
import { outcomeOf, type Run, runRelease } from "../../support/release-run.ts";
import { openShop, type RunningShop, untilPhase } from "../../support/running-shop.ts";
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
