import { describe, expect, it } from "vitest";
import { createInformer, type InformerOptions } from "../../../src/adapters/kubernetes/informer.ts";
import type { Change } from "../../../src/adapters/kubernetes/informer-cache.ts";
import type { RawObject } from "../../../src/adapters/kubernetes/raw-object.ts";
import { createTransport } from "../../../src/adapters/kubernetes/transport.ts";
import { createApiServer } from "../../../src/sandbox/api-server/api-server.ts";
import { fetchOf } from "../../support/embedded-api.ts";
import { createManualClock, settleTasks } from "../../support/manual-clock.ts";
import { createRecordingLog } from "../../support/recording-log.ts";
import { createOpenBody, createScriptedApi, json } from "../../support/scripted-api.ts";

const configMaps = { group: "", version: "v1", plural: "configmaps", namespaced: true };

interface Settings {
  readonly name: string;
  readonly owner: string;
}

function decode({ metadata, data }: RawObject): Settings {
  const owner = data !== null && typeof data === "object" && "owner" in data ? data.owner : "";
  if (typeof owner !== "string") throw new Error("data.owner: expected a string");
  return { name: metadata.name, owner };
}

const told = ({ key, before, after, problem }: Change<Settings>): string =>
  `${key} ${before?.view.owner ?? "-"}→${after?.view.owner ?? "-"}${problem === undefined ? "" : " !"}`;

function wire(
  fetch: Parameters<typeof createTransport>[0]["fetch"],
  options: Partial<InformerOptions<Settings>> = {},
) {
  const clock = createManualClock();
  const log = createRecordingLog();
  const random = () => 0.5;
  const transport = createTransport({
    baseUrl: "http://api.test",
    fetch,
    clock,
    log,
    random,
    userAgent: "t",
    burst: 1_000,
  });
  const informer = createInformer({
    transport,
    resource: configMaps,
    decode,
    indexes: { owner: ({ owner }: Settings) => (owner === "" ? [] : [owner]) },
    clock,
    log,
    random,
    ...options,
  });
  const changes: string[] = [];
  informer.onChange((change) => changes.push(told(change)));
  return { changes, clock, informer, log, transport };
}

const settings = (name: string, owner: unknown, version: string, namespace = "shop") => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace, name, resourceVersion: version },
  data: { owner },
});

async function scripted(items: unknown[], options: Partial<InformerOptions<Settings>> = {}) {
  const body = createOpenBody();
  const list = json({ metadata: { resourceVersion: "10" }, items });
  const api = createScriptedApi(list, body.answer);
  const all = wire(api.fetch, options);
  all.informer.start();
  await settleTasks();
  return { ...all, api, body };
}

describe("an informer", () => {
  it("says why it has no list, until it has one", async () => {
    const api = createScriptedApi(
      json({ kind: "Status", code: 403, message: "no" }, 403),
      json({ kind: "Status", code: 404, reason: "NotFound" }, 404),
      json({ metadata: { resourceVersion: "10" }, items: [] }),
      createOpenBody().answer,
    );
    const { informer, clock } = wire(api.fetch);
    expect(informer.pending()).toBe("configmaps are not listed yet");
    informer.start();
    await settleTasks();
    expect(informer.pending()).toBe("GET configmaps: no");
    await clock.run(250);
    expect(informer.pending()).toBe("the API server does not serve configmaps");
    await clock.run(60_000);
    expect(informer.hasSynced()).toBe(true);
    expect(informer.pending()).toBe(undefined);
    await informer.stop();
  });

  it("holds what was listed, by name, namespace and index", async () => {
    const { informer } = await scripted([
      settings("a", "ann", "1"),
      settings("b", "bob", "2"),
      settings("a", "ann", "3", "pay"),
    ]);
    expect(informer.get("shop", "a")?.view).toEqual({ name: "a", owner: "ann" });
    expect(informer.get("shop", "c")).toBeUndefined();
    expect(informer.list()).toHaveLength(3);
    expect(informer.list("pay").map(({ view }) => view.name)).toEqual(["a"]);
    expect(informer.byIndex("owner", "ann")).toHaveLength(2);
    expect(informer.byIndex("owner", "eve")).toEqual([]);
    expect(() => informer.byIndex("colour", "red")).toThrow('there is no index "colour"');
  });

  it("keeps the raw object with the fields that nobody decodes", async () => {
    const { informer } = await scripted([{ ...settings("a", "ann", "1"), future: { x: 1 } }]);
    expect(informer.get("shop", "a")?.raw.future).toEqual({ x: 1 });
  });

  it("keeps no more of the raw object than is asked for, and decodes all of it", async () => {
    const keep = ({ metadata }: RawObject): RawObject => ({ metadata });
    const { informer } = await scripted([settings("a", "ann", "1")], { keep });
    expect(informer.get("shop", "a")?.view.owner).toBe("ann");
    expect(Object.keys(informer.get("shop", "a")?.raw ?? {})).toEqual(["metadata"]);
  });

  it("tells every change with what was before and after", async () => {
    const { body, changes, informer } = await scripted([settings("a", "ann", "1")]);
    body.event("MODIFIED", settings("a", "bob", "11"));
    body.event("ADDED", settings("b", "ann", "12"));
    body.event("DELETED", settings("a", "bob", "13"));
    await settleTasks();
    expect(changes).toEqual(["shop/a -→ann", "shop/a ann→bob", "shop/b -→ann", "shop/a bob→-"]);
    expect(informer.byIndex("owner", "ann").map(({ view }) => view.name)).toEqual(["b"]);
    expect(informer.byIndex("owner", "bob")).toEqual([]);
  });

  it("ignores what is repeated or older", async () => {
    const { body, changes } = await scripted([settings("a", "ann", "9")]);
    body.event("MODIFIED", settings("a", "bob", "100"));
    body.event("MODIFIED", settings("a", "bob", "100"));
    body.event("MODIFIED", settings("a", "old", "99"));
    body.event("DELETED", settings("a", "old", "98"));
    await settleTasks();
    expect(changes).toEqual(["shop/a -→ann", "shop/a ann→bob"]);
  });

  it("lets nothing late bring a deleted object back, but a new one of its name", async () => {
    const { body, informer } = await scripted([settings("a", "ann", "9")]);
    body.event("DELETED", settings("a", "ann", "20"));
    body.event("MODIFIED", settings("a", "late", "19"));
    await settleTasks();
    informer.observeWrite(settings("a", "late", "18"));
    expect(informer.get("shop", "a")).toBeUndefined();
    body.event("ADDED", settings("a", "new", "21"));
    await settleTasks();
    expect(informer.get("shop", "a")?.view.owner).toBe("new");
  });

  it("takes what comes later for newer when versions are no numbers", async () => {
    const { body, informer } = await scripted([settings("a", "ann", "abc")]);
    body.event("MODIFIED", settings("a", "bob", "aaa"));
    await settleTasks();
    expect(informer.get("shop", "a")?.view.owner).toBe("bob");
  });

  it("is synced after the first list and not before", async () => {
    const { informer } = wire(createScriptedApi().fetch);
    informer.start();
    await settleTasks();
    expect(informer.hasSynced()).toBe(false);
    const giveUp = new AbortController();
    const waiting = informer.whenSynced(giveUp.signal);
    giveUp.abort();
    await expect(waiting).rejects.toMatchObject({ reason: "Aborted" });
    await informer.stop();

    const synced = await scripted([]);
    await synced.informer.whenSynced();
    expect(synced.informer.hasSynced()).toBe(true);
  });

  it("outlives handlers that throw, and tells the others", async () => {
    const { body, changes, informer, log } = await scripted([]);
    informer.onChange(() => {
      throw new Error("handler bug");
    });
    const later: string[] = [];
    const unsubscribe = informer.onChange((change) => later.push(told(change)));
    body.event("ADDED", settings("a", "ann", "11"));
    await settleTasks();
    unsubscribe();
    body.event("ADDED", settings("b", "bob", "12"));
    await settleTasks();
    expect(changes).toEqual(["shop/a -→ann", "shop/b -→bob"]);
    expect(later).toEqual(["shop/a -→ann"]);
    expect(log.lines).toContainEqual({
      level: "error",
      fields: { key: "shop/a", because: "handler bug" },
      message: "change handler failed",
    });
  });
});

describe("an object that cannot be decoded", () => {
  it("is kept as a problem, told, and logged once until the problem changes", async () => {
    const { body, changes, informer, log } = await scripted([
      settings("a", 7, "1"),
      settings("b", "bob", "2"),
    ]);
    body.event("MODIFIED", settings("a", 8, "11"));
    await settleTasks();
    expect(informer.get("shop", "a")).toBeUndefined();
    expect(informer.list().map(({ view }) => view.name)).toEqual(["b"]);
    expect(informer.problems()).toMatchObject([
      { key: "shop/a", message: "data.owner: expected a string" },
    ]);
    expect(changes).toEqual(["shop/a -→- !", "shop/b -→bob", "shop/a -→- !"]);
    expect(log.lines.filter(({ message }) => message === "object cannot be decoded")).toHaveLength(
      1,
    );
  });

  it("leaves the cache and the indexes, and comes back once it is mended", async () => {
    const { body, changes, informer } = await scripted([settings("a", "ann", "1")]);
    body.event("MODIFIED", settings("a", 7, "11"));
    await settleTasks();
    expect(informer.byIndex("owner", "ann")).toEqual([]);
    expect(informer.list("shop")).toEqual([]);
    body.event("MODIFIED", settings("a", "bob", "12"));
    await settleTasks();
    expect(changes).toEqual(["shop/a -→ann", "shop/a ann→- !", "shop/a -→bob"]);
    expect(informer.problems()).toEqual([]);
  });
});

describe("a write that was observed", () => {
  it("is in the cache at once, and its event later is no change", async () => {
    const { body, changes, informer } = await scripted([settings("a", "ann", "9")]);
    informer.observeWrite(settings("a", "me", "12"));
    expect(informer.get("shop", "a")?.view.owner).toBe("me");
    body.event("MODIFIED", settings("a", "between", "11"));
    body.event("MODIFIED", settings("a", "me", "12"));
    await settleTasks();
    expect(changes).toEqual(["shop/a -→ann", "shop/a ann→me"]);
  });

  it.each([
    ["an older version", settings("a", "old", "8")],
    ["another namespace", settings("a", "other", "12", "pay")],
    ["no object", { kind: "Status", status: "Success", metadata: {} }],
    ["nothing", undefined],
  ])("does not count with %s", async (_, answer) => {
    const { changes, informer } = await scripted([settings("a", "ann", "9")], {
      namespace: "shop",
    });
    informer.observeWrite(answer);
    expect(changes).toEqual(["shop/a -→ann"]);
  });

  it("adds nothing new under a selector, which only the server can judge", async () => {
    const { informer } = await scripted([settings("a", "ann", "9")], { labelSelector: "x=y" });
    informer.observeWrite(settings("a", "me", "12"));
    informer.observeWrite(settings("b", "me", "13"));
    expect(informer.list().map(({ view }) => [view.name, view.owner])).toEqual([["a", "me"]]);
  });

  it("survives a list that was made before it", async () => {
    const { body, api, clock, informer } = await scripted([settings("a", "ann", "9")]);
    informer.observeWrite(settings("new", "me", "31"));
    informer.observeWrite(settings("a", "me", "32"));
    api.answers.push(
      json({ metadata: { resourceVersion: "30" }, items: [settings("a", "ann", "9")] }),
    );
    body.write("no event\n");
    await clock.run(1_000);
    expect(informer.list().map(({ view }) => view.owner)).toEqual(["me", "me"]);
  });

  it("does not survive a list of a history that went back", async () => {
    const { body, api, clock, informer } = await scripted([settings("a", "ann", "9")]);
    informer.observeWrite(settings("new", "me", "31"));
    informer.observeWrite(settings("a", "me", "32"));
    api.answers.push(
      json({ metadata: { resourceVersion: "5" }, items: [settings("a", "restored", "4")] }),
    );
    body.write("no event\n");
    await clock.run(1_000);
    expect(informer.list().map(({ view }) => view.owner)).toEqual(["restored"]);
  });
});

describe("refresh", () => {
  it("puts the server's version into the cache", async () => {
    const { api, informer } = await scripted([settings("a", "ann", "9")]);
    api.answers.push(json(settings("a", "new", "15")));
    await informer.refresh("shop", "a");
    expect(informer.get("shop", "a")?.view.owner).toBe("new");
    expect(api.sent.at(-1)?.url.pathname).toBe("/api/v1/namespaces/shop/configmaps/a");
  });

  it("takes out what is gone, unless it came back meanwhile", async () => {
    const { api, body, informer } = await scripted([
      settings("a", "ann", "9"),
      settings("b", "bob", "9"),
    ]);
    const gone = json({ kind: "Status", code: 404, reason: "NotFound" }, 404);
    api.answers.push(gone, async (request) => {
      body.event("DELETED", settings("b", "bob", "14"));
      body.event("ADDED", settings("b", "again", "15"));
      await settleTasks();
      return gone(request);
    });
    await informer.refresh("shop", "a");
    await informer.refresh("shop", "b");
    expect(informer.list().map(({ view }) => view.owner)).toEqual(["again"]);
  });
});

describe("an informer on the embedded API server", () => {
  const path = "/api/v1/namespaces/default/configmaps";
  const object = (name: string, owner: string) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "default" },
    data: { owner },
  });

  async function setUp() {
    const server = createApiServer({ clock: createManualClock() });
    const all = wire(fetchOf(server));
    const { clock, informer, transport } = all;
    const create = (name: string, owner: string) =>
      transport.request({ method: "POST", path, body: object(name, owner) });
    const drop = (name: string) => transport.request({ method: "DELETE", path: `${path}/${name}` });
    const owners = () =>
      informer
        .list("default")
        .map(({ view }) => view.owner)
        .sort();
    return { ...all, create, drop, owners, server, settle: () => clock.run(0) };
  }

  it("follows creation, change and deletion", async () => {
    const { changes, create, drop, informer, settle, transport } = await setUp();
    await create("a", "ann");
    informer.start();
    await informer.whenSynced();
    await create("b", "bob");
    const patch = { data: { owner: "eve" } };
    await transport.request({ method: "PATCH", path: `${path}/a`, patch: "merge", body: patch });
    await drop("b");
    await settle();
    const own = changes.filter((change) => change.startsWith("default/"));
    expect(own).toEqual([
      "default/a -→ann",
      "default/b -→bob",
      "default/a ann→eve",
      "default/b bob→-",
    ]);
    await informer.stop();
  });

  it("lists more than one page", async () => {
    const { create, informer, owners } = await setUp();
    for (let count = 0; count < 501; count += 1) await create(`c-${count}`, `o-${count}`);
    informer.start();
    await informer.whenSynced();
    expect(owners()).toHaveLength(501);
    await informer.stop();
  });

  it("misses nothing when watches are cut", async () => {
    const { clock, create, drop, informer, owners, server } = await setUp();
    await create("a", "ann");
    informer.start();
    await informer.whenSynced();
    server.cutWatches();
    await drop("a");
    await create("b", "bob");
    await clock.run(1_000);
    expect(owners()).toEqual(["bob"]);
    await informer.stop();
  });

  it("misses nothing when history is forgotten, deletions included", async () => {
    const { clock, create, drop, informer, owners, server } = await setUp();
    await create("a", "ann");
    await create("b", "bob");
    informer.start();
    await informer.whenSynced();
    await settleTasks();
    server.cutWatches();
    await drop("a");
    await create("c", "eve");
    server.compact();
    await clock.run(5_000);
    expect(owners()).toEqual(["bob", "eve"]);
    await informer.stop();
  });

  it("sees its own write at once, and a stale one is a conflict", async () => {
    const { create, informer, transport } = await setUp();
    await create("a", "ann");
    informer.start();
    await informer.whenSynced();
    const { raw } = informer.get("default", "a") ?? {};
    const put = (body: unknown) => transport.request({ method: "PUT", path: `${path}/a`, body });
    informer.observeWrite(await put({ ...raw, data: { owner: "me" } }));
    expect(informer.get("default", "a")?.view.owner).toBe("me");
    await expect(put({ ...raw, data: { owner: "late" } })).rejects.toMatchObject({
      code: 409,
      reason: "Conflict",
    });
    await informer.stop();
  });

  it("leaves nothing running after stop", async () => {
    const { clock, informer, server } = await setUp();
    informer.start();
    await informer.whenSynced();
    await settleTasks();
    await informer.stop();
    await settleTasks();
    expect(clock.pending()).toBe(0);
    expect(server.undeliveredEvents()).toBe(0);
  });
});
