/** Releases judged beside stable, on the whole world: what no limit sees is taken off, and what is as good passes. */
import { afterEach, describe, expect, it } from "vitest";
import { createShop, type ShopOptions } from "../../support/shop.ts";
import { type ShopView, viewShop } from "../../support/shop-view.ts";
import { createWorld, type World } from "../../support/world.ts";

describe("a release beside stable", () => {
  let world: World;
  let shop: ShopView;
  afterEach(() => world.close());

  async function start(options: ShopOptions = {}) {
    world = await createWorld();
    shop = viewShop(world);
    await createShop(world, { requestsPerSecond: 600, isCompared: true, ...options });
    await world.advance(3_000);
    const controller = await world.startController();
    await world.until(
      "initialised",
      async () => {
        const { phase, drain } = await shop.status();
        return phase === "Initialized" && drain === undefined;
      },
      90_000,
    );
    return controller;
  }

  const inPhase = (phase: string) => async () => (await shop.status()).phase === phase;

  it("is promoted once harm is excluded, and its status says how much", async () => {
    await start();
    await shop.push("2");
    await world.until("promoted", inPhase("Succeeded"), 200_000);
    const { analysis = [], conditions = [] } = await shop.status();
    expect(analysis.map(({ name, evidence = 99 }) => [name, evidence < 5])).toEqual([
      ["error-rate", true],
      ["latency-p99", true],
    ]);
    for (const { excludedExcess } of analysis) expect(excludedExcess).toBeLessThanOrEqual(1);
    const passed = conditions.find(({ type }) => type === "AnalysisPassed");
    expect(passed?.reason).toBe("ReleasePassed");
  });

  it("fails for errors that no limit forbids, with the evidence", async () => {
    await start();
    await shop.push("2", { "sandbox.serin.dev/error-percent": "3" });
    await world.until("failed", inPhase("Failed"), 90_000);
    const { release, history } = await shop.status();
    expect(release?.rollback?.reason).toBe("WorseThanStable");
    expect(release?.rollback?.message).toMatch(/evidence \d+ that it is worse than is tolerated/);
    expect(release?.peakWeight).toBe(10);
    expect(history?.[0]?.reason).toBe("WorseThanStable");
  });

  it("holds with what is missing where requests come seldom, and keeps its evidence over a restart", async () => {
    const first = await start({ requestsPerSecond: 40 });
    await shop.push("2");
    const held = async () =>
      /held: \d+ more canary requests/.test((await shop.status()).message ?? "");
    await world.until("held", held, 90_000);
    await world.advance(35_000);
    const counted = async () => {
      const { analysis = [] } = await shop.status();
      return Number(analysis[0]?.state?.tests[0]?.promotion.split(" ")[0] ?? 0);
    };
    const before = await counted();
    expect(before).toBeGreaterThan(30);
    await first.stop();
    await world.startController({ identity: "second" });
    await world.advance(40_000);
    expect(await counted()).toBeGreaterThan(before);
  });
});
