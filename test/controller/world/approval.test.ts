/** A release whose first and last stage ask a person, on the whole world. */
import { afterEach, expect, it } from "vitest";
import { command, lastCommand } from "../../support/commanding.ts";
import { openShop, type RunningShop, untilPhase, untilRouted } from "../../support/running-shop.ts";

let running: RunningShop;
afterEach(() => running.world.close());

it("a release keeps its weight and its pods until each stage is approved", async () => {
  const stages = [
    { weight: 10, minSeconds: 2, approval: "Manual" },
    { weight: 100, minSeconds: 2, approval: "Manual" },
  ];
  running = await openShop({
    replicas: 4,
    requestsPerSecond: 100,
    spec: { stages, progressDeadlineSeconds: 10 },
  });
  const { shop, world } = running;
  await shop.push("2");
  await world.advance(11_000);
  expect(await shop.status()).toMatchObject({
    phase: "Waiting",
    canaryWeight: 0,
    waiting: {
      reason: "Approval",
      message: expect.stringContaining("serin promote orders -n shop"),
    },
  });
  expect((await shop.deployment("target")).spec.replicas).toBe(0);

  await command(shop, "promote", "first");
  await untilRouted(running, 10, 30_000);
  await untilPhase(running, "Waiting", 30_000);
  await world.advance(11_000);
  expect(await shop.routedWeight()).toBe(10);
  expect((await shop.deployment("target")).spec.replicas).toBe(2);

  await command(shop, "resume", "wrong");
  await world.settle();
  expect(await lastCommand(shop)).toMatchObject({
    outcome: "Refused",
    message: expect.stringContaining("serin promote orders -n shop"),
  });

  await command(shop, "promote", "second");
  await untilPhase(running, "Succeeded", 90_000);
  expect((await shop.status()).history).toMatchObject([{ reason: "Promoted", peakWeight: 100 }]);
  expect((await shop.status()).history?.[0]).not.toHaveProperty("command");
});
