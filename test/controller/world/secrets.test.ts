/** What Secrets hold is sent where their objects say, and is nowhere else to be found: no status, Event, log line or metric. */
import { afterEach, describe, expect, it } from "vitest";
import {
  openShop,
  type RunningShop,
  untilIdle,
  untilRolledBack,
} from "../../support/running-shop.ts";
import { createNamespace } from "../../support/shop.ts";
import type { World } from "../../support/world.ts";

const token = "xoxb-s3cret-word-in-a-token";
const address = "https://hooks.example/s3cret-word-in-an-address";

const encode = (text: string): string => Buffer.from(text).toString("base64");

async function create(world: World, path: string, body: object): Promise<void> {
  await world.sandbox.admin.request({ method: "POST", path, body });
}

async function createProviders(world: World): Promise<void> {
  await createNamespace(world);
  await create(world, "/api/v1/namespaces/shop/secrets", {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "told" },
    data: { token: encode(token), address: encode(address) },
  });
  const specs = {
    slack: { slack: { botToken: { name: "told", key: "token" }, channel: "#releases" } },
    webhook: {
      webhook: {
        secretRef: { name: "told", key: "address" },
        bearerToken: { name: "told", key: "token" },
      },
    },
    odd: { webhook: { secretRef: { name: "told", key: "constructor" } } },
  };
  for (const [name, spec] of Object.entries(specs))
    await create(world, "/apis/serin.dev/v1alpha1/namespaces/shop/alertproviders", {
      apiVersion: "serin.dev/v1alpha1",
      kind: "AlertProvider",
      metadata: { name },
      spec,
    });
}

/** Everything that somebody could read there, but for the Secret itself and its managed fields. */
async function everythingIn(world: World): Promise<string> {
  const paths = [
    "/api/v1/namespaces/shop/events",
    "/api/v1/namespaces/shop/pods",
    "/apis/apps/v1/namespaces/shop/deployments",
    "/apis/apps/v1/namespaces/shop/controllerrevisions",
    "/apis/serin.dev/v1alpha1/namespaces/shop/canaries",
    "/apis/serin.dev/v1alpha1/namespaces/shop/alertproviders",
    "/apis/networking.istio.io/v1/namespaces/shop/virtualservices",
  ];
  const answers = await Promise.all(
    paths.map((path) => world.sandbox.admin.request({ method: "GET", path })),
  );
  return JSON.stringify([answers, world.log.lines]);
}

describe("what Secrets hold", () => {
  let open: RunningShop | undefined;
  afterEach(async () => {
    await open?.world.close();
    open = undefined;
  });

  it("is found nowhere but where it was sent, whatever those who are told make of it", async () => {
    const sent: string[] = [];
    const answers: readonly (() => Response)[] = [
      () => Response.json({ ok: false, error: token }),
      () => new Response(`no such hook: ${address}`, { status: 404 }),
      () => new Response(token, { status: 500, headers: { "retry-after": token } }),
      () => new Response("", { status: 302, headers: { location: address } }),
      () => {
        throw new TypeError(`${address}: bad header ${token}`, { cause: new Error(token) });
      },
    ];
    const bed = await openShop({
      prepare: createProviders,
      spec: {
        alerts: ["slack", "webhook", "odd"].map((name) => ({
          providerRef: { name },
          severity: "Info",
        })),
      },
      controller: {
        async fetch(input, init) {
          const request = new Request(input, init);
          sent.push(`${request.url} ${request.headers.get("authorization")}`);
          const answer = answers[sent.length % answers.length];
          return answer?.() ?? new Response("ok");
        },
      },
    });
    open = bed;
    await untilIdle(bed.world, bed.shop);
    await bed.shop.push("2", { "sandbox.serin.dev/error-percent": "30" });
    await untilRolledBack(bed, 150_000);
    await bed.world.advance(30_000);
    expect(
      sent.some((one) => one === `https://slack.com/api/chat.postMessage Bearer ${token}`),
    ).toBe(true);
    expect(sent.some((one) => one === `${address} Bearer ${token}`)).toBe(true);
    const everything = await everythingIn(bed.world);
    expect(everything).toContain("RolledBack");
    expect(everything).toContain("Secret told has no key constructor");
    for (const text of ["s3cret-word", encode(token), encode(address)])
      expect(everything).not.toContain(text);
  });
});
