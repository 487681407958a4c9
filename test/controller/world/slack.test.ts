/** Slack hears of a release in order, once each; what is wrong with Slack never changes a release. */
import { afterEach, describe, expect, it } from "vitest";
import type { Payload } from "../../../src/adapters/notify/slack/payload.ts";
import { sayNumber } from "../../../src/adapters/notify/slack/text.ts";
import { decodeEvents } from "../../support/decode.ts";
import { FakeSlack } from "../../support/fake-slack.ts";
import {
  openShop,
  type RunningShop,
  untilPhase,
  untilRolledBack,
} from "../../support/running-shop.ts";
import { createNamespace } from "../../support/shop.ts";
import type { World } from "../../support/world.ts";

const webhook = { slack: { address: "https://hooks.slack.invalid/services/T/B/secret" } };
const bot = {
  slack: { botToken: { name: "slack", key: "token" }, channel: "#releases" },
};
const goodRelease = [
  "ReleaseStarted",
  "StagePassed",
  "StagePassed",
  "StagePassed",
  "StagePassed",
  "Succeeded",
];

interface Story {
  readonly provider?: object;
  readonly severity?: "Info" | "Warning" | "Error";
}

describe("Slack", () => {
  let open: (RunningShop & { readonly slack: FakeSlack }) | undefined;
  afterEach(async () => {
    await open?.world.close();
    open = undefined;
  });

  async function start({ provider = webhook, severity = "Info" }: Story = {}) {
    const slack = new FakeSlack();
    const bed = await openShop({
      controller: { fetch: slack.fetch },
      spec: { alerts: [{ providerRef: { name: "releases" }, severity }] },
      prepare: async (world) => {
        slack.clock = world.clock;
        await createProvider(world, provider);
      },
    });
    open = { ...bed, slack };
    return open;
  }

  it("is told of a good release and of a bad one, with the numbers that people ask for", async () => {
    const { world, shop, slack } = await start();
    expect(slack.reasons).toEqual(["Initialized"]);
    await shop.push("2");
    await untilPhase({ world, shop }, "Succeeded", 150_000);
    await world.advance(15_000);
    expect(slack.reasons.slice(1)).toEqual(goodRelease);
    await shop.push("3", { "sandbox.serin.dev/error-percent": "20" });
    await untilRolledBack({ world, shop }, 150_000);
    await world.settle();
    expect(slack.reasons.slice(7)).toEqual(["ReleaseStarted", "RollbackStarted", "RolledBack"]);
    expect(new Set(slack.ids).size).toBe(slack.ids.length);
    expect(steady(slack.shown("ReleaseStarted"))).toMatchSnapshot("started");
    expect(steady(slack.shown("StagePassed"))).toMatchSnapshot("stage passed");
    expect(steady(slack.shown("Succeeded"))).toMatchSnapshot("succeeded");
    expect(steady(slack.shown("RollbackStarted"))).toMatchSnapshot("rollback started");
    expect(steady(slack.shown("RolledBack"))).toMatchSnapshot("rolled back");
    expect((await shop.status()).outbox ?? []).toEqual([]);
    const { value = Number.NaN } = (await shop.status()).release?.rollback ?? {};
    const measured = `error-rate ${sayNumber(String(value))} % (limit 5 %)`;
    expect(slack.shown("RolledBack")).toContain(measured);
    expect(value).toBeGreaterThan(5);
  });

  it.each([
    { severity: "Warning", told: ["RollbackStarted", "RolledBack"] },
    { severity: "Error", told: ["RolledBack"] },
  ] as const)("is told only what is at least $severity", async ({ severity, told }) => {
    const { world, shop, slack } = await start({ severity });
    await shop.push("2", { "sandbox.serin.dev/error-percent": "20" });
    await untilRolledBack({ world, shop }, 150_000);
    await world.settle();
    expect(slack.reasons).toEqual(told);
    expect((await shop.status()).outbox ?? []).toEqual([]);
  });

  it.each([{ kind: "Down" }, { kind: "Silent" }] as const)(
    "($kind) for twenty minutes hinders no release, and hears of everything afterwards, once and in order",
    async (behaviour) => {
      const { world, shop, slack } = await start();
      slack.behaviour = behaviour;
      await shop.push("2");
      await untilPhase({ world, shop }, "Succeeded", 150_000);
      await world.advance(15_000);
      await shop.push("3", { "sandbox.serin.dev/error-percent": "20" });
      await untilRolledBack({ world, shop }, 60_000);
      expect(await shop.eventReasons()).toContain("RolledBack");
      await world.advance(1_200_000 - world.clock.monotonic());
      const { outbox = [], outboxDropped = 0 } = await shop.status();
      expect(outbox.length).toBeLessThanOrEqual(20);
      expect(outboxDropped).toBe(0);
      slack.behaviour = { kind: "Up" };
      await world.until(
        "everything told",
        async () => ((await shop.status()).outbox ?? []).length === 0,
        301_000,
      );
      expect(slack.reasons.slice(1)).toEqual([
        ...goodRelease,
        "ReleaseStarted",
        "RollbackStarted",
        "RolledBack",
      ]);
      expect(new Set(slack.ids).size).toBe(slack.ids.length);
    },
  );

  it("down for so long that not everything can be kept hears at least of every rollback, in order", async () => {
    const { world, shop, slack } = await start();
    slack.behaviour = { kind: "Down" };
    const versions = ["2", "3", "4", "5", "6", "7", "8", "9"];
    for (const version of versions) {
      await shop.push(version, { "sandbox.serin.dev/error-percent": "20" });
      await world.until(
        `version ${version} rolled back`,
        async () => {
          const { phase, release } = await shop.status();
          const isThis = release?.images[0]?.endsWith(`:${version}`) === true;
          return isThis && phase === "Failed" && release?.rollback?.confirmedAt !== undefined;
        },
        90_000,
      );
      expect((await shop.status()).outbox?.length).toBeLessThanOrEqual(20);
    }
    slack.behaviour = { kind: "Up" };
    await world.advance(301_000);
    const { outbox = [], outboxDropped = 0 } = await shop.status();
    expect(outbox).toEqual([]);
    const told = slack.reasons.slice(1);
    expect(told.filter((reason) => reason === "RolledBack")).toHaveLength(versions.length);
    expect(told.filter((reason) => reason === "RollbackStarted")).toHaveLength(versions.length);
    expect(outboxDropped).toBe(3 * versions.length - told.length);
    const instants = slack.posted.map(({ payload }) => contextOf(payload));
    expect(instants).toEqual(instants.toSorted());
  });

  it("is asked again no sooner than it says", async () => {
    const { world, shop, slack } = await start();
    slack.behaviour = { kind: "Limited", retryAfterSeconds: 100 };
    slack.attempts.length = 0;
    await shop.push("2");
    await untilPhase({ world, shop }, "Succeeded", 150_000);
    await world.advance(200_000);
    const waits = slack.attempts.slice(1).map((at, index) => at - (slack.attempts[index] ?? 0));
    expect(waits.length).toBeGreaterThan(1);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(100_000);
  });

  it("with a missing Secret shows it on the AlertProvider and nowhere else; mended, it hears again", async () => {
    const { world, shop, slack } = await start({ provider: bot });
    const before = await shop.status();
    expect(before.outbox ?? []).toEqual([]);
    expect(JSON.stringify(before)).not.toMatch(/Secret|slack/);
    expect(await eventsOn(world, "AlertProvider")).toEqual([
      {
        name: "releases",
        reason: "NotDelivered",
        message: expect.stringMatching(/Secret shop.slack/),
      },
    ]);
    expect(slack.attempts).toEqual([]);
    await createSecret(world, "xoxb-1");
    await world.advance(60_000);
    await shop.push("2");
    await untilPhase({ world, shop }, "Succeeded", 150_000);
    await world.settle();
    expect(slack.reasons).toEqual(goodRelease);
    expect(slack.posted[0]?.authorization).toBe("Bearer xoxb-1");
    expect(slack.posted[0]?.url).toBe("https://slack.com/api/chat.postMessage");
  });

  it("that is named wrongly is told on the Canary; the release goes on", async () => {
    const { world, shop, slack } = await start();
    await shop.patch("canary", {
      spec: { alerts: [{ providerRef: { name: "relases" }, severity: "Info" }] },
    });
    await shop.push("2");
    await untilPhase({ world, shop }, "Succeeded", 150_000);
    expect(slack.reasons).toEqual(["Initialized"]);
    expect(await eventsOn(world, "Canary")).toContainEqual({
      name: "orders",
      reason: "NotDelivered",
      message: "there is no AlertProvider relases in namespace shop",
    });
  });

  it("that refuses the token shows it on the AlertProvider; the release goes on", async () => {
    const { world, shop, slack } = await start({ provider: bot });
    await createSecret(world, "xoxb-revoked");
    await world.advance(60_000);
    slack.behaviour = { kind: "Refuses", error: "token_revoked" };
    await shop.push("2");
    await untilPhase({ world, shop }, "Succeeded", 150_000);
    await world.settle();
    const messages = (await eventsOn(world, "AlertProvider")).map(({ message }) => message);
    expect(messages).toContainEqual(expect.stringMatching(/token_revoked/));
    expect(messages.join(" ")).not.toContain("xoxb");
    expect((await shop.status()).outbox ?? []).toEqual([]);
  });

  it("hears of a message again under the same id when the process dies before it is written down", async () => {
    const { world, shop, slack, process } = await start();
    await shop.push("2");
    await world.until("started is told", () => slack.reasons.includes("ReleaseStarted"), 30_000);
    process.kill();
    await world.startController({ fetch: slack.fetch });
    await untilPhase({ world, shop }, "Succeeded", 200_000);
    await world.settle();
    expect([...new Set(slack.ids)]).toHaveLength(1 + goodRelease.length);
  });
});

async function createProvider(world: World, spec: object): Promise<void> {
  await createNamespace(world);
  await world.sandbox.admin.request({
    method: "POST",
    path: "/apis/serin.dev/v1alpha1/namespaces/shop/alertproviders",
    body: {
      apiVersion: "serin.dev/v1alpha1",
      kind: "AlertProvider",
      metadata: { name: "releases" },
      spec,
    },
  });
}

async function createSecret(world: World, token: string): Promise<void> {
  await world.sandbox.admin.request({
    method: "POST",
    path: "/api/v1/namespaces/shop/secrets",
    body: {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "slack" },
      data: { token: Buffer.from(token).toString("base64") },
    },
  });
}

async function eventsOn(world: World, kind: string) {
  const path = "/api/v1/namespaces/shop/events";
  const events = decodeEvents(await world.sandbox.admin.request({ method: "GET", path }));
  return events
    .filter(({ involvedObject }) => involvedObject?.kind === kind)
    .map(({ involvedObject, reason, message }) => ({
      name: involvedObject?.name,
      reason,
      message,
    }));
}

/** The instant that a message ends with. */
function contextOf({ blocks }: Payload): string {
  const context = blocks.find((block) => block.type === "context");
  return context?.elements[0]?.text.split(" · ").at(-1) ?? "";
}

/** Without what depends on chance: the release's hash, what was measured, and how long it took. */
function steady(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{16}-\d+/g, "HASH")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "INSTANT")
    .replaceAll(/[\d.]+ (%|ms) (of|over) \d+ requests/g, "N $1 $2 N requests")
    .replaceAll(/(error-rate|over) [\d.]+/g, "$1 N")
    .replaceAll(/\b[\d.]+ s\b/g, "N s");
}
