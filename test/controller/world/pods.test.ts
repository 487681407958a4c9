/** Pods as evidence, on the whole world: what fails a release, what only holds it, and what is somebody else's fault. */
import { afterEach, describe, expect, it } from "vitest";
import { openShop, type RunningShop, untilPhase, untilRouted } from "../../support/running-shop.ts";
import { befall, crashPods, podsOf } from "../../support/shop-faults.ts";

let bed: RunningShop;
afterEach(() => bed.world.close());

/** At 25 %, with two pods of the new version, for longer than any of these stories. */
async function releaseAtQuarter(): Promise<void> {
  const stages = [{ weight: 25, minSeconds: 90 }, { weight: 100 }];
  bed = await openShop({ spec: { stages } });
  await bed.shop.push("2");
  await untilRouted(bed, 25, 60_000);
  await bed.world.advance(4_000);
  expect(await podsOf(bed.world, "2")).toHaveLength(2);
}

const isOver = async () => (await bed.shop.status()).phase === "Failed";
const failure = async () => (await bed.shop.status()).release?.rollback;

describe("an image that cannot be pulled", () => {
  it("holds the release at no weight, in the kubelet's words, and fails it at the deadline", async () => {
    bed = await openShop();
    await bed.shop.push("missing");
    await bed.world.advance(45_000);
    const waiting = await bed.shop.status();
    expect(waiting).toMatchObject({ phase: "Progressing", canaryWeight: 0 });
    const words =
      /container app: ImagePullBackOff: Back-off pulling image "example.com\/orders:missing"/;
    expect(waiting.message).toMatch(/0 of 2 canary pods are available; pod orders-/);
    expect(waiting.message).toMatch(words);
    await bed.world.until("failed", isOver, 30_000);
    expect(await failure()).toMatchObject({ reason: "ProgressDeadlineExceeded" });
    expect((await failure())?.message).toMatch(words);
  });
});

describe("pods that stop being ready at 25 %", () => {
  it("fail the release after 20 s when they are half, the primary's serve on", async () => {
    await releaseAtQuarter();
    await befall(bed.world, "2", "unready");
    const tookMs = await bed.world.until("failed", isOver, 40_000);
    expect(await failure()).toMatchObject({ reason: "CanaryUnready" });
    expect(tookMs).toBeGreaterThan(20_000);
    expect(tookMs).toBeLessThanOrEqual(25_000);
  });

  it.each(["node-silent", "evicted"] as const)("fail nothing when they are %s", async (mishap) => {
    await releaseAtQuarter();
    await befall(bed.world, "2", mishap);
    await bed.world.advance(45_000);
    expect(await bed.shop.status()).toMatchObject({ phase: "Progressing", canaryWeight: 25 });
    expect(await bed.shop.routedWeight()).toBe(25);
  });
});

describe("a node that is drained", () => {
  it("takes pods that are no evidence, and the release goes on to its end", async () => {
    await releaseAtQuarter();
    const clients = bed.world.sandbox.mesh.countClients("orders.shop");
    const [pod] = await podsOf(bed.world, "2");
    const path = `/api/v1/namespaces/shop/pods/${pod}`;
    await bed.world.sandbox.admin.request({ method: "DELETE", path });
    await untilPhase(bed, "Succeeded", 200_000);
    expect(clients.stats().failed).toBe(0);
  });
});

describe("pods of the version before", () => {
  it("do not fail the fix that replaces them", async () => {
    await releaseAtQuarter();
    await crashPods(bed.world, "2");
    await bed.world.until("failed", isOver, 40_000);
    await bed.shop.push("3");
    await untilPhase(bed, "Succeeded", 250_000);
    const outcomes = (await bed.shop.status()).history?.map(({ outcome }) => outcome);
    expect(outcomes).toEqual(["Succeeded", "Failed"]);
  });
});
