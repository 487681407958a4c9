/** The example of a service without routes, as a user applies it, in a world with the shipped templates. */
import { DestinationRule } from "@kubernetes-models/istio/networking.istio.io/v1/DestinationRule";
import { VirtualService } from "@kubernetes-models/istio/networking.istio.io/v1/VirtualService";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readManifests } from "../support/manifests.ts";
import { createWorld, type World } from "../support/world.ts";

const example = readManifests("deploy/examples/payment-service");
const plurals: Readonly<Record<string, string>> = { Deployment: "deployments", Canary: "canaries" };
const at = (group: string, plural: string) =>
  `/apis/${group}/namespaces/payment-prod/${plural}/payment-service`;

describe("the example payment-service", () => {
  let world: World;
  const get = (path: string) => world.sandbox.admin.request({ method: "GET", path });

  beforeAll(async () => {
    world = await createWorld();
    for (const { object } of example) {
      const { apiVersion, kind } = object;
      const path =
        kind === "Namespace"
          ? "/api/v1/namespaces"
          : `/apis/${apiVersion}/namespaces/payment-prod/${plurals[kind]}`;
      await world.sandbox.admin.request({ method: "POST", path, body: object });
    }
    await world.advance(3_000);
    await world.startController();
    await world.settle();
  });
  afterAll(() => world.close());

  it("is accepted, and gets routes that Istio's schemas take", async () => {
    const rule = await get(at("networking.istio.io/v1", "destinationrules"));
    const route = await get(at("networking.istio.io/v1", "virtualservices"));
    expect(rule).toMatchObject({
      spec: { trafficPolicy: { outlierDetection: { maxEjectionPercent: 30 } } },
    });
    expect(route).toMatchObject({ spec: { http: [{ timeout: "10s" }] } });
    for (const [Kind, object] of [
      [DestinationRule, rule],
      [VirtualService, route],
    ] as const) {
      const { metadata, spec } = JSON.parse(JSON.stringify(object));
      const { name, namespace, labels, annotations } = metadata;
      const bare = new Kind({ metadata: { name, namespace, labels, annotations }, spec });
      expect(() => bare.validate()).not.toThrow();
    }
  });

  it("gets a Service by which its callers reach it", async () => {
    const service = await get("/api/v1/namespaces/payment-prod/services/payment-service");
    expect(service).toMatchObject({
      spec: { selector: { service: "payment-service" }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    const clients = world.sandbox.mesh.countClients("payment-service.payment-prod");
    await world.advance(5_000);
    expect(clients.stats().requests).toBeGreaterThan(100);
    expect(clients.stats().failed).toBe(0);
  });
});
