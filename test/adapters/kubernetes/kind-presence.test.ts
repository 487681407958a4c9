import { describe, expect, it } from "vitest";
import { createOptionalInformer } from "../../../src/adapters/kubernetes/kind-presence.ts";
import {
  createTransport,
  type TransportOptions,
} from "../../../src/adapters/kubernetes/transport.ts";
import { createApiServer } from "../../../src/sandbox/api-server/api-server.ts";
import { fetchOf } from "../../support/embedded-api.ts";
import { kedaKind } from "../../support/keda-kind.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createRecordingLog } from "../../support/recording-log.ts";
import { createScriptedApi, json, status } from "../../support/scripted-api.ts";

const scaledObjects = {
  group: "keda.sh",
  version: "v1alpha1",
  plural: "scaledobjects",
  namespaced: true,
};

const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

const definition = kedaKind;

function setUp(options: Partial<TransportOptions> = {}) {
  const clock = createManualClock();
  const server = createApiServer({ clock });
  const paths: string[] = [];
  const { fetch = fetchOf(server) } = options;
  const log = createRecordingLog();
  const random = () => 0.5;
  const common = { baseUrl: "http://api.test", clock, log, random, userAgent: "t" };
  const direct = createTransport({ ...common, fetch });
  const transport = createTransport({
    ...common,
    fetch: (url, init) => {
      paths.push(new URL(url).pathname);
      return fetch(url, init);
    },
  });
  const informer = createOptionalInformer({
    transport,
    resource: scaledObjects,
    decode: ({ metadata }) => metadata.name,
    clock,
    log,
    random,
  });
  const changes: string[] = [];
  informer.onChange(({ key, after }) =>
    changes.push(`${key} ${after === undefined ? "gone" : "there"}`),
  );
  const post = (path: string, body: unknown) => direct.request({ method: "POST", path, body });
  const install = () => post(definitions, definition);
  const create = (name: string) =>
    post("/apis/keda.sh/v1alpha1/namespaces/default/scaledobjects", {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name, namespace: "default" },
    });
  const uninstall = () =>
    direct.request({ method: "DELETE", path: `${definitions}/scaledobjects.keda.sh` });
  return { changes, clock, create, informer, install, log, paths, uninstall };
}

describe("an optional kind", () => {
  it("that is absent counts as synced and empty and is never asked for", async () => {
    const { clock, informer, paths } = setUp();
    informer.start();
    await clock.run(110_000);
    expect(informer.hasSynced()).toBe(true);
    expect(informer.isServed()).toBe(false);
    expect(informer.list()).toEqual([]);
    expect(paths).toEqual([definitions, definitions]);
    await informer.stop();
    expect(clock.pending()).toBe(0);
  });

  it("that is there from the start is synced once it is listed", async () => {
    const { clock, create, informer, install } = setUp();
    await install();
    await clock.run(0);
    await create("a");
    informer.start();
    await informer.whenSynced();
    expect(informer.isServed()).toBe(true);
    expect(informer.list().map(({ view }) => view)).toEqual(["a"]);
    await informer.stop();
  });

  it("that is installed, used, removed and installed again is followed all the way", async () => {
    const { changes, clock, create, informer, install, uninstall } = setUp();
    informer.start();
    await informer.whenSynced();
    await install();
    await clock.run(1_000);
    await create("a");
    await clock.run(1_000);
    expect(informer.get("default", "a")?.view).toBe("a");
    await uninstall();
    await clock.run(5_000);
    expect(informer.isServed()).toBe(false);
    expect(informer.list()).toEqual([]);
    await install();
    await clock.run(5_000);
    await create("b");
    await clock.run(5_000);
    expect(changes).toEqual(["default/a there", "default/a gone", "default/b there"]);
    await informer.stop();
    expect(clock.pending()).toBe(0);
  });

  it.each([
    ["another version", { spec: { versions: [{ name: "v2", served: true }] } }],
    ["a version not served", { spec: { versions: [{ name: "v1alpha1", served: false }] } }],
    ["no spec", {}],
    [
      "a definition not established",
      {
        spec: definition.spec,
        status: { conditions: [{ type: "Established", status: "False" }] },
      },
    ],
  ])("with %s counts as absent", async (_, facts) => {
    const item = { metadata: { ...definition.metadata, resourceVersion: "1" }, ...facts };
    const api = createScriptedApi(json({ metadata: { resourceVersion: "1" }, items: [item] }));
    const { clock, informer } = setUp({ fetch: api.fetch });
    informer.start();
    await clock.run(0);
    expect([informer.isServed(), informer.hasSynced()]).toEqual([false, true]);
    await informer.stop();
  });

  it("whose definition may not be read is asked for itself", async () => {
    const api = createScriptedApi(
      status(403, "Forbidden"),
      status(404, "NotFound"),
      json({
        metadata: { resourceVersion: "5" },
        items: [{ metadata: { name: "a", namespace: "x" } }],
      }),
    );
    const { clock, informer, paths } = setUp({ fetch: api.fetch });
    informer.start();
    await clock.run(0);
    expect(informer.hasSynced()).toBe(true);
    await clock.run(1_000);
    expect(informer.list()).toHaveLength(1);
    const objects = "/apis/keda.sh/v1alpha1/scaledobjects";
    expect(paths).toEqual([definitions, objects, objects, objects]);
    await informer.stop();
    expect(clock.pending()).toBe(0);
  });
});
