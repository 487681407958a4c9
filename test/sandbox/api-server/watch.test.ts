import { beforeEach, describe, expect, test } from "vitest";
import { type Client, createClient } from "../../support/api-server-client.ts";
import { configMap } from "../../support/api-server-fixtures.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";

let client: Client;
beforeEach(() => {
  client = createClient();
});

const names = (body: { items: readonly { metadata: { name: string } }[] }) =>
  body.items.map((item) => item.metadata.name);

describe("list", () => {
  beforeEach(async () => {
    await client.post(MAPS, configMap("c", {}, { app: "x", tier: "1" }));
    await client.post(MAPS, configMap("a", {}, { app: "y" }));
    await client.post(MAPS, configMap("b"));
  });

  test.each([
    ["", ["a", "b", "c"]],
    ["labelSelector=app%3Dx", ["c"]],
    ["labelSelector=app!%3Dx", ["a", "b"]],
    ["labelSelector=app in (x, y),tier notin (2)", ["a", "c"]],
    ["labelSelector=!app", ["b"]],
    ["labelSelector=app", ["a", "c"]],
    ["fieldSelector=metadata.name%3Db", ["b"]],
    ["fieldSelector=metadata.name!%3Db,metadata.namespace%3Ddefault", ["a", "c"]],
    ["resourceVersion=0", ["a", "b", "c"]],
  ])("with %s shows %j", async (query, expected) => {
    const { body } = await client.get(`${MAPS}?${query}`);
    expect(body.kind).toBe("ConfigMapList");
    expect(names(body)).toEqual(expected);
  });

  test("refuses a field it cannot select by", async () => {
    const { code, body } = await client.get(`${MAPS}?fieldSelector=data.x%3D1`);
    expect(code).toBe(400);
    expect(body.message).toContain("field label not supported: data.x");
  });

  test("pages through one consistent state", async () => {
    const first = (await client.get(`${MAPS}?limit=2`)).body;
    expect(names(first)).toEqual(["a", "b"]);
    expect(first.metadata.remainingItemCount).toBe(1);
    await client.post(MAPS, configMap("d"));
    const second = (await client.get(`${MAPS}?limit=2&continue=${first.metadata.continue}`)).body;
    expect(names(second)).toEqual(["c"]);
    expect(second.metadata.continue).toBeUndefined();
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test("answers 410 for a page of a forgotten list", async () => {
    const first = (await client.get(`${MAPS}?limit=2`)).body;
    client.server.compact();
    const { code, body } = await client.get(`${MAPS}?limit=2&continue=${first.metadata.continue}`);
    expect(code).toBe(410);
    expect(body.reason).toBe("Expired");
  });
});

describe("watch", () => {
  test("without a version starts with what is there", async () => {
    await client.post(MAPS, configMap("a"));
    const watch = await client.watch(`${MAPS}?watch=true`);
    await client.post(MAPS, configMap("b"));
    await client.delete(`${MAPS}/a`);
    expect(await watch.names(3)).toEqual(["ADDED a", "ADDED b", "DELETED a"]);
  });

  test("from a version shows what came after it", async () => {
    await client.post(MAPS, configMap("a"));
    const list = (await client.get(MAPS)).body;
    await client.mergePatch(`${MAPS}/a`, { data: { k: "1" } });
    await client.post(MAPS, configMap("b"));
    const watch = await client.watch(
      `${MAPS}?watch=true&resourceVersion=${list.metadata.resourceVersion}`,
    );
    expect(client.server.undeliveredEvents()).toBe(2);
    expect(await watch.names(2)).toEqual(["MODIFIED a", "ADDED b"]);
    expect(client.server.undeliveredEvents()).toBe(0);
  });

  test("of a selection shows objects entering and leaving it", async () => {
    await client.post(MAPS, configMap("a"));
    const watch = await client.watch(`${MAPS}?watch=true&labelSelector=app%3Dx`);
    await client.mergePatch(`${MAPS}/a`, { metadata: { labels: { app: "x" } } });
    await client.mergePatch(`${MAPS}/a`, { data: { k: "1" } });
    await client.mergePatch(`${MAPS}/a`, { metadata: { labels: { app: "y" } } });
    expect(await watch.names(3)).toEqual(["ADDED a", "MODIFIED a", "DELETED a"]);
  });

  test("sees only its namespace", async () => {
    const watch = await client.watch(`${MAPS}?watch=true`);
    await client.post("/api/v1/namespaces/kube-system/configmaps", configMap("other"));
    await client.post(MAPS, configMap("mine"));
    expect(await watch.names(1)).toEqual(["ADDED mine"]);
  });

  test("from a forgotten version is told 410 as its only event", async () => {
    const { body } = await client.get(MAPS);
    await client.post(MAPS, configMap("a"));
    client.server.compact();
    const watch = await client.watch(
      `${MAPS}?watch=true&resourceVersion=${body.metadata.resourceVersion}`,
    );
    expect(watch.code).toBe(200);
    expect(await watch.next()).toMatchObject({
      type: "ERROR",
      object: { kind: "Status", code: 410, reason: "Expired" },
    });
    expect(await watch.next()).toBeUndefined();
  });

  test("gets its last bookmark two seconds before it ends", async () => {
    const asked = "watch=true&allowWatchBookmarks=true&timeoutSeconds=10&resourceVersion=1";
    const watch = await client.watch(`${MAPS}?${asked}`);
    client.clock.step(8_000);
    expect(await watch.next()).toMatchObject({ type: "BOOKMARK", object: { kind: "ConfigMap" } });
    client.clock.step(2_000);
    expect(await watch.next()).toBeUndefined();
  });

  test("gets what is there as events, and a bookmark that says so, when it asks for it", async () => {
    await client.post(MAPS, configMap("a"));
    const asked = "watch=true&allowWatchBookmarks=true&sendInitialEvents=true";
    const watch = await client.watch(`${MAPS}?${asked}&resourceVersionMatch=NotOlderThan`);
    expect(await watch.names(1)).toEqual(["ADDED a"]);
    expect(await watch.next()).toMatchObject({
      type: "BOOKMARK",
      object: { metadata: { annotations: { "k8s.io/initial-events-end": "true" } } },
    });
  });

  test("gets bookmarks when it asks for them", async () => {
    const watch = await client.watch(`${MAPS}?watch=true&allowWatchBookmarks=true`);
    await client.post("/api/v1/namespaces/kube-system/configmaps", configMap("other"));
    client.clock.step(60_000);
    const event = await watch.next();
    const { body } = await client.get(MAPS);
    expect(event).toMatchObject({
      type: "BOOKMARK",
      object: { kind: "ConfigMap", metadata: { resourceVersion: body.metadata.resourceVersion } },
    });
  });

  test("ends after its timeout", async () => {
    const watch = await client.watch(`${MAPS}?watch=true&timeoutSeconds=5`);
    client.clock.step(5_000);
    expect(await watch.next()).toBeUndefined();
  });

  test("ends when it is cut, when its request is aborted and when its reader cancels", async () => {
    const cut = await client.watch(`${MAPS}?watch=true`);
    client.server.cutWatches();
    expect(await cut.next()).toBeUndefined();

    const abort = new AbortController();
    const request = new Request(`http://cluster.test${MAPS}?watch=true`, { signal: abort.signal });
    const response = await client.server.fetch(request);
    abort.abort();
    expect((await response.body?.getReader().read())?.done).toBe(true);

    const cancelled = await client.watch(`${MAPS}?watch=true`);
    await cancelled.cancel();
    await client.post(MAPS, configMap("a"));
    expect(client.server.undeliveredEvents()).toBe(0);
  });
});
