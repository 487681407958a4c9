import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/sandbox/workloads/json.ts";
import {
  at,
  deployment,
  paths,
  type SimulatedCluster,
  service,
  startSimulatedCluster,
  virtualService,
} from "../workloads/simulated-cluster.ts";
import { requests, samplesOf, sumOf } from "./scraped.ts";

const host = "orders.shop";
const upMs = 3_000;

/** Stable and canary pods behind one Service, the canary with the given annotations. */
async function startShop(
  choices: {
    readonly canary?: Readonly<Record<string, string>>;
    readonly service?: Readonly<Record<string, string>>;
  } = {},
): Promise<SimulatedCluster> {
  const cluster = await startSimulatedCluster();
  const load = { "sandbox.serin.dev/requests-per-second": "200", ...choices.service };
  await cluster.create(paths.services(), service("orders", { part: "orders" }, load));
  await cluster.create(paths.destinationRules(), {
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: { name: "orders", namespace: "shop" },
    spec: {
      host: "orders",
      subsets: [
        { name: "stable", labels: { app: "orders-primary" } },
        { name: "canary", labels: { app: "orders" } },
      ],
    },
  });
  for (const name of ["orders-primary", "orders"]) {
    const podAnnotations = name === "orders" ? (choices.canary ?? {}) : {};
    const labels = { app: name, part: "orders" };
    await cluster.create(paths.deployments(), deployment({ name, labels, podAnnotations }));
  }
  return cluster;
}

const subset = (name: string, weight?: number): JsonObject => ({
  destination: { host: "orders", subset: name },
  ...(weight === undefined ? {} : { weight }),
});

function split(canary: number, rule: JsonObject = {}): JsonObject {
  const route = [subset("stable", 100 - canary), subset("canary", canary)];
  return { name: "primary", route, ...rule };
}

async function routeBy(cluster: SimulatedCluster, ...http: readonly JsonObject[]): Promise<void> {
  await cluster.create(paths.virtualServices(), virtualService("orders", http));
  await cluster.clock.run(upMs);
}

/** What the clients count of the next `ms`. */
async function countFor(cluster: SimulatedCluster, ms: number) {
  const count = cluster.mesh.countClients(host);
  await cluster.clock.run(ms);
  return count.stats();
}

describe("the simulated mesh", () => {
  it("sends a Service its load in whole requests, evenly over its pods and from every caller", async () => {
    const cluster = await startShop();
    await cluster.clock.run(upMs);
    const reported = () =>
      samplesOf(cluster.mesh, "istio_requests_total").map(({ value }) => value);
    const before = reported();
    const stats = await countFor(cluster, 12_000);
    expect(stats).toMatchObject({ requests: 2_400, failed: 0 });
    const risen = reported().map((value, place) => value - (before[place] ?? 0));
    const [fromCallers, atPods] = [risen.slice(0, 6), risen.slice(6)];
    expect(fromCallers.reduce((sum, value) => sum + value, 0)).toBe(2_400);
    expect(atPods).toEqual([400, 400, 400, 400, 400, 400]);
  });

  it.each([1, 10, 25, 50])("follows a canary weight of %i", async (weight) => {
    const cluster = await startShop();
    await routeBy(cluster, split(weight));
    const stats = await countFor(cluster, 60_000);
    const share = weight / 100;
    const sigma = Math.sqrt(12_000 * share * (1 - share));
    const canary = stats.byWorkload["orders"]?.requests ?? 0;
    expect(Math.abs(canary - 12_000 * share)).toBeLessThan(4 * sigma);
    expect(stats.requests).toBe(12_000);
  });

  it("acts on a new weight after the propagation delay, not before", async () => {
    const cluster = await startShop();
    await routeBy(cluster, split(0));
    const count = cluster.mesh.countClients(host);
    const changedAt = cluster.clock.now();
    const spec = { hosts: ["orders"], http: [split(100)] };
    await cluster.merge(paths.virtualServices("orders"), { spec });
    await cluster.clock.run(5_000);
    const stats = count.stats();
    expect(stats.byWorkload["orders"]?.firstRequestAt).toBeGreaterThanOrEqual(changedAt + 300);
    expect(stats.byWorkload["orders-primary"]?.lastRequestAt).toBeLessThan(changedAt + 600);
    expect(stats.failed).toBe(0);
  });

  it("gives a single destination everything, and among several nothing to one without weight", async () => {
    const cluster = await startShop();
    await routeBy(cluster, { route: [subset("canary", 0)] });
    expect(Object.keys((await countFor(cluster, 2_000)).byWorkload)).toEqual(["orders"]);
    const http = [{ route: [subset("stable"), subset("canary", 1)] }];
    await cluster.merge(paths.virtualServices("orders"), { spec: { http } });
    await cluster.clock.run(1_000);
    expect(Object.keys((await countFor(cluster, 2_000)).byWorkload)).toEqual(["orders"]);
  });

  it("takes the first rule that matches for the requests that carry a header", async () => {
    const cluster = await startShop({
      service: {
        "sandbox.serin.dev/header-requests": '{"headers":{"X-Beta":"1"},"percent":30}',
      },
    });
    await routeBy(
      cluster,
      { match: [{ headers: { "x-beta": { exact: "1" } } }], route: [subset("canary")] },
      split(0),
    );
    const stats = await countFor(cluster, 30_000);
    const canary = stats.byWorkload["orders"]?.requests ?? 0;
    expect(Math.abs(canary / stats.requests - 0.3)).toBeLessThan(0.03);
  });

  it("answers 503 for a subset that is not there and for one without ready pods, 404 for no rule", async () => {
    const cluster = await startShop();
    await routeBy(cluster, { route: [subset("beta")] });
    expect((await countFor(cluster, 1_000)).failures).toEqual({ "503 NC": 200 });
    await cluster.merge(paths.virtualServices("orders"), {
      spec: { http: [{ match: [{ uri: { exact: "/x" } }], route: [subset("stable")] }] },
    });
    await cluster.clock.run(1_000);
    expect((await countFor(cluster, 1_000)).failures).toEqual({ "404 NR": 200 });
    await cluster.merge(paths.virtualServices("orders"), { spec: { http: [split(100)] } });
    await cluster.merge(paths.deployments("orders"), { spec: { replicas: 0 } });
    await cluster.clock.run(1_000);
    const stats = await countFor(cluster, 1_000);
    expect(stats.failures).toEqual({ "503 UH": 200 });
    expect(stats.byWorkload["unknown"]?.failed).toBe(200);
    const [series] = samplesOf(cluster.mesh, "istio_requests_total", { response_flags: "UH" });
    expect(series?.labels).toMatchObject({
      reporter: "source",
      destination_workload: "unknown",
      destination_service: "orders.shop.svc.cluster.local",
      response_code: "503",
    });
  });

  it("leaves a fault without a percentage inert, and obeys one with a percentage", async () => {
    const cluster = await startShop();
    const abort = { httpStatus: 500 };
    const delay = { fixedDelay: "2s" };
    await routeBy(cluster, split(0, { fault: { abort, delay } }));
    expect((await countFor(cluster, 5_000)).failed).toBe(0);
    const fault = {
      abort: { ...abort, percentage: { value: 50 } },
      delay: { ...delay, percentage: { value: 100 } },
    };
    await cluster.merge(paths.virtualServices("orders"), { spec: { http: [split(0, { fault })] } });
    await cluster.clock.run(1_000);
    const stats = await countFor(cluster, 10_000);
    expect(Math.abs(stats.failed - 1_000)).toBeLessThan(4 * Math.sqrt(500));
    expect(Object.keys(stats.failures)).toEqual(["500 DI,FI"]);
    const slow = { reporter: "source", response_flags: "DI" };
    expect(
      sumOf(cluster.mesh, "istio_request_duration_milliseconds_bucket", { ...slow, le: "1000" }),
    ).toBe(0);
    expect(requests(cluster.mesh, slow)).toBeGreaterThan(900);
  });

  it("copies requests to a mirror where only the destination reports them", async () => {
    const cluster = await startShop();
    const mirror = { host: "orders", subset: "canary" };
    await routeBy(cluster, split(0, { mirror, mirrorPercentage: { value: 10 } }));
    const stats = await countFor(cluster, 60_000);
    expect(Object.keys(stats.byWorkload)).toEqual(["orders-primary"]);
    const copies = (reporter: string) =>
      requests(cluster.mesh, { reporter, destination_workload: "orders" });
    const live = (reporter: string) =>
      requests(cluster.mesh, { reporter, destination_workload: "orders-primary" });
    expect(live("source")).toBe(live("destination"));
    const shadow = copies("destination") - copies("source");
    expect(Math.abs(shadow / 12_000 - 0.1)).toBeLessThan(0.02);
  });

  it("cuts slow answers at the timeout: 504 for the caller, a lost caller at the pod", async () => {
    const cluster = await startShop({ canary: { "sandbox.serin.dev/latency-p99-ms": "1000" } });
    await routeBy(cluster, split(100, { timeout: "1s" }));
    const stats = await countFor(cluster, 30_000);
    expect(Math.abs(stats.failed / stats.requests - 0.01)).toBeLessThan(0.006);
    expect(Object.keys(stats.failures)).toEqual(["504 UT"]);
    const lost = { reporter: "destination", response_code: "0", response_flags: "DC" };
    expect(requests(cluster.mesh, lost)).toBeGreaterThanOrEqual(stats.failed);
  });

  it("hides retried errors from the caller, not from the pod", async () => {
    const cluster = await startShop({ canary: { "sandbox.serin.dev/error-percent": "20" } });
    const retries = { attempts: 2, retryOn: "5xx", perTryTimeout: "1s" };
    await routeBy(cluster, split(100, { retries }));
    const stats = await countFor(cluster, 30_000);
    expect(stats.failed / stats.requests).toBeLessThan(0.02);
    const atPod = { reporter: "destination", destination_workload: "orders" };
    const errors = requests(cluster.mesh, { ...atPod, response_code: "500" });
    expect(Math.abs(errors / requests(cluster.mesh, atPod) - 0.2)).toBeLessThan(0.03);
  });

  it("ignores a VirtualService that does not speak for sidecars, and obeys the oldest of several", async () => {
    const cluster = await startShop();
    const routed = (name: string, http: JsonObject, spec: JsonObject = {}): JsonObject => ({
      ...virtualService(name, []),
      spec: { hosts: ["orders.shop.svc.cluster.local"], http: [http], ...spec },
    });
    await cluster.create(
      paths.virtualServices(),
      routed("edge", { route: [subset("beta")] }, { gateways: ["edge"] }),
    );
    await cluster.create(
      paths.virtualServices(),
      routed("private", { route: [subset("beta")] }, { exportTo: ["."] }),
    );
    await cluster.clock.run(1_000);
    await cluster.create(paths.virtualServices(), routed("first", split(0)));
    await cluster.clock.run(1_000);
    await cluster.create(paths.virtualServices(), routed("another", split(100)));
    await cluster.clock.run(upMs);
    expect(Object.keys((await countFor(cluster, 2_000)).byWorkload)).toEqual(["orders-primary"]);
  });
});

describe("a simulated version", () => {
  it("answers errors as its pods' annotations say, also when they change while it runs", async () => {
    const cluster = await startShop({ canary: { "sandbox.serin.dev/error-percent": "20" } });
    await routeBy(cluster, split(50));
    const bad = await countFor(cluster, 30_000);
    const canary = bad.byWorkload["orders"];
    expect(Math.abs((canary?.failed ?? 0) / (canary?.requests ?? 1) - 0.2)).toBeLessThan(0.04);
    expect(bad.byWorkload["orders-primary"]?.failed).toBe(0);
    await cluster.annotatePods("orders", { "sandbox.serin.dev/error-percent": "0" });
    await cluster.annotatePods("orders-primary", { "sandbox.serin.dev/error-percent": "100" });
    const swapped = await countFor(cluster, 5_000);
    const primary = swapped.byWorkload["orders-primary"];
    expect(swapped.byWorkload["orders"]?.failed).toBe(0);
    expect(primary?.failed).toBe(primary?.requests);
  });

  it.each([
    { p99: "50", bound: "50" },
    { p99: "500", bound: "500" },
    { p99: "1000", bound: "1000" },
  ])("takes longer than its P99 of $p99 ms for 1 % of its answers", async ({ p99, bound }) => {
    const cluster = await startShop({ canary: { "sandbox.serin.dev/latency-p99-ms": p99 } });
    await routeBy(cluster, split(100));
    await cluster.clock.run(100_000);
    const canary = { reporter: "source", destination_workload: "orders" };
    const within = { ...canary, le: bound };
    const fast = sumOf(cluster.mesh, "istio_request_duration_milliseconds_bucket", within);
    const all = sumOf(cluster.mesh, "istio_request_duration_milliseconds_count", canary);
    expect(Math.abs((all - fast) / all - 0.01)).toBeLessThan(0.004);
  });

  it("answers gRPC errors under HTTP 200, as a Service whose port speaks gRPC does", async () => {
    const cluster = await startShop({ canary: { "sandbox.serin.dev/grpc-error-percent": "10" } });
    const ports = [{ name: "grpc", port: 80 }];
    await cluster.merge(paths.services("orders"), { spec: { ports } });
    await routeBy(cluster, split(100));
    const stats = await countFor(cluster, 30_000);
    expect(Math.abs(stats.failed / stats.requests - 0.1)).toBeLessThan(0.02);
    const canary = { reporter: "source", destination_workload: "orders", request_protocol: "grpc" };
    expect(requests(cluster.mesh, { ...canary, response_code: "500" })).toBe(0);
    const refused = requests(cluster.mesh, { ...canary, grpc_response_status: "13" });
    const answered = requests(cluster.mesh, { ...canary, grpc_response_status: "0" });
    expect(refused).toBeGreaterThanOrEqual(stats.failed);
    expect(answered + refused).toBe(requests(cluster.mesh, canary));
  });

  it("refuses connections when it crashes; callers try the pods that are left", async () => {
    const cluster = await startShop();
    await routeBy(cluster, split(100));
    const [pod] = (await cluster.list(paths.pods())).filter(
      (object) => at(object, "metadata", "labels", "app") === "orders",
    );
    const annotations = { "sandbox.serin.dev/crash": "true" };
    const count = cluster.mesh.countClients(host);
    await cluster.merge(paths.pods(String(at(pod, "metadata", "name"))), {
      metadata: { annotations },
    });
    await cluster.clock.run(2_000);
    expect(count.stats().failed).toBe(0);
    await cluster.annotatePods("orders", annotations);
    await cluster.clock.run(2_000);
    const { failures } = count.stats();
    expect(failures["503 UF,URX"]).toBeGreaterThan(0);
    expect(failures["503 UH"]).toBeGreaterThan(0);
  });
});

describe("the proxies' metrics", () => {
  it("agree with what the clients count, and with themselves", async () => {
    const cluster = await startShop({ canary: { "sandbox.serin.dev/error-percent": "20" } });
    await cluster.clock.run(upMs);
    await routeBy(cluster, split(25));
    await cluster.clock.run(20_000);
    const { mesh } = cluster;
    const stats = mesh.clientStats(host);
    expect(requests(mesh, { reporter: "source" })).toBe(stats.requests);
    expect(requests(mesh, { reporter: "source", response_code: "500" })).toBe(stats.failed);
    expect(requests(mesh, { reporter: "destination" })).toBe(stats.requests);
    const bucket = "istio_request_duration_milliseconds_bucket";
    expect(sumOf(mesh, bucket, { reporter: "source", le: "+Inf" })).toBe(stats.requests);
    expect(sumOf(mesh, "istio_request_duration_milliseconds_count")).toBe(2 * stats.requests);
  });

  it("carry Istio's standard labels", async () => {
    const cluster = await startShop();
    await routeBy(cluster, split(100));
    const wanted = { reporter: "source", destination_workload: "orders" };
    const [series] = samplesOf(cluster.mesh, "istio_requests_total", wanted);
    expect(series?.labels).toMatchObject({
      source_workload: "load-generator",
      source_workload_namespace: "sandbox-load",
      destination_workload_namespace: "shop",
      destination_service: "orders.shop.svc.cluster.local",
      destination_service_name: "orders",
      destination_service_namespace: "shop",
      destination_principal: "spiffe://cluster.local/ns/shop/sa/default",
      destination_version: "unknown",
      destination_canonical_service: "orders",
      request_protocol: "http",
      response_code: "200",
      response_flags: "-",
      connection_security_policy: "unknown",
    });
    expect(series?.labels).not.toHaveProperty("grpc_response_status");
  });

  it("begin anew when a reporting proxy starts again or its pod is another", async () => {
    const cluster = await startShop();
    await routeBy(cluster, split(100));
    const { mesh } = cluster;
    const before = requests(mesh, { reporter: "source" });
    mesh.restartCaller(0);
    expect(requests(mesh, { reporter: "source" })).toBeLessThan(before);
    const pods = () =>
      new Set(
        mesh
          .targets()
          .list()
          .map(({ labels }) => labels["pod"]),
      );
    const known = pods();
    const annotations = { restartedAt: "now" };
    await cluster.merge(paths.deployments("orders"), {
      spec: { template: { metadata: { annotations } } },
    });
    await cluster.clock.run(20_000);
    expect([...pods()].filter((pod) => !known.has(pod))).toHaveLength(3);
    expect(pods().size).toBe(known.size);
  });

  it("are the same for the same seed", async () => {
    const run = async (): Promise<unknown> => {
      const cluster = await startShop({ canary: { "sandbox.serin.dev/error-percent": "5" } });
      await routeBy(cluster, split(10));
      await cluster.clock.run(10_000);
      return cluster.mesh.clientStats(host);
    };
    expect(await run()).toEqual(await run());
  });
});

describe("the simulated clients", () => {
  it("wait for a Service's first ready pod, and stay when its pods are gone", async () => {
    const cluster = await startShop();
    await cluster.clock.run(900);
    expect(cluster.mesh.clientStats(host).requests).toBe(0);
    await cluster.clock.run(upMs);
    expect(cluster.mesh.clientStats(host).failed).toBe(0);
    await cluster.remove(paths.deployments("orders"));
    await cluster.remove(paths.deployments("orders-primary"));
    await cluster.clock.run(1_000);
    expect((await countFor(cluster, 1_000)).failures).toEqual({ "503 UH": 200 });
  });

  it("hold no timer while nobody is to be called", async () => {
    const cluster = await startShop({ service: { "sandbox.serin.dev/requests-per-second": "0" } });
    await cluster.clock.run(10_000);
    const idle = cluster.clock.pending();
    const annotate = (rate: string) =>
      cluster.merge(paths.services("orders"), {
        metadata: { annotations: { "sandbox.serin.dev/requests-per-second": rate } },
      });
    await annotate("1");
    await cluster.clock.run(1_000);
    expect(cluster.clock.pending()).toBe(idle + 1);
    await annotate("0");
    await cluster.clock.run(1_000);
    expect(cluster.clock.pending()).toBe(idle);
  });

  it("count what they sent within any span of time", async () => {
    const cluster = await startShop();
    await cluster.clock.run(upMs);
    const count = cluster.mesh.countClients(host);
    const from = cluster.clock.now();
    await cluster.clock.run(10_000);
    expect(count.between(from, from + 5_000).requests).toBe(1_000);
    expect(count.between(from + 5_001, from + 10_000).requests).toBe(1_000);
    count.stop();
    await cluster.clock.run(1_000);
    expect(count.stats().requests).toBe(2_000);
  });
});

describe("taking over a running workload", () => {
  async function startAlone(): Promise<SimulatedCluster> {
    const cluster = await startSimulatedCluster();
    await cluster.create(paths.services(), service("orders", { part: "orders" }));
    for (const name of ["orders-primary", "orders-canary"]) {
      const app = name === "orders-canary" ? "orders" : name;
      await cluster.create(paths.services(), service(name, { app }));
    }
    const labels = { app: "orders", part: "orders" };
    await cluster.create(paths.deployments(), deployment({ labels }));
    await routeBy(cluster, toHosts(100));
    return cluster;
  }

  const toHosts = (canary: number): JsonObject => ({
    route: [
      { destination: { host: "orders-primary" }, weight: 100 - canary },
      { destination: { host: "orders-canary" }, weight: canary },
    ],
  });

  async function addPrimary(cluster: SimulatedCluster): Promise<void> {
    const labels = { app: "orders-primary", part: "orders" };
    await cluster.create(paths.deployments(), deployment({ name: "orders-primary", labels }));
  }

  it("fails no client request when the traffic moves before the old pods go", async () => {
    const cluster = await startAlone();
    const count = cluster.mesh.countClients(host);
    await addPrimary(cluster);
    await cluster.clock.run(upMs);
    await cluster.merge(paths.virtualServices("orders"), { spec: { http: [toHosts(0)] } });
    await cluster.clock.run(1_000);
    await cluster.merge(paths.deployments("orders"), { spec: { replicas: 0 } });
    await cluster.clock.run(5_000);
    const stats = count.stats();
    expect(stats.failed).toBe(0);
    expect(stats.byWorkload["orders"]?.requests).toBeGreaterThan(0);
    expect(stats.byWorkload["orders-primary"]?.requests).toBeGreaterThan(0);
  });

  it("fails client requests when the old pods go first", async () => {
    const cluster = await startAlone();
    await cluster.merge(paths.deployments("orders"), { spec: { replicas: 0 } });
    await addPrimary(cluster);
    const stats = await countFor(cluster, upMs);
    expect(stats.failures["503 UH"]).toBeGreaterThan(0);
  });

  it("loses no request in a rolling update under load", async () => {
    const cluster = await startAlone();
    const count = cluster.mesh.countClients(host);
    await cluster.merge(paths.deployments("orders"), {
      spec: { template: { metadata: { annotations: { restartedAt: "now" } } } },
    });
    await cluster.clock.run(20_000);
    expect(count.stats()).toMatchObject({ failed: 0, requests: 2_000 });
  });

  it("names the Service of the destination, not the one that was called", async () => {
    const cluster = await startAlone();
    const [series] = samplesOf(cluster.mesh, "istio_requests_total", { reporter: "source" });
    expect(series?.labels["destination_service_name"]).toBe("orders-canary");
  });
});
