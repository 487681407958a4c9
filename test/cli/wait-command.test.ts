/** `serin wait` beside the real controller: it waits for its own push, whatever ended before and whatever comes after. */
import { afterEach, describe, expect, it } from "vitest";
import type { ClusterAccess } from "../../src/cli/cluster-access.ts";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import { waitForRelease } from "../../src/cli/wait-command.ts";
import { clusterOf, createOutput, observeEnd } from "../support/cli-cluster.ts";
import { openShop, type RunningShop, untilRouted } from "../support/running-shop.ts";
import type { World } from "../support/world.ts";

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

const shortStages = [
  { weight: 50, minSeconds: 2 },
  { weight: 100, minSeconds: 2 },
];

async function open(
  spec: Readonly<Record<string, unknown>> = { stages: shortStages },
): Promise<RunningShop> {
  const running = await openShop({ spec });
  worlds.push(running.world);
  return running;
}

interface Options {
  readonly timeoutMs?: number;
  readonly isPatient?: boolean;
  readonly cluster?: Partial<ClusterAccess>;
}

function wait({ world }: Pick<RunningShop, "world">, options: Options = {}) {
  const stdout = createOutput();
  const { timeoutMs = 0, isPatient = false, cluster = {} } = options;
  const running = waitForRelease(clusterOf(world, cluster), {
    name: "orders",
    timeoutMs,
    isPatient,
    stdout,
  });
  const { ended } = observeEnd(running);
  return {
    stdout,
    ended,
    end: async (withinMs = 120_000) => {
      await world.settle();
      if (ended() === undefined) await world.until("end", () => ended() !== undefined, withinMs);
      return ended() ?? { code: -1, message: "" };
    },
  };
}

const command = (world: World, action: "pause" | "resume") =>
  world.sandbox.admin.request({
    method: "PATCH",
    path: "/apis/serin.dev/v1alpha1/namespaces/shop/canaries/orders",
    patch: "merge",
    body: {
      metadata: {
        annotations: { "serin.dev/command": JSON.stringify({ id: action, action, by: "jane" }) },
      },
    },
  });

describe("a wait", () => {
  it("ends with 0 when its push is promoted, and shows each stage once, over cut watches", async () => {
    const { world, shop } = await open();
    await shop.push("2");
    const waiting = wait({ world });
    await untilRouted({ world, shop }, 50, 60_000);
    world.sandbox.api.cutWatches();
    world.sandbox.api.compact();
    expect(await waiting.end()).toMatchObject({ code: exitCodes.done });
    const text = waiting.stdout.text();
    expect(text).toContain("orders is promoted, after ");
    for (const stage of ["1/2", "2/2"]) expect(text).toContain(stage);
    expect(text).toContain("Promoting");
    const lines = waiting.stdout.lines();
    expect(new Set(lines).size).toBe(lines.length);
  });

  it("ends with 0 at once for a template that serves already", async () => {
    const running = await open();
    const waiting = wait(running);
    expect(await waiting.end(1_000)).toMatchObject({ code: exitCodes.done });
    expect(waiting.stdout.text()).toContain("this template serves already");
  });

  it("does not take the end of the release before for its own", async () => {
    const { world, shop, process } = await open();
    await process.stop();
    await shop.push("2");
    const waiting = wait({ world });
    await world.advance(31_000);
    expect(waiting.ended()).toBeUndefined();
    expect(waiting.stdout.text()).toContain("waiting for the controller to look at generation");
    expect(waiting.stdout.text()).toContain("no controller has looked at it for 30s");
    await world.startController();
    expect(await waiting.end()).toMatchObject({ code: exitCodes.done });
  });

  it("ends with 1 when its push fails, and says why; and again for the same template", async () => {
    const { world, shop } = await open();
    await shop.push("2", { "sandbox.serin.dev/error-percent": "50" });
    const { code, message } = await wait({ world }).end();
    expect(code).toBe(exitCodes.failed);
    expect(message).toMatch(/^the release of orders failed: MetricLimitExceeded: error-rate: /);
    expect(message).toContain("it gets no live requests any more");
    expect(await wait({ world }).end(5_000)).toMatchObject({ code: exitCodes.failed });
  });

  it("ends with 6 when another push comes, and the wait for that one with 0", async () => {
    const { world, shop } = await open();
    await shop.push("2");
    const first = wait({ world });
    await untilRouted({ world, shop }, 50, 60_000);
    await shop.push("3");
    const second = wait({ world });
    expect(await first.end()).toMatchObject({
      code: exitCodes.overtaken,
      message: expect.stringContaining("superseded"),
    });
    expect(await second.end()).toMatchObject({ code: exitCodes.done });
  });

  it("ends with 6 when its push is taken back, and the wait for the way back with 0", async () => {
    const { world, shop } = await open();
    await shop.push("2");
    const first = wait({ world });
    await untilRouted({ world, shop }, 50, 60_000);
    const containers = [{ name: "app", image: "example.com/orders:1" }];
    const template = { metadata: { annotations: null }, spec: { containers } };
    await shop.patch("deployment", { spec: { template } });
    const back = wait({ world });
    expect(await first.end()).toMatchObject({
      code: exitCodes.overtaken,
      message: expect.stringContaining("reverted"),
    });
    expect(await back.end()).toMatchObject({ code: exitCodes.done });
  });

  it("ends with 4 when the spec is not accepted, and names the reason", async () => {
    const { world, shop } = await open();
    await shop.patch("canary", { spec: { analysis: { intervalSeconds: 300 } } });
    await shop.push("2");
    await world.advance(1_000);
    const { code, message } = await wait({ world }).end(5_000);
    expect(code).toBe(exitCodes.needsHuman);
    expect(message).toContain("RollbackBoundExceeded");
    expect(message).toContain("See: serin get orders -n shop");
  });

  it("gives what is not there a moment to come, then ends with 4", async () => {
    const { world, shop } = await open();
    await shop.patch("canary", {
      spec: { routing: { istio: { virtualServices: [{ name: "elsewhere" }] } } },
    });
    await shop.push("2");
    await world.advance(1_000);
    const waiting = wait({ world });
    await world.advance(14_000);
    expect(waiting.ended()).toBeUndefined();
    expect(await waiting.end(2_000)).toMatchObject({
      code: exitCodes.needsHuman,
      message: expect.stringContaining("VirtualServiceNotFound"),
    });
  });

  it("ends with 3 at its timeout, while the release goes on", async () => {
    const { world, shop } = await open();
    await shop.push("2");
    const waiting = wait({ world }, { timeoutMs: 3_000 });
    await world.settle();
    await world.advance(2_999);
    expect(waiting.ended()).toBeUndefined();
    expect(await waiting.end(10)).toMatchObject({
      code: exitCodes.timedOut,
      message: expect.stringContaining("orders is not promoted after 3s; the release goes on: "),
    });
    await world.until("promoted", async () => (await shop.status()).phase === "Succeeded", 90_000);
  });

  it("ends with 4 when the release waits for a human, unless it is told to keep waiting", async () => {
    const { world, shop } = await open();
    await shop.push("2");
    await untilRouted({ world, shop }, 50, 60_000);
    await command(world, "pause");
    await world.advance(1_000);
    const { code, message } = await wait({ world }).end(5_000);
    expect(code).toBe(exitCodes.needsHuman);
    expect(message).toMatch(/^the release of orders needs a human: Paused: .*serin resume orders/);
    const patient = wait({ world }, { isPatient: true });
    await world.advance(60_000);
    expect(patient.ended()).toBeUndefined();
    await command(world, "resume");
    expect(await patient.end()).toMatchObject({ code: exitCodes.done });
  });

  it("ends with 4 when it cannot read what the controller says", async () => {
    const { world } = await open();
    const { transport } = clusterOf(world);
    const request: typeof transport.request = async (one) => {
      const text = JSON.stringify(await transport.request(one));
      const answer: unknown = JSON.parse(text.replaceAll('"Initialized"', '"Celebrating"'));
      return answer;
    };
    const newer = { ...transport, request };
    expect(await wait({ world }, { cluster: { transport: newer } }).end()).toMatchObject({
      code: exitCodes.needsHuman,
      message: expect.stringContaining("of another version than this serin"),
    });
  });

  it("ends with 130 when it is interrupted", async () => {
    const { world, shop } = await open();
    await shop.push("2");
    const stop = new AbortController();
    const waiting = wait({ world }, { cluster: { signal: stop.signal } });
    await world.advance(2_000);
    stop.abort();
    expect(await waiting.end(10)).toMatchObject({ code: exitCodes.interrupted });
  });

  it("ends with 1 when the Canary is deleted, or is not there", async () => {
    const { world, shop, process } = await open();
    await shop.push("2");
    const waiting = wait({ world });
    await world.advance(1_000);
    process.kill();
    const path = "/apis/serin.dev/v1alpha1/namespaces/shop/canaries/orders";
    await shop.patch("canary", { metadata: { finalizers: null } });
    await world.sandbox.admin.request({ method: "DELETE", path });
    expect(await waiting.end(5_000)).toMatchObject({ code: exitCodes.failed });
    expect(await wait({ world }).end(5_000)).toMatchObject({
      code: exitCodes.failed,
      message: expect.stringContaining("Canary orders is not in namespace shop"),
    });
  });
});
