/** Services without routes of their own: Serin generates them, keeps them, and drives them as if they were adopted. */
import { afterEach, describe, expect, it } from "vitest";
import type { ControllerOptions } from "../../support/controller-process.ts";
import { deleteCanary, exists, untilGone } from "../../support/farewell.ts";
import { isLeaseRequest, outcomeOf, type Run, runRelease } from "../../support/release-run.ts";
import {
  openShop,
  type RunningShop,
  untilPhase,
  untilRolledBack,
  untilRouted,
} from "../../support/running-shop.ts";
import { followWeights } from "../../support/weight-history.ts";

const istio = "/apis/networking.istio.io/v1/namespaces/shop";

describe("a release over generated routes", () => {
  let run: Run | undefined;
  afterEach(() => run?.world.close());

  const stages = [10, 100].map((weight) => ({ weight, minSeconds: 2 }));

  const release = (version: "good" | "bad", hasService: boolean) =>
    runRelease({ version, shop: { form: "generate", hasService, replicas: 2, spec: { stages } } });

  it.each([
    ["the owner's Service", true],
    ["no Service but its own", false],
  ])("ends as over adopted ones, with %s", async (_, hasService) => {
    run = await release("good", hasService);
    const outcome = { phase: "Succeeded", weights: [0, 10, 100, 0], services: ["orders"] };
    expect(await outcomeOf(run)).toMatchObject(outcome);
    expect(run.failedRequests).toBe(0);
  });

  it("takes a bad version off", async () => {
    run = await release("bad", true);
    const outcome = { phase: "Failed", weights: [0, 10, 0], failure: "MetricLimitExceeded" };
    expect(await outcomeOf(run)).toMatchObject(outcome);
  });
});

describe("generated routes", () => {
  let open: RunningShop | undefined;
  afterEach(() => open?.world.close());

  async function progress(): Promise<RunningShop> {
    open = await openShop({
      form: "generate",
      spec: { stages: [{ weight: 25, minSeconds: 60 }, { weight: 100 }] },
    });
    await open.shop.push("2");
    await untilRouted(open, 25, 30_000);
    return open;
  }
  const rule = async ({ shop }: RunningShop) => (await shop.virtualService()).spec.http[0];

  it("are mended in the middle of a stage, which keeps its weight", async () => {
    const shop = await progress();
    const clients = shop.world.sandbox.mesh.countClients("orders.shop");
    const http = [{ ...(await rule(shop)), timeout: "1s" }];
    await shop.shop.patch("virtualservice", { spec: { http } });
    await shop.world.sandbox.admin.request({
      method: "PATCH",
      path: `${istio}/destinationrules/orders`,
      patch: "merge",
      body: { spec: { trafficPolicy: { outlierDetection: { maxEjectionPercent: 100 } } } },
    });
    await shop.world.settle();
    expect(JSON.stringify(await rule(shop))).not.toContain("timeout");
    const rules = await shop.world.sandbox.admin.request({
      method: "GET",
      path: `${istio}/destinationrules/orders`,
    });
    expect(rules).toMatchObject({
      spec: { trafficPolicy: { outlierDetection: { maxEjectionPercent: 50 } } },
    });
    await shop.world.advance(5_000);
    expect(await shop.shop.routedWeight()).toBe(25);
    expect((await shop.shop.status()).phase).toBe("Progressing");
    expect(clients.stats().failed).toBe(0);
  });

  it("are made again without weight when somebody deletes them, and the release begins again", async () => {
    const shop = await progress();
    await shop.world.advance(4_000);
    const clients = shop.world.sandbox.mesh.countClients("orders.shop");
    const { stage: before } = (await shop.shop.status()).release ?? {};
    const weights = followWeights(shop.world);
    await shop.world.settle();
    await shop.world.sandbox.admin.request({
      method: "DELETE",
      path: `${istio}/virtualservices/orders`,
    });
    await shop.world.settle();
    await untilRouted(shop, 25, 60_000);
    expect(weights.stop()).toEqual([25, 0, 25]);
    expect((await shop.shop.status()).release?.stage?.enteredAt).not.toBe(before?.enteredAt);
    expect(clients.stats().failed).toBe(0);
  });

  it("take a bad version off though somebody has deleted them meanwhile", async () => {
    const shop = await progress();
    await shop.shop.push("3", { "sandbox.serin.dev/error-percent": "60" });
    await untilRouted(shop, 0, 10_000);
    await untilRouted(shop, 25, 30_000);
    const remove = { method: "DELETE", path: `${istio}/virtualservices/orders` } as const;
    await shop.world.sandbox.admin.request(remove);
    await untilRolledBack(shop, 120_000);
    expect(await shop.shop.routedWeight()).toBe(0);
  });

  it("go when the Canary goes, and leave the Service with its clients", async () => {
    open = await openShop({ form: "generate", hasService: false });
    const { world } = open;
    const clients = world.sandbox.mesh.countClients("orders.shop");
    await deleteCanary(world);
    await untilGone(world);
    await world.advance(10_000);
    for (const path of [`${istio}/virtualservices/orders`, `${istio}/destinationrules/orders`])
      expect(await exists(world, path)).toBe(false);
    expect((await open.shop.deployment("target")).spec.replicas).toBe(3);
    expect(clients.stats().failed).toBe(0);
    expect(clients.stats().byWorkload["orders"]?.lastRequestAt).toBeGreaterThan(
      world.clock.now() - 2_000,
    );
  });

  it("go before their subsets: proxies that hear of a deletion late fail no request", async () => {
    open = await openShop({ form: "generate", requestsPerSecond: 100, routesLateMs: 700 });
    const { world } = open;
    const clients = world.sandbox.mesh.countClients("orders.shop");
    await deleteCanary(world);
    await untilGone(world);
    await world.advance(10_000);
    expect(await exists(world, `${istio}/destinationrules/orders`)).toBe(false);
    expect(clients.stats()).toMatchObject({ failed: 0, failures: {} });
  });

  it("go before their subsets also where the API server goes away between the two", async () => {
    let endsAt: number | undefined;
    const intercept: ControllerOptions["intercept"] = (request) => {
      if (request.write === 0 || isLeaseRequest(request)) return { kind: "Pass" };
      if (endsAt === undefined && request.body.includes('"step":"Clear"')) {
        endsAt = request.at + 20_000;
        return { kind: "Pass" };
      }
      const isAway = endsAt !== undefined && request.at < endsAt;
      return isAway ? { kind: "CloseBefore" } : { kind: "Pass" };
    };
    open = await openShop({ form: "generate", controller: { intercept } });
    const { world, process } = open;
    await deleteCanary(world);
    await untilGone(world);
    const after = process.writes.filter(
      (write) => write.at >= (endsAt ?? Number.NaN) && !isLeaseRequest(write),
    );
    const removal = after.find(({ path }) => path.endsWith("/destinationrules/orders"));
    // Until then the mesh may have heard as little as Serin could say: `propagationSeconds` begin again.
    expect((removal?.at ?? 0) - (after[0]?.at ?? Number.NaN)).toBeGreaterThanOrEqual(1_000);
  });

  it("are refused beside somebody's, who is told how to go on, and taken up once that is gone", async () => {
    const path = `${istio}/virtualservices`;
    open = await openShop({ form: "generate" });
    const { world, shop } = open;
    await world.sandbox.admin.request({
      method: "POST",
      path,
      body: {
        apiVersion: "networking.istio.io/v1",
        kind: "VirtualService",
        metadata: { name: "mine" },
        spec: { hosts: ["orders"], http: [{ route: [{ destination: { host: "orders" } }] }] },
      },
    });
    await world.settle();
    const { conditions = [] } = await shop.status();
    const accepted = conditions.find(({ type }) => type === "Accepted");
    expect(accepted).toMatchObject({ status: "False", reason: "NameTaken" });
    expect(accepted?.message).toContain("VirtualService shop/mine is for Service orders");
    await world.sandbox.admin.request({ method: "DELETE", path: `${path}/mine` });
    await world.settle();
    await shop.push("2");
    await untilPhase({ world, shop }, "Succeeded", 150_000);
  });
});
