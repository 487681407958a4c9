/** What else selects a shop's pods, while a release runs and after: refused where traffic or safety would be lost. */
import { afterEach, describe, expect, it } from "vitest";
import { decodeEvents } from "../../support/decode.ts";
import { openShop, type RunningShop, untilPhase, untilRouted } from "../../support/running-shop.ts";

let bed: RunningShop;
afterEach(() => bed.world.close());

const post = (path: string, body: object) =>
  bed.world.sandbox.admin.request({ method: "POST", path, body });
const acceptance = async () =>
  (await bed.shop.status()).conditions?.find(({ type }) => type === "Accepted");

describe("a PodDisruptionBudget of the target alone", () => {
  it("is warned of, by condition and Event, and stops nothing", async () => {
    bed = await openShop();
    await post("/apis/policy/v1/namespaces/shop/poddisruptionbudgets", {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "orders" },
      spec: { minAvailable: 1, selector: { matchLabels: { app: "orders" } } },
    });
    await bed.world.settle();
    expect(await acceptance()).toMatchObject({ status: "True" });
    expect((await acceptance())?.message).toMatch(
      /^a fault beyond a limit is rolled back within \d+ s; warning: PodDisruptionBudget shop\/orders selects/,
    );
    await bed.shop.push("2");
    await untilPhase(bed, "Succeeded", 150_000);
    const path = "/api/v1/namespaces/shop/events";
    const events = decodeEvents(await bed.world.sandbox.admin.request({ method: "GET", path }));
    const reasons = events.map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === "AcceptedWithWarning")).toHaveLength(1);
  });
});

describe("a PeerAuthentication in Istio's root namespace for the target alone", () => {
  it("keeps a running release from being raised until it speaks of both", async () => {
    bed = await openShop();
    await bed.shop.push("2");
    await untilRouted(bed, 25, 60_000);
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "istio-system" } };
    await post("/api/v1/namespaces", namespace).catch(() => undefined);
    const policies = "/apis/security.istio.io/v1/namespaces/istio-system/peerauthentications";
    const policy = (app: string) => ({
      apiVersion: "security.istio.io/v1",
      kind: "PeerAuthentication",
      metadata: { name: app },
      spec: { selector: { matchLabels: { app } }, mtls: { mode: "STRICT" } },
    });
    await post(policies, policy("orders"));
    await bed.world.advance(40_000);
    expect(await acceptance()).toMatchObject({ status: "False", reason: "PrimaryNotSelected" });
    expect(await bed.shop.routedWeight()).toBe(25);
    await post(policies, policy("orders-primary"));
    await untilPhase(bed, "Succeeded", 150_000);
    expect(await acceptance()).toMatchObject({ status: "True" });
  });
});
