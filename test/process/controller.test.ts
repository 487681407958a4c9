/** Two real controller processes on a served world: who leads, who takes over, and what both tell. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { decodeCanary, decodeVirtualService } from "../support/decode.ts";
import { eventually } from "../support/real-time.ts";
import { type Replica, startReplica } from "../support/replica.ts";
import { killCommands } from "../support/running-command.ts";
import { type ServedWorld, serveWorld, tokenOf } from "../support/served-world.ts";
import { shopManifests, shopNamespace } from "../support/shop.ts";

const Lease = z.looseObject({ spec: z.looseObject({ holderIdentity: z.string() }) });
/** Where alerts go in this test: nobody listens there, so that failures to tell are logged. */
const webhook = "http://127.0.0.1:9/services/secret-path-of-the-webhook";

describe("two replicas of the controller", { timeout: 60_000 }, () => {
  let world: ServedWorld;
  const replicas = new Map<string, Replica>();

  beforeAll(async () => {
    world = await serveWorld();
    await applyShop();
  });
  afterAll(async () => {
    await killCommands();
    await world.close();
  });

  async function applyShop(): Promise<void> {
    const { admin } = world.sandbox;
    const post = (path: string, body: object) => admin.request({ method: "POST", path, body });
    await post("/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: shopNamespace },
    });
    await post(`/api/v1/namespaces/${shopNamespace}/secrets`, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "slack" },
      stringData: { address: webhook },
    });
    await post(`/apis/serin.dev/v1alpha1/namespaces/${shopNamespace}/alertproviders`, {
      apiVersion: "serin.dev/v1alpha1",
      kind: "AlertProvider",
      metadata: { name: "slack" },
      spec: { slack: { secretRef: { name: "slack", key: "address" } } },
    });
    const spec = {
      stages: [10, 100].map((weight) => ({ weight, minSeconds: 1 })),
      analysis: {
        intervalSeconds: 1,
        warmupSeconds: 0,
        metrics: [
          {
            name: "error-rate",
            templateRef: { kind: "AnalysisTemplate", name: "errors" },
            limit: { max: 5 },
            // About who acts, not about how much evidence a stage asks for.
            compare: null,
          },
        ],
      },
      rollback: { canaryScaleDownDelaySeconds: 1 },
      alerts: [{ providerRef: { name: "slack" } }],
    };
    for (const { path, body } of shopManifests({ spec })) await post(path, body);
  }

  async function startNamed(name: string): Promise<Replica> {
    const replica = await startReplica({
      name,
      kubeconfig: await world.kubeconfigFor(name),
      flags: ["--own-namespace", "default", "--metrics-server", world.prometheusAddress],
    });
    replicas.set(name, replica);
    return replica;
  }

  async function read(path: string): Promise<unknown> {
    return world.sandbox.admin.request({ method: "GET", path });
  }

  async function status() {
    const path = `/apis/serin.dev/v1alpha1/namespaces/${shopNamespace}/canaries/orders`;
    return decodeCanary(await read(path)).status ?? {};
  }

  async function routedWeight(): Promise<number> {
    const path = `/apis/networking.istio.io/v1/namespaces/${shopNamespace}/virtualservices/orders`;
    const { spec } = decodeVirtualService(await read(path));
    const routes = spec.http.flatMap((rule) => rule.route ?? []);
    return routes.find(({ destination }) => destination.subset === "canary")?.weight ?? 0;
  }

  async function push(version: string): Promise<void> {
    await world.sandbox.admin.request({
      method: "PATCH",
      path: `/apis/apps/v1/namespaces/${shopNamespace}/deployments/orders`,
      patch: "merge",
      body: {
        spec: {
          template: {
            spec: { containers: [{ name: "app", image: `example.com/orders:${version}` }] },
          },
        },
      },
    });
  }

  /** Name of the replica that holds the lease; empty when nobody does. */
  async function leader(): Promise<string> {
    const path = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    const { items } = z.looseObject({ items: z.array(Lease) }).parse(await read(path));
    return items[0]?.spec.holderIdentity.split("_")[0] ?? "";
  }

  function replica(name: string): Replica {
    const found = replicas.get(name);
    if (found === undefined) throw new Error(`no replica ${name}`);
    return found;
  }

  it("are both healthy and ready, and one of them leads", async () => {
    await Promise.all([startNamed("anna"), startNamed("bert")]);
    for (const each of replicas.values()) {
      await eventually(`${each.name} is ready`, 15_000, () => each.isReady());
      expect(await each.get("/healthz")).toMatchObject({ status: 200 });
      expect((await each.get("/metrics")).text).toContain("# TYPE serin_");
    }
    await eventually("somebody leads", 5_000, async () => (await leader()) !== "");
    const leading: string[] = [];
    for (const each of replicas.values())
      if (/^serin_leader(\{[^}]*\})? 1$/m.test((await each.get("/metrics")).text))
        leading.push(each.name);
    expect(leading).toEqual([await leader()]);
  });

  it("hand over within two seconds when the leader is told to end in the middle of a release", async () => {
    await eventually("initialised", 30_000, async () => {
      const { phase, drain } = await status();
      return phase === "Initialized" && drain === undefined;
    });
    await push("2");
    await eventually("at 10 %", 20_000, async () => (await routedWeight()) === 10);
    const former = replica(await leader());
    const next = former.name === "anna" ? "bert" : "anna";
    expect(world.writesOf(next)).toEqual([]);
    former.command.signal("SIGTERM");
    const tookMs = await eventually("handed over", 5_000, async () => (await leader()) === next);
    expect(tookMs).toBeLessThanOrEqual(2_000);
    expect(await former.command.ended).toEqual({ code: 0, signal: null });
  });

  it("recover within sixteen seconds when the leader is killed, and complete the release", async () => {
    await startNamed("carl");
    await eventually("carl is ready", 15_000, () => replica("carl").isReady());
    await eventually("at 100 %", 20_000, async () => (await routedWeight()) === 100);
    const former = replica(await leader());
    const [first] = world.writesOf(former.name);
    const beforeIt = [...replicas.keys()].filter((name) => name !== former.name && name !== "carl");
    // One writer: who handed over had written its last before its successor wrote its first.
    for (const name of beforeIt)
      expect(world.writesOf(name).at(-1)?.at).toBeLessThan(first?.at ?? 0);
    former.command.signal("SIGKILL");
    const tookMs = await eventually("taken over", 20_000, async () => (await leader()) === "carl");
    // Half a second for a busy machine.
    expect(tookMs).toBeLessThanOrEqual(16_500);
    await eventually("promoted", 30_000, async () => (await status()).phase === "Succeeded");
    expect(world.writesOf("carl").length).toBeGreaterThan(0);
    const { history } = await status();
    expect(history).toMatchObject([{ outcome: "Succeeded", peakWeight: 100 }]);
  });

  it("end with exit code 0 on a signal, and logged nothing but JSON lines without secrets", async () => {
    const last = replica("carl");
    last.command.signal("SIGINT");
    expect(await last.command.ended).toEqual({ code: 0, signal: null });
    expect(await leader()).toBe("");
    const messages = [...replicas.values()].flatMap(({ log }) => log().map(({ msg }) => msg));
    expect(messages).toContain("a message could not be told yet");
    for (const { name, command, log } of replicas.values()) {
      expect(log().length).toBeGreaterThan(3);
      expect(log().filter(({ level }) => level === "error")).toEqual([]);
      expect(command.stderr()).toBe("");
      expect(command.stdout()).not.toContain(tokenOf(name));
      expect(command.stdout()).not.toContain("secret-path");
    }
  });
});
