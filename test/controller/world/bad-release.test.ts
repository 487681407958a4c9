/** Releases that break a limit or crash, on the whole world: traffic goes off them by itself, in time, and stays off. */
import { afterEach, describe, expect, it } from "vitest";
import { fromInstant } from "../../../src/core/instant.ts";
import { createShop } from "../../support/shop.ts";
import { breakPods } from "../../support/shop-faults.ts";
import { type ShopView, viewShop } from "../../support/shop-view.ts";
import { createWorld, type World, type WorldOptions } from "../../support/world.ts";

describe("a bad release", () => {
  let world: World;
  let shop: ShopView;
  afterEach(() => world.close());

  async function start(options: WorldOptions = {}): Promise<void> {
    world = await createWorld(options);
    shop = viewShop(world);
    await createShop(world);
    await world.advance(5_000);
    await world.startController();
    await world.until(
      "initialised",
      async () => {
        const { phase, drain } = await shop.status();
        return phase === "Initialized" && drain === undefined;
      },
      90_000,
    );
  }

  async function failed(): Promise<void> {
    await world.until(
      "failed",
      async () => {
        const { phase, release } = await shop.status();
        return phase === "Failed" && release?.rollback?.confirmedAt !== undefined;
      },
      150_000,
    );
  }

  it("is rolled back within the bound for its error rate, and the message has the numbers", async () => {
    await start();
    const clients = world.sandbox.mesh.countClients("orders.shop");
    await shop.push("2", { "sandbox.serin.dev/error-percent": "50" });
    await failed();
    const { release, rollbackBoundSeconds = 0, lastFailedHash, history } = await shop.status();
    const onset = clients.stats().byWorkload.orders?.firstRequestAt ?? 0;
    const appliedAt = fromInstant(release?.rollback?.appliedAt ?? "");
    expect(release?.rollback?.reason).toBe("MetricLimitExceeded");
    expect(release?.rollback?.metric).toBe("error-rate");
    expect(release?.rollback?.value).toBeGreaterThan(10);
    expect(release?.peakWeight).toBe(10);
    expect((appliedAt - onset) / 1000).toBeLessThanOrEqual(rollbackBoundSeconds);
    expect(await shop.routedWeight()).toBe(0);
    expect(lastFailedHash).toBe(release?.templateHash);
    expect(history?.[0]?.outcome).toBe("Failed");
    await world.advance(30_000);
    expect((await shop.deployment("target")).spec.replicas).toBe(0);
    expect((await shop.deployment("primary")).spec.template.spec.containers[0]?.image).toBe(
      "example.com/orders:1",
    );
    expect((await shop.status()).phase).toBe("Failed");
  });

  it("is rolled back for its P99 latency after the warm-up", async () => {
    await start();
    await shop.push("2", { "sandbox.serin.dev/latency-p99-ms": "2000" });
    await failed();
    const { release } = await shop.status();
    expect(release?.rollback?.metric).toBe("latency-p99");
    expect(release?.rollback?.value).toBeGreaterThan(500);
    expect(await shop.routedWeight()).toBe(0);
  });

  it("is rolled back when its pods crash, before it gets traffic", async () => {
    await start();
    const clients = world.sandbox.mesh.countClients("orders.shop");
    await shop.push("2", { "sandbox.serin.dev/crash": "true" });
    await failed();
    const { release } = await shop.status();
    expect(release?.rollback?.reason).toBe("CanaryCrashing");
    expect(clients.stats().failed).toBe(0);
  });

  it("fails by its deadline when the image cannot be pulled", async () => {
    await start();
    await shop.push("missing-tag");
    await failed();
    const { release } = await shop.status();
    expect(release?.rollback?.reason).toBe("ProgressDeadlineExceeded");
    expect(release?.peakWeight).toBe(0);
  });

  it("gives way to another version pushed in between, which starts at weight 0 and is promoted", async () => {
    await start();
    await shop.push("2");
    await world.until("at 25 %", async () => (await shop.routedWeight()) === 25, 60_000);
    await shop.push("3");
    await world.settle();
    expect(await shop.routedWeight()).toBe(0);
    await world.until("promoted", async () => (await shop.status()).phase === "Succeeded", 150_000);
    expect((await shop.deployment("primary")).spec.template.spec.containers[0]?.image).toBe(
      "example.com/orders:3",
    );
    const { history } = await shop.status();
    expect(history?.map((record) => record.outcome)).toEqual(["Succeeded", "Superseded"]);
  });

  it("is restored on the primary when it turns bad while the primary is being replaced", async () => {
    await start({ podStartMs: { min: 6_000, max: 6_000 } });
    await shop.push("2");
    await world.until(
      "copying",
      async () => (await shop.status()).release?.promotion?.step === "Available",
      120_000,
    );
    await breakPods(world, "2");
    await failed();
    expect((await shop.deployment("primary")).spec.template.spec.containers[0]?.image).toBe(
      "example.com/orders:1",
    );
    expect(await shop.routedWeight()).toBe(0);
  });
});
