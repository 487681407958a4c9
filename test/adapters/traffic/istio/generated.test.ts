import { beforeEach, describe, expect, it } from "vitest";
import { GeneratedRouting } from "../../../../src/api/generated-routing.ts";
import { known } from "../../../../src/core/fact.ts";
import type { RouteScope } from "../../../../src/ports/traffic-router.ts";
import {
  scope as adopted,
  createMeshBed,
  destinationRule,
  istioPath,
  type MeshBed,
  service,
  servicePath,
  subsetRoute,
  virtualService,
} from "./mesh-bed.ts";

const route = istioPath("virtualservices", "orders");
const rule = istioPath("destinationrules", "orders");
const apex = servicePath("orders");

function generating(generate: object = {}, more: Partial<RouteScope> = {}): RouteScope {
  return {
    ...adopted,
    ports: { name: "http", port: 80, targetPort: 8080 },
    selector: { label: "app", value: "orders", shared: { part: "orders", team: "shop" } },
    routing: { istio: { generate: GeneratedRouting.parse(generate), propagationSeconds: 5 } },
    ...more,
  };
}
const scope = generating();

let bed: MeshBed;
beforeEach(async () => {
  bed = await createMeshBed();
});

const writes = () => bed.requests.filter((request) => !request.startsWith("GET"));
const facts = (asked = scope) => {
  const fact = bed.router.observe(asked);
  if (fact.kind !== "Known") throw new Error(JSON.stringify(fact));
  return fact.value;
};
async function make(asked = scope, canaryWeight = 0): Promise<void> {
  await bed.router.createObjects(asked, canaryWeight);
  await bed.settle();
  bed.requests.length = 0;
}
const rulesOf = async () => (await bed.read(route)).spec.http;

describe("what is generated", () => {
  it("is missing until it is made, and made in an order in which nothing sends to nowhere", async () => {
    expect(facts()).toMatchObject({
      canaryWeight: 0,
      isUniform: false,
      missingObjects: ["Service orders", "DestinationRule orders", "VirtualService orders"],
    });
    await bed.router.createObjects(scope, 100);
    expect(writes()).toEqual([`PATCH ${apex}`, `PATCH ${rule}`, `PATCH ${route}`]);
    expect(facts()).toMatchObject({ canaryWeight: 100, isUniform: true, missingObjects: [] });
    await bed.router.createObjects(scope, 0);
    expect(writes()).toHaveLength(3);
  });

  it("is one Service for both versions, their subsets with bounds, and one rule", async () => {
    await make(scope, 100);
    expect((await bed.read(apex)).spec).toMatchObject({
      selector: { part: "orders" },
      ports: [{ name: "http", port: 80, targetPort: 8080 }],
    });
    expect((await bed.read(rule)).spec).toEqual({
      host: "orders",
      trafficPolicy: {
        connectionPool: {
          tcp: { maxConnections: 4096, connectTimeout: "5s" },
          http: { http1MaxPendingRequests: 1024, http2MaxRequests: 4096 },
        },
        outlierDetection: {
          consecutive5xxErrors: 5,
          interval: "10s",
          baseEjectionTime: "30s",
          maxEjectionPercent: 50,
        },
      },
      subsets: [
        { name: "stable", labels: { app: "orders-primary" } },
        { name: "canary", labels: { app: "orders" } },
      ],
    });
    expect((await bed.read(route)).spec).toEqual({
      hosts: ["orders"],
      gateways: ["mesh"],
      http: [{ name: "primary", route: subsetRoute(0, 100) }],
    });
  });

  it("has nobody's tracking labels and no owner whose end would take it along", async () => {
    await make();
    for (const path of [apex, rule, route]) {
      const { metadata } = await bed.read(path);
      expect(metadata.labels).toEqual({
        "serin.dev/canary": "orders",
        "app.kubernetes.io/managed-by": "serin",
      });
      expect(Object.keys(metadata.annotations)).toEqual(["serin.dev/generated-hash"]);
      expect(metadata.ownerReferences).toBeUndefined();
    }
  });

  it("says what the spec says", async () => {
    const match = [{ uri: { prefix: "/api" }, headers: { "x-version": { exact: "2" } } }];
    await make(
      generating({
        hosts: ["orders.example.com"],
        gateways: ["mesh", "istio-system/public"],
        match,
        timeout: "10s",
        trafficPolicy: { outlierDetection: { maxEjectionPercent: 20 }, tls: {} },
      }),
    );
    expect((await bed.read(route)).spec).toMatchObject({
      hosts: ["orders.example.com", "orders"],
      gateways: ["mesh", "istio-system/public"],
      http: [{ match, timeout: "10s" }],
    });
    expect((await bed.read(rule)).spec.trafficPolicy).toMatchObject({
      outlierDetection: { maxEjectionPercent: 20, consecutive5xxErrors: 5 },
      tls: { mode: "ISTIO_MUTUAL" },
    });
  });

  it("leaves the Service's own name out for callers of a gateway alone", async () => {
    await make(generating({ hosts: ["orders.example.com"], gateways: ["istio-system/public"] }));
    expect((await bed.read(route)).spec.hosts).toEqual(["orders.example.com"]);
  });

  it("is no Service where users have one that serves both versions", async () => {
    const theirs = service({ tier: "web" });
    await bed.create(theirs);
    await make();
    expect((await bed.read(apex)).spec.selector).toEqual({ tier: "web" });
    expect((await bed.read(apex)).metadata.labels).toBeUndefined();
    expect(facts().missingObjects).toEqual([]);
  });

  it("gets weights and mirrors by the patches that adopted routes get", async () => {
    await make();
    await bed.router.raise(scope, 25, facts().resourceVersions);
    expect(bed.bodies.at(-1)).toContainEqual({
      op: "add",
      path: "/spec/http/0/route/1/weight",
      value: 25,
    });
    expect(facts()).toMatchObject({ canaryWeight: 25, isUniform: true, missingObjects: [] });
    await bed.router.mirror(scope, 10, facts().resourceVersions);
    expect(facts()).toMatchObject({ mirror: { percentage: 10 }, missingObjects: [] });
    await bed.router.lower(scope, 0);
    expect(facts()).toMatchObject({ canaryWeight: 0, mirror: undefined, missingObjects: [] });
  });
});

describe("drift of what is generated", () => {
  const http = (more: object, weights: readonly [number, number] = [75, 25]) => ({
    spec: { http: [{ name: "primary", route: subsetRoute(...weights), ...more }] },
  });

  it.each([
    ["a retry", "VirtualService", route, http({ retries: { attempts: 3 } })],
    ["a renamed rule", "VirtualService", route, http({ name: "main" })],
    ["a foreign mirror", "VirtualService", route, http({ mirror: { host: "audit" } })],
    ["other hosts", "VirtualService", route, { spec: { hosts: ["other"] } }],
    [
      "other bounds",
      "DestinationRule",
      rule,
      {
        spec: { trafficPolicy: { outlierDetection: { maxEjectionPercent: 100 } } },
      },
    ],
    [
      "a third subset",
      "DestinationRule",
      rule,
      {
        spec: { subsets: [{ name: "canary", labels: { app: "x" } }] },
      },
    ],
    [
      "another port",
      "Service",
      apex,
      {
        spec: { ports: [{ name: "http", port: 80, targetPort: 9090 }] },
      },
    ],
    ["another selector", "Service", apex, { spec: { selector: { part: "payments" } } }],
  ])("is mended, and the weights stay as they are: %s", async (_, kind, path, change) => {
    await make();
    await bed.router.raise(scope, 25, facts().resourceVersions);
    const before = await bed.read(path);
    bed.requests.length = 0;
    await bed.client.mergePatch(path, change);
    await bed.settle();
    expect(facts().missingObjects).toEqual([`${kind} orders`]);
    await bed.router.createObjects(scope, 0);
    expect(writes()).toEqual([`PATCH ${path}`]);
    expect((await bed.read(path)).spec).toEqual(before.spec);
    expect(facts()).toMatchObject({ canaryWeight: 25, isUniform: true, missingObjects: [] });
  });

  it("is not what others add beside it", async () => {
    await make();
    await bed.client.mergePatch(apex, { metadata: { annotations: { note: "mine" } } });
    await bed.client.mergePatch(rule, { spec: { trafficPolicy: { tls: { mode: "DISABLE" } } } });
    await bed.client.mergePatch(route, { metadata: { labels: { team: "shop" } } });
    await bed.settle();
    expect(facts().missingObjects).toEqual([]);
  });

  it("is also what is not asked for any more", async () => {
    await make(generating({ timeout: "3s", trafficPolicy: { tls: { mode: "DISABLE" } } }));
    expect(facts().missingObjects).toEqual(["DestinationRule orders", "VirtualService orders"]);
    await make();
    expect((await rulesOf())[0].timeout).toBeUndefined();
    expect((await bed.read(rule)).spec.trafficPolicy.tls).toBeUndefined();
  });

  it("is never mended over a weight that was written since the look", async () => {
    await make();
    await bed.router.raise(scope, 25, facts().resourceVersions);
    await bed.client.mergePatch(route, http({ timeout: "1s" }));
    await bed.settle();
    bed.intercept(async ({ method }) => {
      if (method === "PATCH") {
        await bed.client.mergePatch(route, http({ timeout: "1s" }, [100, 0]));
      }
      return undefined;
    });
    await expect(bed.router.createObjects(scope, 0)).rejects.toMatchObject({ reason: "Conflict" });
    expect((await rulesOf())[0].route).toEqual(subsetRoute(100, 0));
    bed.intercept(() => Promise.resolve(undefined));
    await bed.router.createObjects(scope, 0);
    expect(await rulesOf()).toEqual([{ name: "primary", route: subsetRoute(100, 0) }]);
  });

  it("that takes the route away is no hindrance to take the traffic off", async () => {
    await make();
    await bed.router.raise(scope, 25, facts().resourceVersions);
    await bed.client.delete(route);
    await bed.settle();
    expect(facts()).toMatchObject({ canaryWeight: 0, isUniform: false });
    await bed.router.lower(scope, 0);
    expect(await rulesOf()).toEqual([{ name: "primary", route: subsetRoute(100, 0) }]);
  });
});

describe("generating is refused", () => {
  const theirs = service({ tier: "web" });
  const ofOther = (object: { metadata: object }) => ({
    ...object,
    metadata: { ...object.metadata, labels: { "serin.dev/canary": "payments" } },
  });

  it.each([
    [
      "without ports",
      [],
      generating({}, { ports: undefined }),
      "Invalid",
      "spec.service.targetPort",
    ],
    [
      "without a label of both versions",
      [],
      generating({}, { selector: { label: "app", value: "orders", shared: { team: "shop" } } }),
      "ServiceNotFound",
      "labels:\n        service: orders",
    ],
    [
      "over a Service of one version",
      [service({ app: "orders" })],
      scope,
      "ServiceSelectsOneVersion",
      "Service shop/orders selects app: orders",
    ],
    [
      "over somebody's VirtualService",
      [theirs, virtualService([{ route: subsetRoute(100, 0) }])],
      scope,
      "NameTaken",
      "VirtualService shop/orders is for Service orders and was not made by Serin",
    ],
    [
      "beside somebody's VirtualService for the Service",
      [theirs, virtualService([{ route: subsetRoute(100, 0) }], "mine")],
      scope,
      "NameTaken",
      "VirtualService shop/mine",
    ],
    [
      "over somebody's DestinationRule",
      [theirs, destinationRule()],
      scope,
      "NameTaken",
      "adopt the routes that there are by routing.istio.virtualServices",
    ],
    [
      "beside somebody's DestinationRule for the Service",
      [theirs, destinationRule([], "mine", { host: "orders.shop.svc.cluster.local" })],
      scope,
      "NameTaken",
      "DestinationRule shop/mine",
    ],
    [
      "over another Canary's",
      [theirs, ofOther(destinationRule())],
      scope,
      "NameTaken",
      "kubectl -n shop label destinationrules orders serin.dev/canary=orders --overwrite",
    ],
  ])("%s", async (_, objects, asked, reason, words) => {
    await bed.create(...objects);
    const before = JSON.stringify(
      await Promise.all([apex, rule, route].map((path) => bed.read(path).catch(() => undefined))),
    );
    const fact = bed.router.observe(asked);
    expect(fact).toMatchObject({ kind: "Missing", reason });
    expect(fact.kind === "Missing" ? fact.because : "").toContain(words);
    await expect(bed.router.createObjects(asked, 0)).rejects.toMatchObject({ reason });
    expect(
      JSON.stringify(
        await Promise.all([apex, rule, route].map((path) => bed.read(path).catch(() => undefined))),
      ),
    ).toBe(before);
  });

  it("but not beside a VirtualService of a gateway, whose rules are not managed", async () => {
    const gateway = virtualService([{ route: [{ destination: { host: "orders" } }] }], "edge", {
      hosts: ["orders.example.com"],
    });
    await bed.create(theirs, gateway);
    expect(facts()).toMatchObject({ hasUnmanagedRules: true });
  });
});

describe("removing what was generated", () => {
  const remove = async (asked = scope) => {
    await bed.router.removeGenerated(asked, "Route");
    await bed.router.removeGenerated(asked, "Subsets");
  };

  it("takes the routes away, then the subsets, and lets the Service go that clients call", async () => {
    await make(scope, 100);
    expect(bed.router.generatedRoute(scope)).toEqual(known("There"));
    await bed.router.removeGenerated(scope, "Route");
    expect(writes()).toEqual([`DELETE ${route}`]);
    expect((await bed.client.get(route)).code).toBe(404);
    expect(bed.router.generatedRoute(scope)).toEqual(known("None"));
    await bed.router.removeGenerated(scope, "Subsets");
    expect(writes()).toEqual([`DELETE ${route}`, `DELETE ${rule}`, `PATCH ${apex}`]);
    expect((await bed.client.get(rule)).code).toBe(404);
    const { metadata, spec } = await bed.read(apex);
    expect(spec.selector).toEqual({ part: "orders" });
    expect(JSON.stringify(metadata)).not.toContain("serin.dev/");
    await bed.settle();
    bed.requests.length = 0;
    await remove();
    expect(bed.requests).toEqual([]);
  });

  it("goes on where it was interrupted, whatever the cache has missed", async () => {
    await make();
    await bed.freeze();
    await bed.client.delete(route);
    await remove();
    expect(bed.router.generatedRoute(scope)).toEqual(known("None"));
    expect((await bed.client.get(rule)).code).toBe(404);
  });

  it("does not call a route gone that somebody holds", async () => {
    await make();
    const finalizers = ["example.com/held"];
    await bed.client.mergePatch(route, { metadata: { finalizers } });
    await bed.settle();
    await bed.router.removeGenerated(scope, "Route");
    expect(bed.router.generatedRoute(scope)).toEqual(known("There"));
    await bed.client.mergePatch(route, { metadata: { finalizers: [] } });
    await bed.settle();
    expect(bed.router.generatedRoute(scope)).toEqual(known("None"));
  });

  it("leaves what somebody made anew under the name", async () => {
    await make();
    await bed.freeze();
    await bed.client.delete(route);
    await bed.create(virtualService([{ route: subsetRoute(100, 0) }]));
    await remove();
    expect((await bed.client.get(route)).code).toBe(200);
    expect(bed.router.generatedRoute(scope)).toEqual(known("None"));
  });

  it("takes nothing of what was adopted", async () => {
    await bed.create(service({ tier: "web" }), virtualService([{ route: subsetRoute(100, 0) }]));
    await remove(adopted);
    expect(writes()).toEqual([]);
    expect(bed.router.generatedRoute(adopted)).toEqual(known("None"));
  });

  it("knows nothing of a route before the caches are read", async () => {
    const unread = await createMeshBed({ isStarted: false });
    expect(unread.router.generatedRoute(scope)).toMatchObject({ kind: "Unknown" });
  });
});
