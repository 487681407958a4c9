/** One service behind two VirtualServices with two rules: all of them move as one step, whatever comes in between. */
import { afterEach, describe, expect, it } from "vitest";
import type { ControllerOptions } from "../../support/controller-process.ts";
import { decodeVirtualService } from "../../support/decode.ts";
import {
  openShop,
  type RunningShop,
  untilPhase,
  untilRolledBack,
} from "../../support/running-shop.ts";
import { createNamespace } from "../../support/shop.ts";
import { canaryWeightIn } from "../../support/shop-view.ts";
import type { World } from "../../support/world.ts";

const path = "/apis/networking.istio.io/v1/namespaces/shop/virtualservices";
/** Names in each notation that means the Service, as Istio resolves them in the VirtualService's namespace. */
const short = "orders";
const full = "orders.shop.svc.cluster.local";

const rule = (name: string, host: string, more: object = {}) => ({
  name,
  ...more,
  route: [
    { destination: { host, subset: "stable" }, weight: 0 },
    { destination: { host, subset: "canary" }, weight: 100 },
  ],
});
const testers = rule("testers", full, { match: [{ headers: { "x-tester": { exact: "1" } } }] });

let open: RunningShop | undefined;
afterEach(() => open?.world.close());

async function edgeOf(world: World, http: readonly object[]): Promise<void> {
  await createNamespace(world);
  await world.sandbox.admin.request({
    method: "POST",
    path,
    body: {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "edge" },
      spec: { hosts: ["orders.example.com"], gateways: ["istio-system/public"], http },
    },
  });
}

async function start(controller: ControllerOptions = {}): Promise<RunningShop> {
  open = await openShop({
    replicas: 2,
    controller,
    otherRules: [testers],
    routeName: "main",
    requestClasses: [{ percent: 30, headers: { "x-tester": "1" } }],
    prepare: (world) => edgeOf(world, [rule("api", short)]),
    spec: {
      stages: [10, 100].map((weight) => ({ weight, minSeconds: 2 })),
      routing: {
        istio: {
          virtualServices: [
            { name: "orders", routes: ["testers", "main"] },
            { name: "edge", routes: ["api"] },
          ],
          propagationSeconds: 1,
        },
      },
    },
  });
  return open;
}

/** Weights of the canary in every managed rule. */
async function weights({ world, shop }: RunningShop): Promise<readonly number[]> {
  const edge = decodeVirtualService(
    await world.sandbox.admin.request({ method: "GET", path: `${path}/edge` }),
  );
  const { spec } = await shop.virtualService();
  const rules = [...spec.http, ...edge.spec.http];
  const objects = rules.map((http) => ({ ...edge, spec: { http: [http] } }));
  return objects.map((object) => canaryWeightIn(object, "orders"));
}

describe("several rules and objects", () => {
  it("carry a good release together, and no request fails", async () => {
    const shop = await start();
    expect(await weights(shop)).toEqual([0, 0, 0]);
    const clients = shop.world.sandbox.mesh.countClients("orders.shop");
    const seen = new Set<string>();
    await shop.shop.push("2");
    await shop.world.until(
      "promoted",
      async () => {
        seen.add((await weights(shop)).join(" "));
        return (await shop.shop.status()).phase === "Succeeded";
      },
      120_000,
    );
    expect([...seen]).toEqual(["0 0 0", "10 10 10", "100 100 100"]);
    expect(clients.stats().failed).toBe(0);
  });

  it("are all taken off a bad version", async () => {
    const shop = await start();
    await shop.shop.push("2", { "sandbox.serin.dev/error-percent": "50" });
    await untilRolledBack(shop, 90_000);
    expect(await weights(shop)).toEqual([0, 0, 0]);
    expect((await shop.shop.status()).release?.rollback?.reason).toBe("MetricLimitExceeded");
  });

  it.each([
    ["good", {}, "Succeeded"],
    ["bad", { "sandbox.serin.dev/error-percent": "50" }, "Failed"],
  ] as const)(
    "come to the same end when a controller dies between them: %s",
    async (_, annotations, phase) => {
      let isPushed = false;
      // Whoever raises the first of the two objects dies before the second.
      const shop = await start({
        intercept: ({ method, path: asked }) =>
          isPushed && method === "PATCH" && asked.includes("/virtualservices/edge")
            ? { kind: "KillBefore" }
            : { kind: "Pass" },
      });
      const { world, process } = shop;
      isPushed = true;
      await shop.shop.push("2", annotations);
      const isApart = async () => new Set(await weights(shop)).size > 1;
      await world.until("apart", isApart, 60_000);
      expect(process.isDead()).toBe(true);
      await world.startController({ identity: "next" });
      await untilPhase(shop, phase, 120_000);
      await world.advance(10_000);
      expect(await weights(shop)).toEqual([0, 0, 0]);
    },
  );
});

describe("a host that is not the Service of this namespace", () => {
  it.each([
    [
      "orders.other.svc.cluster.local",
      "Unsupported",
      /edge.*"api" sends to orders\.other.*a Service of another namespace; let it send to Service orders of namespace shop/,
    ],
    [
      "orders.shop",
      "DestinationMissing",
      /edge.*"api".*Istio does not expand "orders\.shop": write the name alone, or all of it/,
    ],
    ["payments", "DestinationMissing", /edge.*"api" must have the destinations of both versions/],
  ])("is refused with the fix: %s", async (host, reason, says) => {
    const shop = await start();
    const { world } = shop;
    await world.sandbox.admin.request({
      method: "PATCH",
      path: `${path}/edge`,
      patch: "merge",
      body: { spec: { http: [rule("api", host)] } },
    });
    await world.settle();
    const { conditions = [] } = await shop.shop.status();
    const accepted = conditions.find(({ type }) => type === "Accepted");
    expect(accepted).toMatchObject({ status: "False", reason });
    expect(accepted?.message).toMatch(says);
  });
});
