import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { createCluster } from "../../../../src/adapters/kubernetes/cluster/cluster.ts";
import { clusterInformers } from "../../../../src/adapters/kubernetes/cluster/informers.ts";
import { createEventRecorder } from "../../../../src/adapters/kubernetes/events.ts";
import { createTransport } from "../../../../src/adapters/kubernetes/transport.ts";
import type { HttpInit } from "../../../../src/adapters/kubernetes/transport-exchange.ts";
import type { CanaryStatus, OutboxEntry } from "../../../../src/api/canary-status.ts";
import { known } from "../../../../src/core/fact.ts";
import type { StatusWrite } from "../../../../src/ports/cluster.ts";
import { type Client, createClientOf } from "../../../support/api-server-client.ts";
import { type ContractServer, createContractServer } from "../../../support/contract-server.ts";
import { fetchOf } from "../../../support/embedded-api.ts";
import { readManifests } from "../../../support/manifests.ts";
import { createManualClock, settleTasks } from "../../../support/manual-clock.ts";
import { createRecordingLog } from "../../../support/recording-log.ts";
import { failed, initialized, progressing } from "../../../support/snapshots.ts";

const serin = "/apis/serin.dev/v1alpha1";
const canaries = `${serin}/namespaces/shop/canaries`;
const orders = `${canaries}/orders`;
const events = "/api/v1/namespaces/shop/events";
const key = { namespace: "shop", name: "orders" };
const spec = {
  targetRef: { name: "orders" },
  routing: { istio: { virtualServices: [{ name: "orders" }] } },
};
const canary = {
  apiVersion: "serin.dev/v1alpha1",
  kind: "Canary",
  metadata: { name: "orders" },
  spec,
};

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** An API server with Serin's kinds and one Canary, and the port on it. `qps` bounds its requests. */
async function createBed({ qps = 1_000, namespace }: { qps?: number; namespace?: string } = {}) {
  const clock = createManualClock();
  const client = createClientOf(createContractServer({ clock }), clock);
  for (const name of ["shop", "elsewhere"])
    await client.post("/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
    });
  for (const { object } of readManifests("crds").filter(
    ({ object }) => object.kind === "CustomResourceDefinition",
  )) {
    await client.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", object);
  }
  const created = await client.post(canaries, canary);
  if (created.code !== 201) throw new Error(JSON.stringify(created.body));
  const served = fetchOf(client.server);
  const writes: { readonly method: string; readonly body: unknown }[] = [];
  let answer: (init: HttpInit) => Response | undefined = () => undefined;
  const log = createRecordingLog();
  const common = { clock: client.clock, log, random: () => 0.5 };
  const transport = createTransport({
    ...common,
    qps,
    burst: qps,
    baseUrl: "http://api.test",
    userAgent: "test",
    fetch: async (url, init) => {
      if (init.method !== "GET")
        writes.push({ method: init.method, body: JSON.parse(init.body ?? "null") });
      return answer(init) ?? served(url, init);
    },
  });
  const informers = clusterInformers({ ...common, transport, namespace });
  const all = Object.values(informers);
  for (const informer of all) informer.start();
  await Promise.all(all.map((informer) => informer.whenSynced()));
  const stop = async () => {
    await Promise.all(all.map((informer) => informer.stop()));
  };
  stops.push(stop);
  const cluster = createCluster({
    transport,
    informers,
    ownNamespace: "serin-system",
    clock: client.clock,
    events: createEventRecorder({
      transport,
      clock: client.clock,
      component: "serin-controller",
      instance: "pod-1",
    }),
  });
  const found = () => {
    const object = cluster.canary(key);
    if (object === undefined) throw new Error("the Canary is not in the cache");
    return object;
  };
  return {
    client,
    cluster,
    informers,
    writes,
    found,
    /** No more watch events arrive. */
    freeze: stop,
    answerWith: (next: typeof answer) => {
      answer = next;
    },
    status: async (): Promise<CanaryStatus | undefined> => (await client.get(orders)).body.status,
    write: (status: CanaryStatus, mode: StatusWrite["mode"] = "Fenced") =>
      cluster.writeStatus({ identity: found().identity, status, mode }),
    /** Somebody else writes the spec. */
    edit: () => client.mergePatch(orders, { spec: { progressDeadlineSeconds: 700 } }),
  };
}

const refusal = (code: number, reason: string, headers: Record<string, string> = {}) =>
  Response.json(
    { kind: "Status", status: "Failure", code, reason, message: reason },
    {
      status: code,
      headers,
    },
  );

describe("an abort", () => {
  const annotate = (bed: Awaited<ReturnType<typeof createBed>>, abort: string) =>
    bed.client.mergePatch(orders, { metadata: { annotations: { "serin.dev/abort": abort } } });

  it("is read from its annotation, and removed in the words that were answered", async () => {
    const bed = await createBed();
    await annotate(bed, "wrong prices");
    await settleTasks();
    expect(bed.found().commands.abort).toBe("wrong prices");
    await bed.cluster.removeAbort(bed.found().identity, "wrong prices");
    expect(bed.found().commands.abort).toBeUndefined();
    expect((await bed.client.get(orders)).body.metadata.annotations ?? {}).toEqual({});
  });

  it("that somebody gave meanwhile in other words is left there, and known at once", async () => {
    const bed = await createBed();
    await annotate(bed, "wrong prices");
    await settleTasks();
    await bed.freeze();
    await annotate(bed, "wrong taxes");
    await expect(
      bed.cluster.removeAbort(bed.found().identity, "wrong prices"),
    ).rejects.toMatchObject({ reason: "Conflict" });
    expect(bed.found().commands.abort).toBe("wrong taxes");
  });
});

describe("Cluster reads", () => {
  it("every Canary in the cache, and of one its spec and status", async () => {
    const { cluster, client, found } = await createBed();
    expect(cluster.canaries()).toMatchObject([key]);
    expect(found()).toMatchObject({
      identity: { ...key, generation: 1 },
      spec: { kind: "Known" },
      status: {},
    });
    await client.delete(orders);
    await settleTasks();
    expect(cluster.canary(key)).toBeUndefined();
    expect(cluster.canaries()).toEqual([]);
  });

  it("a template of the Canary's namespace, and a cluster template with Serin's own Secrets", async () => {
    const { client, cluster } = await createBed();
    const template = (kind: string) => ({
      apiVersion: "serin.dev/v1alpha1",
      kind,
      metadata: { name: "errors" },
      spec: { provider: { prometheus: {} }, ratio: { total: "a", bad: "b" } },
    });
    const inNamespace = { kind: "AnalysisTemplate", name: "errors" } as const;
    const ofCluster = { kind: "ClusterAnalysisTemplate", name: "errors" } as const;
    for (const reference of [inNamespace, ofCluster])
      expect(cluster.template("shop", reference)).toMatchObject({
        kind: "Missing",
        reason: "TemplateNotFound",
      });
    await client.post(`${serin}/namespaces/shop/analysistemplates`, template(inNamespace.kind));
    await client.post(`${serin}/clusteranalysistemplates`, template(ofCluster.kind));
    await settleTasks();
    expect(cluster.template("shop", inNamespace)).toMatchObject({
      value: { secretNamespace: "shop" },
    });
    expect(cluster.template("elsewhere", inNamespace).kind).toBe("Missing");
    expect(cluster.template("elsewhere", ofCluster)).toMatchObject({
      value: { secretNamespace: "serin-system" },
    });
  });

  it("an alert provider, and says when there is none", async () => {
    const { client, cluster } = await createBed();
    expect(cluster.alertProvider("shop", "slack")).toMatchObject({ reason: "ProviderNotFound" });
    await createProvider(client);
    await settleTasks();
    expect(cluster.alertProvider("shop", "slack")).toMatchObject({ kind: "Known" });
    expect(cluster.alertProvider("elsewhere", "slack").kind).toBe("Missing");
  });

  it("one namespace only, when told so", async () => {
    const { client, cluster } = await createBed({ namespace: "shop" });
    await client.post(`${serin}/namespaces/elsewhere/canaries`, canary);
    await settleTasks();
    expect(cluster.canaries()).toMatchObject([key]);
  });
});

async function createProvider(client: Client<ContractServer>): Promise<void> {
  await client.post(`${serin}/namespaces/shop/alertproviders`, {
    apiVersion: "serin.dev/v1alpha1",
    kind: "AlertProvider",
    metadata: { name: "slack" },
    spec: { slack: { address: "https://hooks.slack.test/x" } },
  });
}

describe("Cluster.writeStatus", () => {
  it("replaces the status whole, and reads its own write at once", async () => {
    const { write, status, found, freeze } = await createBed();
    await freeze();
    await write(failed());
    expect(await status()).toEqual(failed());
    await write(initialized());
    expect(await status()).toEqual(initialized());
    expect(found().status).toEqual(initialized());
  });

  it("leaves the spec as it is, and is no new generation", async () => {
    const { write, client } = await createBed();
    const before = (await client.get(orders)).body;
    await write(initialized());
    const after = (await client.get(orders)).body;
    expect(after.spec).toEqual(before.spec);
    expect(after.metadata.generation).toBe(before.metadata.generation);
  });

  it("fenced, writes over no version that it has not seen, and looks again", async () => {
    const { write, edit, status, found, freeze } = await createBed();
    await freeze();
    await edit();
    expect(found().identity.generation).toBe(1);
    await expect(write(initialized())).rejects.toMatchObject({
      name: "RetryableError",
      reason: "Conflict",
    });
    expect(await status()).toBeUndefined();
    expect(found()).toMatchObject({
      identity: { generation: 2 },
      spec: { value: { progressDeadlineSeconds: 700 } },
    });
    await write(initialized());
    expect(await status()).toEqual(initialized());
  });

  it("urgent, writes over whatever was written since", async () => {
    const { write, edit, status, found, freeze } = await createBed();
    await write(progressing(1, "confirmed"));
    await freeze();
    await edit();
    await write(failed(), "Urgent");
    expect(await status()).toEqual(failed());
    expect(found()).toMatchObject({ identity: { generation: 2 }, status: failed() });
  });

  it("urgent, waits for no turn", async () => {
    const { write, status } = await createBed({ qps: 10 });
    const waiting = Array.from({ length: 40 }, () => write(initialized()).catch(() => undefined));
    await write(failed(), "Urgent");
    expect(await status()).toEqual(failed());
    void waiting;
  });

  it.each(["Fenced", "Urgent"] as const)(
    "%s, never writes to an object that was created again under the name",
    async (mode) => {
      const { client, write, status, found, freeze } = await createBed();
      await freeze();
      await client.delete(orders);
      await client.post(canaries, canary);
      const before = found().identity.uid;
      await expect(write(failed(), mode)).rejects.toMatchObject({ reason: "Conflict" });
      expect(await status()).toBeUndefined();
      expect(found().identity.uid).not.toBe(before);
    },
  );

  it("forgets an object that is gone", async () => {
    const { client, cluster, write, freeze } = await createBed();
    await freeze();
    await client.delete(orders);
    await expect(write(failed(), "Urgent")).rejects.toMatchObject({ reason: "Conflict" });
    expect(cluster.canary(key)).toBeUndefined();
  });

  it.each([
    [409, "Conflict", { name: "RetryableError", reason: "Conflict" }],
    [429, "TooManyRequests", { name: "RetryableError", afterMs: 7_000 }],
    [500, "InternalError", { name: "RetryableError", reason: "ServerError" }],
    [503, "ServiceUnavailable", { name: "RetryableError", reason: "ServerError" }],
    [403, "Forbidden", { name: "StallError", reason: "Forbidden" }],
  ])("answers %i with one of Serin's errors, for either mode", async (code, reason, error) => {
    const { write, status, answerWith } = await createBed();
    answerWith((init) =>
      init.method === "PATCH" ? refusal(code, reason, { "retry-after": "7" }) : undefined,
    );
    for (const mode of ["Fenced", "Urgent"] as const)
      await expect(write(initialized(), mode)).rejects.toMatchObject(error);
    answerWith(() => undefined);
    expect(await status()).toBeUndefined();
    await write(initialized());
    expect(await status()).toEqual(initialized());
  });

  it("looks again after a conflict that the server itself met", async () => {
    const { write, edit, found, freeze, answerWith } = await createBed();
    await freeze();
    await edit();
    answerWith((init) => (init.method === "PATCH" ? refusal(409, "Conflict") : undefined));
    await expect(write(initialized())).rejects.toMatchObject({ reason: "Conflict" });
    expect(found().identity.generation).toBe(2);
  });

  it("takes a status that the schema refuses for something that a human must mend", async () => {
    const { write, status } = await createBed();
    const wrong = { ...initialized(), canaryWeight: 101 };
    for (const mode of ["Fenced", "Urgent"] as const)
      await expect(write(wrong, mode)).rejects.toMatchObject({ name: "StallError" });
    expect(await status()).toBeUndefined();
  });
});

describe("Cluster and what other versions of Serin wrote", () => {
  it("takes a status that it cannot read for none, and may write over it", async () => {
    const { client, write, status, found } = await createBed();
    await loosen(client);
    const exploded = { status: { phase: "Exploded", canaryWeight: 50 } };
    await patchOnceTaken(client, `${orders}/status`, exploded);
    expect(found()).toMatchObject({ spec: { kind: "Known" }, status: {} });
    await write(initialized());
    expect(await status()).toEqual(initialized());
  });

  it("reads a spec that is not valid as Missing, with the field that is wrong", async () => {
    const { client, cluster, found } = await createBed();
    await loosen(client);
    await patchOnceTaken(client, orders, { spec: { stages: [{ weight: 0 }] } });
    expect(found().spec).toMatchObject({ kind: "Missing", reason: "Invalid" });
    expect(JSON.stringify(found().spec)).toContain("spec.stages.0.weight");
    expect(cluster.canaries()).toHaveLength(1);
  });
});

/** The API server takes every Canary until the test ends, as one with another version's schema. */
async function loosen(client: Client<ContractServer>): Promise<void> {
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/canaries.serin.dev";
  const { versions } = (await client.get(path)).body.spec;
  const define = async (next: readonly unknown[]) => {
    const { body } = await client.get(path);
    const { code } = await client.put(path, { ...body, spec: { ...body.spec, versions: next } });
    if (code !== 200) throw new Error(`the definition was answered with ${code}`);
  };
  const openAPIV3Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  // A real server is shared with the tests that come.
  onTestFinished(() => define(versions));
  await define([{ ...versions[0], schema: { openAPIV3Schema } }]);
}

/** A definition is acted on a moment after it was written, by a real server. */
async function patchOnceTaken(client: Client<ContractServer>, path: string, patch: object) {
  for (let tries = 0; tries < 50; tries += 1) {
    const { code } = await client.mergePatch(path, patch);
    await settleTasks();
    if (code === 200) return;
  }
  throw new Error("the definition is not acted on");
}

describe("Cluster Events", () => {
  const entry = (id: string, severity: OutboxEntry["severity"] = "Error"): OutboxEntry => ({
    id,
    reason: "RolledBack",
    severity,
    message: "rolled back: 20 % errors",
    at: "2026-01-01T00:00:00.000Z",
    facts: {},
  });

  it("are recorded on the Canary, once per id", async () => {
    const { client, cluster, found } = await createBed();
    const { identity } = found();
    for (let time = 0; time < 3; time += 1) await cluster.recordEvent(identity, entry("a"));
    await cluster.recordEvent(identity, entry("b", "Info"));
    const { items } = (await client.get(events)).body;
    expect(items).toHaveLength(2);
    const types = items.map(({ type }: { type: string }) => type).sort();
    expect(types).toEqual(["Normal", "Warning"]);
    expect(items[0]).toMatchObject({
      reason: "RolledBack",
      message: "rolled back: 20 % errors",
      involvedObject: { kind: "Canary", name: "orders", uid: identity.uid },
    });
  });

  it("fail as something to be tried again, after the wait that is asked for", async () => {
    const { cluster, found, answerWith } = await createBed();
    answerWith((init) =>
      init.method === "POST" ? refusal(429, "TooManyRequests", { "retry-after": "7" }) : undefined,
    );
    await expect(cluster.recordEvent(found().identity, entry("a"))).rejects.toMatchObject({
      name: "RetryableError",
      afterMs: 7_000,
    });
  });

  it("say on an alert provider why it cannot be used, and on the Canary where there is none", async () => {
    const { client, cluster, found } = await createBed();
    const { identity } = found();
    await cluster.recordProviderProblem(identity, "slack", "there is no such provider");
    await createProvider(client);
    await settleTasks();
    await cluster.recordProviderProblem(identity, "slack", "Secret slack has no key token");
    expect((await client.get(events)).body.items).toMatchObject([
      {
        type: "Warning",
        reason: "NotDelivered",
        message: "there is no such provider",
        involvedObject: { kind: "Canary", name: "orders" },
      },
      {
        type: "Warning",
        reason: "NotDelivered",
        message: "Secret slack has no key token",
        involvedObject: { kind: "AlertProvider", name: "slack" },
      },
    ]);
  });
});

describe("A Canary's finalizer", () => {
  const finalizers = async (client: Awaited<ReturnType<typeof createBed>>["client"]) =>
    (await client.get(orders)).body.metadata?.finalizers;

  it("is put on beside those of others, and taken off again", async () => {
    const { client, cluster, found } = await createBed();
    await client.mergePatch(orders, { metadata: { finalizers: ["example.com/other"] } });
    await settleTasks();
    expect(found().deletion).toEqual({ isAsked: false, isHeld: false });
    await cluster.setFinalizer(found().identity, true);
    expect(found().deletion).toEqual({ isAsked: false, isHeld: true });
    expect(await finalizers(client)).toEqual(["example.com/other", "serin.dev/finalizer"]);
    await cluster.setFinalizer(found().identity, false);
    expect(await finalizers(client)).toEqual(["example.com/other"]);
  });

  it("holds a Canary that is deleted, which is gone from the cache once it is off", async () => {
    const { client, cluster, found, freeze } = await createBed();
    await cluster.setFinalizer(found().identity, true);
    await client.delete(orders);
    await settleTasks();
    expect(found().deletion).toEqual({ isAsked: true, isHeld: true });
    await freeze();
    await cluster.setFinalizer(found().identity, false);
    expect(cluster.canary(key)).toBeUndefined();
    expect((await client.get(orders)).code).toBe(404);
  });

  it("is not written over what somebody else wrote since the look", async () => {
    const { cluster, found, edit, freeze } = await createBed();
    await freeze();
    const { identity } = found();
    await edit();
    await expect(cluster.setFinalizer(identity, true)).rejects.toMatchObject({
      name: "RetryableError",
      reason: "Conflict",
    });
    expect(found().identity.generation).toBe(2);
    expect(found().deletion.isHeld).toBe(false);
  });

  it("is no trouble on a Canary that is gone", async () => {
    const { client, cluster, found, freeze } = await createBed();
    await freeze();
    const { identity } = found();
    await client.delete(orders);
    await cluster.setFinalizer(identity, false);
    await cluster.setFinalizer(identity, false);
    expect(cluster.canary(key)).toBeUndefined();
  });
});

describe("A namespace", () => {
  it("is unknown until it is read, and then what it was when it was read", async () => {
    const { client, cluster, found } = await createBed();
    expect(cluster.namespace("shop")).toMatchObject({ kind: "Unknown" });
    await cluster.readNamespace("shop");
    const readAt = client.clock.now();
    expect(cluster.namespace("shop")).toEqual(known({ isEnding: false, readAt }));
    await cluster.setFinalizer(found().identity, true);
    await client.delete("/api/v1/namespaces/shop");
    expect(cluster.namespace("shop")).toMatchObject({ value: { isEnding: false } });
    await cluster.readNamespace("shop");
    expect(cluster.namespace("shop")).toMatchObject({ value: { isEnding: true } });
    await cluster.readNamespace("nowhere");
    expect(cluster.namespace("nowhere")).toMatchObject({ value: { isEnding: true } });
  });

  it("that may not be read is Missing; one that cannot be read now is tried again", async () => {
    const { cluster, answerWith } = await createBed();
    answerWith(() => refusal(403, "Forbidden"));
    await cluster.readNamespace("shop");
    expect(cluster.namespace("shop")).toMatchObject({ kind: "Missing", reason: "Forbidden" });
    answerWith(() => refusal(500, "InternalError"));
    await expect(cluster.readNamespace("shop")).rejects.toMatchObject({ name: "RetryableError" });
  });
});
