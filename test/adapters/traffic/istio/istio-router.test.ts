import { beforeEach, describe, expect, it } from "vitest";
import type { RouteScope } from "../../../../src/ports/traffic-router.ts";
import {
  createMeshBed,
  destinationRule,
  hostRoute,
  istioPath,
  type MeshBed,
  scope,
  scopeWith,
  service,
  servicePath,
  subsetRoute,
  virtualService,
} from "./mesh-bed.ts";

const path = istioPath("virtualservices", "orders");
const named = scopeWith({ virtualServices: [{ name: "orders", routes: ["primary"] }] });
const testers = {
  name: "testers",
  match: [{ headers: { "x-tester": { exact: "yes" } } }],
  timeout: "2s",
  retries: { attempts: 0 },
  fault: { delay: { fixedDelay: "1s", percentage: { value: 5 } } },
  route: [{ destination: { host: "orders-primary", port: { number: 80 } } }],
};
const primary = {
  name: "primary",
  timeout: "5s",
  retries: { attempts: 3, retryOn: "5xx" },
  corsPolicy: { allowOrigins: [{ exact: "https://example.com" }] },
};

let bed: MeshBed;
beforeEach(async () => {
  bed = await createMeshBed();
});

async function start(
  http: readonly object[],
  objects: readonly object[] = [service({ tier: "web" })],
): Promise<void> {
  await bed.create(...objects, virtualService(http));
}

function versions(asked: RouteScope): Readonly<Record<string, string>> {
  const fact = bed.router.observe(asked);
  if (fact.kind !== "Known") throw new Error(fact.because);
  return fact.value.resourceVersions;
}

/** `[stable, canary]` of the rule at a place, as the API server has them. */
async function weightsAt(index: number): Promise<readonly unknown[]> {
  const { spec } = await bed.read(path);
  return spec.http[index].route.map(({ weight }: { weight?: number }) => weight);
}

const answer = (code: number, message: string, reason = "", details: object = {}) =>
  new Response(
    JSON.stringify({ kind: "Status", status: "Failure", code, message, reason, details }),
    { status: code },
  );

const writes = () => bed.requests.filter((request) => !request.startsWith("GET"));

describe.each([
  ["host", hostRoute, [service({ tier: "web" })]],
  ["subset", subsetRoute, [service({ component: "orders" }), destinationRule()]],
])("in %s form", (_, routeOf, objects) => {
  it.each([
    ["a named rule among others", named, [testers, { ...primary, route: routeOf(100, 0) }]],
    ["the only rule, without a name", scope, [{ timeout: "5s", route: routeOf(100, 0) }]],
    [
      "the only rule, without a name, with a match",
      scope,
      [{ match: [{ uri: { prefix: "/" } }], route: routeOf(100, 0) }],
    ],
    ["a rule that says its weights in other words", named, [{ ...primary, route: routeOf(3) }]],
    ["a rule with the canary first", named, [{ ...primary, route: routeOf(100, 0).toReversed() }]],
  ])("sets both weights and nothing else: %s", async (_, asked, http) => {
    await start(http, objects);
    const before = await bed.read(path);
    await bed.router.raise(asked, 25, versions(asked));
    const after = await bed.read(path);
    expect(bed.router.observe(asked)).toMatchObject({
      kind: "Known",
      value: { canaryWeight: 25, isUniform: true },
    });
    const place = http.length - 1;
    const route: { destination: { host: string; subset?: string }; weight: number }[] =
      after.spec.http[place].route;
    expect(
      Object.fromEntries(
        route.map(({ destination, weight }) => [destination.subset ?? destination.host, weight]),
      ),
    ).toEqual(
      routeOf === hostRoute
        ? { "orders-primary": 75, "orders-canary": 25 }
        : { stable: 75, canary: 25 },
    );
    before.spec.http[place].route = route;
    expect(after).toEqual(before);
    expect(JSON.stringify(after.spec)).toBe(JSON.stringify(before.spec));
  });
});

describe("raising", () => {
  it("tests the object, its version, the rule and both destinations in one patch", async () => {
    await start([testers, { ...primary, route: hostRoute(90, 10) }]);
    const { metadata } = (await bed.client.get(path)).body;
    await bed.router.raise(named, 25, versions(named));
    expect(writes()).toEqual([`PATCH ${path}`]);
    expect(bed.bodies.at(-1)).toEqual([
      { op: "test", path: "/metadata/resourceVersion", value: metadata.resourceVersion },
      { op: "test", path: "/metadata/uid", value: metadata.uid },
      { op: "test", path: "/spec/http/1/name", value: "primary" },
      {
        op: "test",
        path: "/spec/http/1/route/0/destination",
        value: { host: "orders-primary" },
      },
      { op: "test", path: "/spec/http/1/route/1/destination", value: { host: "orders-canary" } },
      { op: "add", path: "/spec/http/1/route/0/weight", value: 75 },
      { op: "add", path: "/spec/http/1/route/1/weight", value: 25 },
    ]);
  });

  it("is seen by the next look, before any watch event", async () => {
    await start([{ ...primary, route: hostRoute(90, 10) }]);
    const observed = versions(named);
    await bed.freeze();
    await bed.router.raise(named, 25, observed);
    expect(bed.router.observe(named)).toMatchObject({ value: { canaryWeight: 25 } });
    expect(versions(named)).not.toEqual(observed);
  });

  it("changes nothing when somebody else wrote since the look, though the cache missed it", async () => {
    await start([{ ...primary, route: hostRoute(90, 10) }]);
    const observed = versions(named);
    await bed.freeze();
    await bed.client.mergePatch(path, { metadata: { labels: { touched: "yes" } } });
    const raising = bed.router.raise(named, 25, observed);
    await expect(raising).rejects.toMatchObject({ name: "RetryableError", reason: "Conflict" });
    expect(await weightsAt(0)).toEqual([90, 10]);
  });

  it("asks nobody when the cache has moved on since the look", async () => {
    await start([{ ...primary, route: hostRoute(90, 10) }]);
    const observed = versions(named);
    await bed.client.mergePatch(path, {
      spec: { http: [{ ...primary, route: hostRoute(0, 100) }] },
    });
    await bed.settle();
    const raising = bed.router.raise(named, 25, observed);
    await expect(raising).rejects.toMatchObject({ name: "RetryableError", reason: "Conflict" });
    expect(writes()).toEqual([]);
  });

  it("refuses to lower", async () => {
    await start([{ ...primary, route: hostRoute(50, 50) }]);
    const raising = bed.router.raise(named, 49, versions(named));
    await expect(raising).rejects.toMatchObject({ name: "InvariantError" });
    expect(await weightsAt(0)).toEqual([50, 50]);
  });

  it("makes equal shares explicit", async () => {
    await start([{ ...primary, route: hostRoute(1, 1) }]);
    expect(bed.router.observe(named)).toMatchObject({ value: { isUniform: false } });
    await bed.router.raise(named, 50, versions(named));
    expect(await weightsAt(0)).toEqual([50, 50]);
  });

  it("does nothing about an object that is no longer fit", async () => {
    await start([{ ...primary, route: hostRoute(90, 10) }]);
    const observed = versions(named);
    await bed.client.delete(path);
    await bed.settle();
    await expect(bed.router.raise(named, 25, observed)).rejects.toMatchObject({
      name: "RetryableError",
      reason: "VirtualServiceNotFound",
    });
  });

  it.each([
    [
      "is down",
      answer(500, 'failed calling webhook "validation.istio.io": no endpoints', "InternalError"),
      "RetryableError",
      "WebhookUnavailable",
      "istiod's validating webhook refused the write of VirtualService shop/orders, or is down",
    ],
    [
      "refuses",
      answer(400, 'admission webhook "validation.istio.io" denied the request: no', "BadRequest"),
      "StallError",
      "Rejected",
      "istiod's validating webhook refused the write of VirtualService shop/orders, or is down",
    ],
    [
      "that is another's refuses",
      answer(403, 'admission webhook "policy.example.com" denied the request: no', "Forbidden"),
      "StallError",
      "Rejected",
      "an admission webhook refused",
    ],
  ])("names the webhook that %s", async (_, response, name, reason, words) => {
    await start([{ ...primary, route: hostRoute(90, 10) }]);
    bed.intercept(() => Promise.resolve(response.clone()));
    await expect(bed.router.raise(named, 25, versions(named))).rejects.toMatchObject({
      name,
      reason,
      message: expect.stringContaining(words),
    });
  });
});

describe("lowering", () => {
  it("writes whatever version the object has, and keeps what others changed", async () => {
    await start([testers, { ...primary, route: hostRoute(50, 50) }]);
    await bed.freeze();
    await bed.client.jsonPatch(path, [
      { op: "add", path: "/spec/http/1/timeout", value: "9s" },
      { op: "add", path: "/metadata/annotations/by", value: "hand" },
      { op: "add", path: "/spec/http/1/route/1/weight", value: 60 },
    ]);
    await bed.router.lower(named, 0);
    expect(writes()).toEqual([`PATCH ${path}`]);
    expect(await weightsAt(1)).toEqual([100, 0]);
    const { metadata, spec } = await bed.read(path);
    expect(spec.http[0]).toEqual(testers);
    expect(spec.http[1].timeout).toBe("9s");
    expect(metadata.annotations.by).toBe("hand");
  });

  it("finds the rule again where it has moved, and writes the rest as it is", async () => {
    await start([testers, { ...primary, route: hostRoute(50, 50) }]);
    await bed.freeze();
    await bed.client.mergePatch(path, {
      spec: { http: [{ ...primary, timeout: "9s", route: hostRoute(40, 60) }, testers] },
    });
    await bed.router.lower(named, 0);
    expect(bed.requests).toEqual([`PATCH ${path}`, `GET ${path}`, `PUT ${path}`]);
    const { spec } = await bed.read(path);
    expect(spec.http).toEqual([{ ...primary, timeout: "9s", route: hostRoute(100, 0) }, testers]);
  });

  it("goes on when the object was deleted and made again", async () => {
    await start([{ ...primary, route: hostRoute(50, 50) }]);
    await bed.freeze();
    await bed.client.delete(path);
    await bed.create(virtualService([{ ...primary, route: hostRoute(30, 70) }]));
    await bed.router.lower(named, 0);
    expect(await weightsAt(0)).toEqual([100, 0]);
  });

  it("reads for itself an object that the cache does not have", async () => {
    await bed.freeze();
    await start([{ ...primary, route: hostRoute(50, 50) }]);
    await bed.router.lower(named, 0);
    expect(bed.requests).toEqual([`GET ${path}`, `PUT ${path}`]);
    expect(await weightsAt(0)).toEqual([100, 0]);
  });

  it("needs neither Service nor DestinationRule", async () => {
    await start([{ ...primary, route: subsetRoute(50, 50) }], []);
    expect(bed.router.observe(named)).toMatchObject({ kind: "Missing" });
    await bed.router.lower(named, 0);
    expect(await weightsAt(0)).toEqual([100, 0]);
  });

  it.each([
    ["a renamed rule", named, [{ ...primary, name: "main", route: hostRoute(50, 50) }]],
    ["a second rule beside an unnamed one", scope, [testers, { route: hostRoute(50, 50) }]],
    ["a mirror", named, [{ ...primary, mirror: { host: "shadow" }, route: hostRoute(50, 50) }]],
    [
      "a third destination",
      named,
      [
        {
          ...primary,
          route: [...hostRoute(50, 50), { destination: { host: "shadow" }, weight: 0 }],
        },
      ],
    ],
  ])("works in spite of %s, which nothing else does", async (_, asked, http) => {
    await start(http);
    expect(bed.router.observe(asked)).toMatchObject({ kind: "Missing" });
    await bed.router.lower(asked, 0);
    expect((await weightsAt(http.length - 1)).slice(0, 2)).toEqual([100, 0]);
    const { spec } = await bed.read(path);
    const { route: _route, ...rest } = spec.http[http.length - 1];
    expect(rest).toEqual({ ...http[http.length - 1], route: undefined });
  });

  it("says what is wrong when nothing in the object sends to both versions", async () => {
    await start([{ ...primary, route: hostRoute(50).slice(0, 1) }]);
    await expect(bed.router.lower(named, 0)).rejects.toMatchObject({
      name: "RetryableError",
      reason: "DestinationMissing",
    });
  });

  it("reads and writes again when somebody comes between", async () => {
    await bed.freeze();
    await start([{ ...primary, route: hostRoute(50, 50) }]);
    let puts = 0;
    bed.intercept(async ({ method }) => {
      if (method !== "PUT") return undefined;
      puts += 1;
      await bed.client.mergePatch(path, {
        metadata: { labels: { turn: String(Math.min(puts, 2)) } },
      });
      return undefined;
    });
    await bed.router.lower(named, 0);
    expect(puts).toBe(3);
    expect(await weightsAt(0)).toEqual([100, 0]);
    expect((await bed.read(path)).metadata.labels.turn).toBe("2");
  });

  it("gives up for the queue to try again when somebody always comes between", async () => {
    await bed.freeze();
    await start([{ ...primary, route: hostRoute(50, 50) }]);
    let puts = 0;
    bed.intercept(async ({ method }) => {
      if (method !== "PUT") return undefined;
      puts += 1;
      await bed.client.mergePatch(path, { metadata: { labels: { turn: String(puts) } } });
      return undefined;
    });
    await expect(bed.router.lower(named, 0)).rejects.toMatchObject({
      name: "RetryableError",
      reason: "Conflict",
    });
    expect(puts).toBe(3);
  });

  it("never gives a route more than it has", async () => {
    await start([{ ...primary, route: hostRoute(90, 10) }]);
    await bed.router.lower(named, 25);
    expect(await weightsAt(0)).toEqual([90, 10]);
    await bed.router.lower(named, 5);
    expect(await weightsAt(0)).toEqual([95, 5]);
  });

  it.each([
    [
      "webhook down",
      answer(500, 'failed calling webhook "x"', "InternalError"),
      "WebhookUnavailable",
    ],
    ["webhook refusing", answer(400, 'admission webhook "x" denied the request'), "Rejected"],
    ["no rights", answer(403, "virtualservices is forbidden", "Forbidden"), "Forbidden"],
    ["gone", answer(404, "not found", "NotFound"), "VirtualServiceNotFound"],
    ["overload", answer(429, "slow down", "TooManyRequests"), "TooManyRequests"],
  ])("asks to be tried again whatever went wrong: %s", async (_, response, reason) => {
    await start([{ ...primary, route: hostRoute(50, 50) }]);
    bed.intercept(() => Promise.resolve(response.clone()));
    await expect(bed.router.lower(named, 0)).rejects.toMatchObject({
      name: "RetryableError",
      reason,
    });
  });

  it("writes every object even if one fails, then tells of it", async () => {
    const two = scopeWith({ virtualServices: [{ name: "gone" }, { name: "orders" }] });
    await start([{ ...primary, route: hostRoute(50, 50) }]);
    await expect(bed.router.lower(two, 0)).rejects.toMatchObject({
      name: "RetryableError",
      reason: "VirtualServiceNotFound",
    });
    expect(await weightsAt(0)).toEqual([100, 0]);
  });

  it("takes no token of the request limit", async () => {
    await start([{ ...primary, route: hostRoute(60, 40) }]);
    const raising = Array.from({ length: 200 }, () => bed.router.raise(named, 50, versions(named)));
    void Promise.allSettled(raising);
    await bed.settle();
    // The bucket is empty and its clock stands still: anything that needs a token waits for ever.
    await bed.router.lower(named, 0);
    expect(await weightsAt(0)).toEqual([100, 0]);
  });
});

describe("the Services of host form", () => {
  const apex = {
    ...service({ tier: "web" }, "orders", {
      type: "NodePort",
      sessionAffinity: "ClientIP",
      ports: [
        { name: "http", port: 80, targetPort: "http" },
        { name: "grpc", port: 81, appProtocol: "grpc" },
      ],
    }),
    metadata: {
      name: "orders",
      labels: { team: "shop", "app.kubernetes.io/instance": "argo-app" },
      annotations: {
        "argocd.argoproj.io/tracking-id": "argo-app:/Service:shop/orders",
        "networking.istio.io/traffic-distribution": "PreferClose",
        "external-dns.alpha.kubernetes.io/hostname": "orders.example.com",
        "service.beta.kubernetes.io/aws-load-balancer-type": "nlb",
      },
    },
  };

  it("select one version each and are otherwise as the one they are made from", async () => {
    await start([{ ...primary, route: hostRoute(0, 100) }], [apex]);
    await bed.router.createObjects(named, 0);
    expect(bed.router.observe(named)).toMatchObject({ value: { missingObjects: [] } });
    const stable = await bed.read(servicePath("orders-primary"));
    const canary = await bed.read(servicePath("orders-canary"));
    expect(stable.spec).toMatchObject({
      sessionAffinity: "ClientIP",
      selector: { app: "orders-primary", tier: "web" },
      ports: [
        { name: "http", port: 80, targetPort: "http" },
        { name: "grpc", port: 81, appProtocol: "grpc" },
      ],
    });
    expect(JSON.stringify(stable.spec)).not.toMatch(/nodePort|NodePort/i);
    expect(canary.spec.selector).toEqual({ app: "orders", tier: "web" });
    expect(stable.metadata.labels).toEqual({ team: "shop", "serin.dev/canary": "orders" });
    expect(stable.metadata.annotations).toEqual({
      "networking.istio.io/traffic-distribution": "PreferClose",
    });
    expect(stable.metadata.ownerReferences).toBeUndefined();
  });

  it("are created once, however often it is asked", async () => {
    await start([{ ...primary, route: hostRoute(0, 100) }], [apex]);
    await bed.router.createObjects(named, 0);
    await bed.router.createObjects(named, 0);
    expect(writes()).toHaveLength(2);
    await bed.freeze();
    await bed.client.delete(servicePath("orders-canary"));
    await bed.settle();
    await bed.router.createObjects(named, 0);
    expect(writes()).toHaveLength(2);
  });

  it("are left to the one who was faster", async () => {
    await start([{ ...primary, route: hostRoute(0, 100) }], [apex]);
    await bed.freeze();
    await bed.create(service({ app: "orders-primary" }, "orders-primary"));
    await bed.router.createObjects(named, 0);
    expect(bed.router.observe(named)).toMatchObject({ value: { missingObjects: [] } });
    expect((await bed.read(servicePath("orders-primary"))).metadata.labels).toBeUndefined();
  });

  it("follow a changed port, and keep what others wrote on them", async () => {
    await start([{ ...primary, route: hostRoute(0, 100) }], [apex]);
    await bed.router.createObjects(named, 0);
    await bed.client.mergePatch(servicePath("orders-canary"), {
      metadata: { annotations: { note: "mine" } },
    });
    await bed.client.mergePatch(servicePath("orders"), {
      spec: { ports: [{ name: "http", port: 8080, targetPort: "http", protocol: "TCP" }] },
    });
    await bed.settle();
    expect(bed.router.observe(named)).toMatchObject({
      value: { missingObjects: ["orders-primary", "orders-canary"] },
    });
    await bed.router.createObjects(named, 0);
    const canary = await bed.read(servicePath("orders-canary"));
    expect(canary.spec.ports).toEqual([
      { name: "http", port: 8080, targetPort: "http", protocol: "TCP" },
    ]);
    expect(canary.metadata.annotations.note).toBe("mine");
    expect(bed.router.observe(named)).toMatchObject({ value: { missingObjects: [] } });
  });

  it("are never written over somebody else's", async () => {
    const foreign = service({ app: "orders-primary", extra: "yes" }, "orders-primary");
    await start([{ ...primary, route: hostRoute(0, 100) }], [apex, foreign]);
    await bed.router.createObjects(named, 0);
    expect((await bed.read(servicePath("orders-primary"))).spec.selector).toEqual({
      app: "orders-primary",
      extra: "yes",
    });
  });

  it("wait for the Service that they are made from", async () => {
    await expect(bed.router.createObjects(named, 0)).rejects.toMatchObject({
      name: "RetryableError",
      reason: "ServiceNotFound",
    });
  });
});
