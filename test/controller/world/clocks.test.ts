/** Replicas whose wall clocks are minutes apart: evidence is of now, and what one wrote the next one can work with. */
import { afterEach, describe, expect, it } from "vitest";
import {
  openShop,
  type RunningShop,
  untilPhase,
  untilRolledBack,
  untilRouted,
} from "../../support/running-shop.ts";

const stages = [10, 100].map((weight) => ({ weight, minSeconds: 2 }));
const bad = { "sandbox.serin.dev/error-percent": "50" };
/** From a leader's death until the next one leads. */
const takeoverMs = 16_000;

let bed: RunningShop;
afterEach(() => bed.world.close());

async function release(skewMs: number, version: Readonly<Record<string, string>>): Promise<void> {
  bed = await openShop({ replicas: 2, spec: { stages }, controller: { skewMs } });
  await bed.shop.push("2", version);
  await untilRouted(bed, 10, 60_000);
}

async function boundMs(): Promise<number> {
  return ((await bed.shop.status()).rollbackBoundSeconds ?? 0) * 1_000;
}

describe("a leader whose clock is minutes from that of Prometheus", () => {
  it("promotes a good version", async () => {
    await release(300_000, {});
    await untilPhase(bed, "Succeeded", 90_000);
    expect(await bed.shop.routedWeight()).toBe(0);
  });

  it.each([300_000, -300_000])(
    "and %i ms ahead takes a bad one off within the bound",
    async (skewMs) => {
      await release(skewMs, bad);
      expect(await untilRouted(bed, 0, 60_000)).toBeLessThanOrEqual(await boundMs());
      await untilRolledBack(bed, 60_000);
    },
  );
});

it("a bad version that a leader 5 min ahead has left is taken off by the next one", async () => {
  await release(300_000, bad);
  bed.process.kill();
  await bed.world.startController({ identity: "next" });
  const tookMs = await untilRouted(bed, 0, 60_000);
  expect(tookMs).toBeLessThanOrEqual((await boundMs()) + takeoverMs);
  await untilRolledBack(bed, 60_000);
});
