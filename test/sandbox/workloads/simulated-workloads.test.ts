import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/sandbox/workloads/json.ts";
import {
  at,
  deployment,
  inShop,
  paths,
  type SimulatedCluster,
  service,
  startSimulatedCluster,
} from "./simulated-cluster.ts";

const upMs = 5_000;

async function startWith(body: JsonObject): Promise<SimulatedCluster> {
  const cluster = await startSimulatedCluster();
  await cluster.create(paths.deployments(), body);
  await cluster.clock.run(upMs);
  return cluster;
}

function setImage(cluster: SimulatedCluster, image: string): Promise<unknown> {
  const template = { spec: { containers: [{ name: "app", image }] } };
  return cluster.merge(paths.deployments("orders"), { spec: { template } });
}

const isReady = (pod: JsonObject): boolean =>
  at(pod, "status", "conditions", 3, "status") === "True";
const imageOf = (object: JsonObject): unknown =>
  at(object, "spec", "template", "spec", "containers", 0, "image");

async function condition(cluster: SimulatedCluster, type: string): Promise<JsonObject> {
  const { status } = await cluster.get(paths.deployments("orders"));
  const conditions = at(status, "conditions");
  const found = Array.isArray(conditions) ? conditions.find((c) => at(c, "type") === type) : {};
  return { status: at(found, "status"), reason: at(found, "reason") };
}

async function sets(cluster: SimulatedCluster): Promise<readonly JsonObject[]> {
  const all = await cluster.list(paths.replicaSets());
  return all.map((set) => ({
    image: imageOf(set),
    replicas: at(set, "spec", "replicas"),
    revision: at(set, "metadata", "annotations", "deployment.kubernetes.io/revision"),
  }));
}

describe("a simulated Deployment", () => {
  it("becomes available with its pods named and labelled after its ReplicaSet", async () => {
    const cluster = await startWith(deployment());
    const [set] = await cluster.list(paths.replicaSets());
    const pods = await cluster.list(paths.pods());
    const { status } = await cluster.get(paths.deployments("orders"));
    expect(status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
    });
    expect(at(status, "unavailableReplicas")).toBeUndefined();
    expect(await condition(cluster, "Available")).toMatchObject({ status: "True" });
    expect(await condition(cluster, "Progressing")).toMatchObject({
      reason: "NewReplicaSetAvailable",
    });
    const hash = at(set, "metadata", "labels", "pod-template-hash");
    expect(at(set, "metadata", "name")).toBe(`orders-${String(hash)}`);
    for (const pod of pods) {
      expect(String(at(pod, "metadata", "name"))).toMatch(new RegExp(`^orders-${String(hash)}-`));
      expect(at(pod, "metadata", "labels", "pod-template-hash")).toBe(hash);
    }
  });

  it("is not available before its pods have started", async () => {
    const cluster = await startSimulatedCluster();
    await cluster.create(paths.deployments(), deployment());
    await cluster.clock.run(900);
    const [pod] = await cluster.list(paths.pods());
    expect(at(pod, "status", "phase")).toBe("Pending");
    expect(at(pod, "status", "containerStatuses", 0, "state", "waiting", "reason")).toBe(
      "ContainerCreating",
    );
    expect(at(await cluster.get(paths.deployments("orders")), "status")).toMatchObject({
      unavailableReplicas: 3,
    });
    expect(await condition(cluster, "Available")).toMatchObject({ status: "False" });
  });

  it("waits as long as start-seconds says", async () => {
    const podAnnotations = { "sandbox.serin.dev/start-seconds": "30" };
    const cluster = await startWith(deployment({ podAnnotations }));
    await cluster.clock.run(30_000 - upMs - 1_000);
    expect((await cluster.list(paths.pods())).filter(isReady)).toHaveLength(0);
    await cluster.clock.run(1_100);
    expect((await cluster.list(paths.pods())).filter(isReady)).toHaveLength(3);
  });

  it.each([
    { maxSurge: 1, maxUnavailable: 0, least: 4, most: 5 },
    { maxSurge: 0, maxUnavailable: 1, least: 3, most: 4 },
    { maxSurge: "25%", maxUnavailable: "25%", least: 3, most: 5 },
    { maxSurge: "100%", maxUnavailable: 0, least: 4, most: 8 },
  ])(
    "rolls over within surge $maxSurge and unavailability $maxUnavailable",
    async ({ maxSurge, maxUnavailable, least, most }) => {
      const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } };
      const cluster = await startWith(deployment({ replicas: 4, spec: { strategy } }));
      await setImage(cluster, "orders:2");
      const ready: number[] = [];
      const total: number[] = [];
      for (let step = 0; step < 200; step += 1) {
        await cluster.clock.run(100);
        const pods = await cluster.list(paths.pods());
        ready.push(pods.filter(isReady).length);
        total.push(pods.length);
      }
      expect(Math.min(...ready)).toBeGreaterThanOrEqual(least);
      expect(Math.max(...total)).toBeLessThanOrEqual(most);
      expect(await sets(cluster)).toEqual(
        expect.arrayContaining([
          { image: "orders:1", replicas: 0, revision: "1" },
          { image: "orders:2", replicas: 4, revision: "2" },
        ]),
      );
      expect(at(await cluster.get(paths.deployments("orders")), "status")).toMatchObject({
        updatedReplicas: 4,
        replicas: 4,
        availableReplicas: 4,
      });
    },
  );

  it("never runs two versions at once with Recreate", async () => {
    const cluster = await startWith(deployment({ spec: { strategy: { type: "Recreate" } } }));
    await setImage(cluster, "orders:2");
    for (let step = 0; step < 60; step += 1) {
      await cluster.clock.run(100);
      const pods = await cluster.list(paths.pods());
      expect(
        new Set(pods.map((pod) => at(pod, "spec", "containers", 0, "image"))).size,
      ).toBeLessThan(2);
    }
    expect((await cluster.list(paths.pods())).filter(isReady)).toHaveLength(3);
  });

  it("takes its old ReplicaSet again when the template returns, as a new revision", async () => {
    const cluster = await startWith(deployment());
    await setImage(cluster, "orders:2");
    await cluster.clock.run(10_000);
    await setImage(cluster, "orders:1");
    await cluster.clock.run(10_000);
    expect(await sets(cluster)).toEqual(
      expect.arrayContaining([
        { image: "orders:1", replicas: 3, revision: "3" },
        { image: "orders:2", replicas: 0, revision: "2" },
      ]),
    );
    expect(
      at(
        await cluster.get(paths.deployments("orders")),
        "metadata",
        "annotations",
        "deployment.kubernetes.io/revision",
      ),
    ).toBe("3");
  });

  it("keeps as many empty ReplicaSets as revisionHistoryLimit says", async () => {
    const cluster = await startWith(deployment({ spec: { revisionHistoryLimit: 1 } }));
    for (const image of ["orders:2", "orders:3", "orders:4"]) {
      await setImage(cluster, image);
      await cluster.clock.run(15_000);
    }
    const images = (await sets(cluster)).map(({ image }) => image);
    expect(new Set(images)).toEqual(new Set(["orders:3", "orders:4"]));
  });

  it("follows its replicas up, down and to zero", async () => {
    const cluster = await startWith(deployment());
    for (const replicas of [6, 2, 0, 1]) {
      await cluster.merge(paths.deployments("orders"), { spec: { replicas } });
      await cluster.clock.run(upMs);
      expect((await cluster.list(paths.pods())).filter(isReady)).toHaveLength(replicas);
      const progressing = await condition(cluster, "Progressing");
      expect(progressing).toMatchObject({ reason: "NewReplicaSetAvailable" });
    }
  });

  it("changes nothing while paused, and goes on when resumed", async () => {
    const cluster = await startWith(deployment({ spec: { paused: true } }));
    expect(await cluster.list(paths.pods())).toHaveLength(0);
    expect(await condition(cluster, "Progressing")).toMatchObject({ reason: "DeploymentPaused" });
    await cluster.merge(paths.deployments("orders"), { spec: { paused: false } });
    await cluster.clock.run(upMs);
    expect((await cluster.list(paths.pods())).filter(isReady)).toHaveLength(3);
  });

  it("replaces a pod that is deleted", async () => {
    const cluster = await startWith(deployment());
    const [pod] = await cluster.list(paths.pods());
    const name = String(at(pod, "metadata", "name"));
    await cluster.remove(paths.pods(name));
    await cluster.clock.run(upMs);
    const pods = await cluster.list(paths.pods());
    expect(pods.filter(isReady)).toHaveLength(3);
    expect(pods.map((p) => at(p, "metadata", "name"))).not.toContain(name);
  });

  it("says ProgressDeadlineExceeded when its pods do not become ready in time", async () => {
    const podAnnotations = { "sandbox.serin.dev/crash": "true" };
    const spec = { progressDeadlineSeconds: 20 };
    const cluster = await startWith(deployment({ podAnnotations, spec }));
    await cluster.clock.run(14_000);
    expect(await condition(cluster, "Progressing")).toMatchObject({ status: "True" });
    await cluster.clock.run(3_000);
    expect(await condition(cluster, "Progressing")).toEqual({
      status: "False",
      reason: "ProgressDeadlineExceeded",
    });
  });

  it("counts a pod as available only after minReadySeconds", async () => {
    const cluster = await startWith(deployment({ spec: { minReadySeconds: 10 } }));
    expect(at(await cluster.get(paths.deployments("orders")), "status")).toMatchObject({
      readyReplicas: 3,
      unavailableReplicas: 3,
    });
    await cluster.clock.run(10_000);
    expect(at(await cluster.get(paths.deployments("orders")), "status")).toMatchObject({
      availableReplicas: 3,
    });
  });

  it("takes its pods with it when it is deleted", async () => {
    const cluster = await startWith(deployment());
    await cluster.remove(paths.deployments("orders"));
    await cluster.clock.run(upMs);
    expect(await cluster.list(paths.pods())).toHaveLength(0);
    expect(await cluster.list(paths.replicaSets())).toHaveLength(0);
  });
});

describe("a simulated Pod", () => {
  const container = (pod: JsonObject | undefined) => at(pod, "status", "containerStatuses", 0);

  it("that is to crash ends up in CrashLoopBackOff, never ready, its restarts rising", async () => {
    const podAnnotations = { "sandbox.serin.dev/crash": "true" };
    const cluster = await startWith(deployment({ replicas: 1, podAnnotations }));
    const restarts: number[] = [];
    for (let step = 0; step < 4; step += 1) {
      await cluster.clock.run(15_000);
      const [pod] = await cluster.list(paths.pods());
      restarts.push(Number(at(container(pod), "restartCount")));
      expect(pod === undefined || isReady(pod)).toBe(false);
    }
    const [pod] = await cluster.list(paths.pods());
    expect(at(container(pod), "state", "waiting", "reason")).toBe("CrashLoopBackOff");
    expect(at(container(pod), "lastState", "terminated", "exitCode")).toBe(1);
    expect(restarts).toEqual([...restarts].sort((one, other) => one - other));
    expect(restarts.at(-1)).toBeGreaterThan(1);
  });

  it.each([
    ["unready", "False", "False", "Running"],
    ["node-silent", "True", "False", "Running"],
    ["evicted", "False", "False", "Failed"],
  ])("shows that it is %s", async (mishap, contained, ready, phase) => {
    const cluster = await startWith(deployment({ replicas: 1 }));
    await cluster.annotatePods("orders", { "sandbox.serin.dev/mishap": mishap });
    await cluster.clock.run(1_000);
    const pods = await cluster.list(paths.pods());
    const seen = pods.map((pod) => [
      at(pod, "status", "conditions", 2, "status"),
      at(pod, "status", "conditions", 3, "status"),
      at(pod, "status", "phase"),
    ]);
    expect(seen).toContainEqual([contained, ready, phase]);
    expect(pods).toHaveLength(mishap === "evicted" ? 2 : 1);
  });

  it("starts to crash when it is annotated, and recovers when the annotation goes", async () => {
    const cluster = await startWith(deployment());
    await cluster.annotatePods("orders", { "sandbox.serin.dev/crash": "true" });
    await cluster.clock.run(3_000);
    const crashing = await cluster.list(paths.pods());
    expect(crashing.filter(isReady)).toHaveLength(0);
    expect(await condition(cluster, "Available")).toMatchObject({ status: "False" });
    await cluster.annotatePods("orders", { "sandbox.serin.dev/crash": null });
    await cluster.clock.run(15_000);
    const recovered = await cluster.list(paths.pods());
    expect(recovered.filter(isReady)).toHaveLength(3);
    const namesOf = (pods: readonly JsonObject[]) =>
      new Set(pods.map((pod) => at(pod, "metadata", "name")));
    expect(namesOf(recovered)).toEqual(namesOf(crashing));
  });

  it("cannot be pulled when its image's tag begins with missing", async () => {
    const cluster = await startWith(
      deployment({ replicas: 1, image: "reg:5000/orders:missing-2" }),
    );
    const [pod] = await cluster.list(paths.pods());
    expect(at(pod, "status", "phase")).toBe("Pending");
    expect(at(container(pod), "state", "waiting", "reason")).toBe("ImagePullBackOff");
  });

  it("shows in its Service's EndpointSlice while it is ready", async () => {
    const cluster = await startWith(deployment());
    await cluster.create(paths.services(), service("orders", { app: "orders" }));
    await cluster.clock.run(1_000);
    const path = inShop("discovery.k8s.io/v1", "endpointslices", "orders-sandbox");
    const readyNow = async () => {
      const endpoints = at(await cluster.get(path), "endpoints");
      const all = Array.isArray(endpoints) ? endpoints : [];
      return all.filter((endpoint) => at(endpoint, "conditions", "ready") === true).length;
    };
    expect(await readyNow()).toBe(3);
    await cluster.annotatePods("orders", { "sandbox.serin.dev/crash": "true" });
    await cluster.clock.run(3_000);
    expect(await readyNow()).toBe(0);
  });
});

describe("the simulated workloads", () => {
  it("ask the API server for nothing while nothing changes", async () => {
    const cluster = await startWith(deployment());
    await cluster.clock.run(10_000);
    const before = cluster.requests.length;
    await cluster.clock.run(60_000);
    expect(cluster.requests.slice(before)).toEqual([]);
  });

  it("write nothing after they were stopped, and catch up when started again", async () => {
    const cluster = await startWith(deployment());
    await cluster.workloads.stop();
    await cluster.merge(paths.deployments("orders"), { spec: { replicas: 5 } });
    await cluster.clock.run(upMs);
    expect(await cluster.list(paths.pods())).toHaveLength(3);
    cluster.workloads.start();
    await cluster.clock.run(upMs);
    expect((await cluster.list(paths.pods())).filter(isReady)).toHaveLength(5);
  });

  it("follow a server that cut every watch and forgot its history", async () => {
    const cluster = await startWith(deployment());
    cluster.server.cutWatches();
    cluster.server.compact();
    await setImage(cluster, "orders:2");
    await cluster.clock.run(60_000);
    expect(at(await cluster.get(paths.deployments("orders")), "status")).toMatchObject({
      updatedReplicas: 3,
      availableReplicas: 3,
    });
  });
});
