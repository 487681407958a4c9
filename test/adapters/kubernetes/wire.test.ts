import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createInformer } from "../../../src/adapters/kubernetes/informer.ts";
import { connectByKubeconfig } from "../../../src/adapters/kubernetes/kube-config.ts";
import { createTransport } from "../../../src/adapters/kubernetes/transport.ts";
import { createSystemClock } from "../../../src/adapters/system-clock.ts";
import { createApiServer } from "../../../src/sandbox/api-server/api-server.ts";
import { listenLoopback } from "../../../src/sandbox/api-server/listen.ts";
import { createRecordingLog } from "../../support/recording-log.ts";

const path = "/api/v1/namespaces/default/configmaps";

/** Everything as in production: kubeconfig, undici, sockets, the machine's clock. */
async function setUp() {
  const clock = createSystemClock();
  const server = createApiServer({ clock });
  const listener = await listenLoopback(server.fetch, 0);
  const directory = await mkdtemp(join(tmpdir(), "serin-wire-"));
  const file = join(directory, "config");
  await writeFile(
    file,
    JSON.stringify({
      "current-context": "main",
      clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${listener.port}` } }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "main", context: { cluster: "c", user: "u" } }],
    }),
  );
  const log = createRecordingLog();
  const connection = await connectByKubeconfig({ path: file, clock, log });
  const random = () => 0.5;
  const transport = createTransport({ ...connection.wire, clock, log, random, userAgent: "t" });
  const informer = createInformer({
    transport,
    resource: { group: "", version: "v1", plural: "configmaps", namespaced: true },
    decode: ({ metadata }) => metadata.name,
    clock,
    log,
    random,
  });
  const create = (name: string) =>
    transport.request({
      method: "POST",
      path,
      body: { apiVersion: "v1", kind: "ConfigMap", metadata: { name } },
    });
  const isThere = (name: string) =>
    new Promise<void>((resolve) => {
      const look = (): void => {
        if (informer.get("default", name) === undefined) return;
        unsubscribe();
        resolve();
      };
      const unsubscribe = informer.onChange(look);
      look();
    });
  const close = async () => {
    await connection.close();
    server.close();
    await listener.close();
    await rm(directory, { recursive: true });
  };
  return { close, create, informer, isThere, log, server, transport };
}

describe("over real sockets", () => {
  it("an informer follows what happens, also across cut watches, and stops", async () => {
    const { close, create, informer, isThere, log, server } = await setUp();
    informer.start();
    await informer.whenSynced();
    await create("a");
    await isThere("a");
    server.cutWatches();
    await create("b");
    await isThere("b");
    await informer.stop();
    await close();
    expect(log.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("a conflict, a missing object and a failed test are told apart", async () => {
    const { close, create, transport } = await setUp();
    await create("a");
    await expect(create("a")).rejects.toMatchObject({ code: 409, reason: "AlreadyExists" });
    const missing = { method: "GET", path: `${path}/missing` } as const;
    await expect(transport.request(missing)).rejects.toMatchObject({ code: 404 });
    const test = [{ op: "test", path: "/metadata/uid", value: "another" }];
    const patch = { method: "PATCH", path: `${path}/a`, patch: "json", body: test } as const;
    await expect(transport.request(patch)).rejects.toMatchObject({ code: 422 });
    await close();
  });

  it("a server that went away is unreachable, not a hang", async () => {
    const { close, transport, server } = await setUp();
    await close();
    server.close();
    await expect(transport.request({ method: "GET", path })).rejects.toMatchObject({
      reason: "Unreachable",
    });
  });
});
