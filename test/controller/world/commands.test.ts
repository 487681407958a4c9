/** What people ask by annotation, on the whole world: it is done once, whoever leads, and history says who it was. */
import { afterEach, describe, expect, it } from "vitest";
import { abort, command, lastCommand } from "../../support/commanding.ts";
import {
  openShop,
  type RunningShop,
  untilPhase,
  untilRolledBack,
  untilRouted,
} from "../../support/running-shop.ts";

/** The first stage is left by nobody but a person. */
const stages = [
  { weight: 10, minSeconds: 1200 },
  { weight: 50, minSeconds: 2 },
  { weight: 100, minSeconds: 2 },
];

describe("a command", () => {
  let running: RunningShop;
  afterEach(() => running.world.close());

  async function release(options: Parameters<typeof openShop>[0] = {}): Promise<void> {
    running = await openShop({ replicas: 2, spec: { stages }, ...options });
    await running.shop.push("2");
    await untilRouted(running, 10, 30_000);
  }

  it("to abort takes all traffic off at once, once, and leaves the way free", async () => {
    await release();
    const { shop, world } = running;
    await abort(shop, "wrong prices");
    await world.settle();
    expect(await shop.routedWeight()).toBe(0);
    expect(await shop.status()).toMatchObject({
      phase: "Failed",
      release: { rollback: { reason: "Aborted", message: "abort: wrong prices" } },
      history: [{ outcome: "Failed", reason: "Aborted", command: "abort: wrong prices" }],
      lastCommand: { action: "abort", reason: "wrong prices", outcome: "Done" },
    });
    expect((await shop.canary()).metadata.annotations).toBeUndefined();
    await untilRolledBack(running, 30_000);
    expect(await shop.eventReasons()).toEqual(
      expect.arrayContaining(["CommandDone", "RollbackStarted", "RolledBack"]),
    );
    await command(shop, "retry");
    await untilRouted(running, 10, 30_000);
    await abort(shop, "wrong prices");
    await world.settle();
    expect(await shop.routedWeight()).toBe(0);
    expect((await shop.status()).history?.map(({ reason }) => reason)).toEqual([
      "Aborted",
      "Aborted",
    ]);
  });

  it("to abort works while Prometheus is down and stable is unready", async () => {
    await release();
    const { shop, world } = running;
    await world.sandbox.admin.request({
      method: "PATCH",
      path: "/apis/apps/v1/namespaces/shop/deployments/orders-primary",
      patch: "merge",
      body: { spec: { replicas: 0 } },
    });
    world.sandbox.prometheus.setFault({ kind: "Down" });
    await abort(shop, "stop it");
    await world.settle();
    expect(await shop.routedWeight()).toBe(0);
    expect((await shop.status()).phase).toBe("Failed");
  });

  it("that stands in Git for ever is answered once a minute, and lets nothing start", async () => {
    running = await openShop({ replicas: 2, spec: { stages } });
    const { shop, world } = running;
    await abort(shop, "never again");
    let puts = 0;
    for (let second = 0; second < 130; second += 1) {
      await world.advance(1_000);
      if ((await shop.canary()).metadata.annotations !== undefined) continue;
      puts += 1;
      await abort(shop, "never again");
    }
    expect(puts).toBeGreaterThan(1);
    await shop.push("2");
    await world.advance(5_000);
    expect((await shop.status()).phase).toBe("Initialized");
    const refused = (await shop.eventReasons()).filter((reason) => reason === "CommandRefused");
    expect(refused.length).toBeLessThanOrEqual(3);
    await abort(shop, null);
    await untilPhase(running, "Progressing", 1_000);
  });

  it("to promote leaves the stage without evidence, and history says who took it upon them", async () => {
    await release();
    const { shop, world } = running;
    world.sandbox.prometheus.setFault({ kind: "Down" });
    await command(shop, "promote");
    await untilRouted(running, 50, 10_000);
    world.sandbox.prometheus.setFault(undefined);
    await untilPhase(running, "Succeeded", 90_000);
    expect(await shop.status()).toMatchObject({
      history: [
        {
          outcome: "Succeeded",
          reason: "PromotedByHand",
          command: "promote by jane (unverified): it is urgent",
        },
      ],
      lastCommand: { id: "promote-1", by: "jane", outcome: "Done" },
    });
  });

  it("to promote fully skips every stage, with all pods first, and loses no request", async () => {
    await release();
    const { shop, world } = running;
    const clients = world.sandbox.mesh.countClients("orders.shop");
    world.sandbox.prometheus.setFault({ kind: "Down" });
    await command(shop, "promoteFull");
    await untilPhase(running, "Promoting", 30_000);
    expect(await shop.routedWeight()).toBe(100);
    world.sandbox.prometheus.setFault(undefined);
    await untilPhase(running, "Succeeded", 60_000);
    expect(clients.stats().failed).toBe(0);
    expect((await shop.status()).history?.[0]?.reason).toBe("PromotedByHand");
  });

  it("to promote does not keep a bad version", async () => {
    running = await openShop({ replicas: 2, spec: { stages } });
    const { shop } = running;
    await shop.push("2", { "sandbox.serin.dev/error-percent": "50" });
    await untilRouted(running, 10, 30_000);
    await command(shop, "promote");
    await untilRolledBack(running, 60_000);
    expect((await shop.status()).release?.rollback?.reason).toBe("MetricLimitExceeded");
    expect((await shop.deployment("primary")).spec.template.spec.containers[0]?.image).toBe(
      "example.com/orders:1",
    );
  });

  it("to pause keeps the weight until somebody resumes", async () => {
    await release({ spec: { stages: stages.map((stage) => ({ ...stage, minSeconds: 2 })) } });
    const { shop, world } = running;
    await command(shop, "pause");
    await world.advance(60_000);
    expect(await shop.status()).toMatchObject({
      phase: "Waiting",
      waiting: {
        reason: "Paused",
        message: expect.stringContaining("serin resume orders -n shop"),
      },
    });
    expect(await shop.routedWeight()).toBe(10);
    await command(shop, "resume");
    await untilPhase(running, "Succeeded", 90_000);
    expect((await shop.status()).history?.[0]).toMatchObject({ reason: "Promoted" });
  });

  it("that does not apply, or cannot be read, is refused with what to do, and breaks nothing", async () => {
    running = await openShop({ replicas: 2, spec: { stages } });
    const { shop, world } = running;
    await command(shop, "promote");
    await world.settle();
    expect(await lastCommand(shop)).toMatchObject({
      id: "promote-1",
      outcome: "Refused",
      message: "no release runs",
    });
    const annotations = { "serin.dev/command": "promote please" };
    await shop.patch("canary", { metadata: { annotations } });
    await world.settle();
    expect(await lastCommand(shop)).toMatchObject({
      action: "unknown",
      outcome: "Refused",
      message: expect.stringContaining('write {"id":'),
    });
    await command(shop, "promote");
    await shop.push("2");
    await untilRouted(running, 10, 30_000);
    expect(await lastCommand(shop)).toMatchObject({ action: "unknown" });
  });
});
