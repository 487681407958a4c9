import { beforeEach, describe, expect, test } from "vitest";
import { type Client, createClient } from "../../support/api-server-client.ts";
import { configMap, widget, widgetDefinition } from "../../support/api-server-fixtures.ts";

const MAPS = "/api/v1/namespaces/default/configmaps";
const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const WIDGETS = "/apis/test.dev/v1/namespaces/default/widgets";

let client: Client;
beforeEach(() => {
  client = createClient();
});

describe("create", () => {
  test("stamps identity, version and time", async () => {
    const { code, body } = await client.post(MAPS, configMap("a", { k: "v" }));
    expect(code).toBe(201);
    expect(body).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", data: { k: "v" } });
    expect(body.metadata).toMatchObject({
      name: "a",
      namespace: "default",
      creationTimestamp: "2026-01-01T00:00:00Z",
    });
    expect(body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.metadata.managedFields).toMatchObject([{ manager: "tests", operation: "Update" }]);
    expect((await client.get(`${MAPS}/a`)).body).toEqual(body);
  });

  test("makes a name from generateName", async () => {
    const object = { ...configMap(""), metadata: { generateName: "job-" } };
    const { body } = await client.post(MAPS, object);
    expect(body.metadata.name).toMatch(/^job-[a-z0-9]{5}$/);
  });

  test.each([
    [
      "the name exists",
      MAPS,
      configMap("there"),
      409,
      "AlreadyExists",
      'configmaps "there" already exists',
    ],
    [
      "the namespace is missing",
      "/api/v1/namespaces/x/configmaps",
      configMap("a"),
      404,
      "NotFound",
      'namespaces "x" not found',
    ],
    [
      "the name is no DNS name",
      MAPS,
      configMap("A_b"),
      422,
      "Invalid",
      'ConfigMap "A_b" is invalid: metadata.name: Invalid value: "A_b"',
    ],
    ["there is no name", MAPS, configMap(""), 422, "Invalid", "name or generateName is required"],
    [
      "the kind is another",
      MAPS,
      { ...configMap("a"), kind: "Secret" },
      400,
      "BadRequest",
      "does not match the expected kind (ConfigMap)",
    ],
    [
      "the version is another",
      MAPS,
      { ...configMap("a"), apiVersion: "v2" },
      400,
      "BadRequest",
      "does not match the expected API version (v1)",
    ],
    [
      "it has a version",
      MAPS,
      { ...configMap("a"), metadata: { name: "a", resourceVersion: "1" } },
      500,
      undefined,
      "resourceVersion should not be set",
    ],
    ["the body is no JSON", MAPS, "{", 400, "BadRequest", "the body of the request is not valid"],
  ])("is refused when %s", async (_case, path, object, code, reason, message) => {
    await client.post(MAPS, configMap("there"));
    const answer = await client.post(path, object);
    expect(answer.code).toBe(code);
    expect(answer.body).toMatchObject({
      kind: "Status",
      apiVersion: "v1",
      status: "Failure",
      code,
    });
    expect(answer.body.reason).toBe(reason);
    expect(answer.body.message).toContain(message);
  });

  test("stores nothing on a dry run", async () => {
    expect((await client.post(`${MAPS}?dryRun=All`, configMap("a"))).code).toBe(201);
    expect((await client.get(`${MAPS}/a`)).code).toBe(404);
  });
});

describe("update", () => {
  test("replaces the object and bumps its version", async () => {
    const created = (await client.post(MAPS, configMap("a", { k: "1" }))).body;
    const { code, body } = await client.put(`${MAPS}/a`, { ...created, data: { k: "2" } });
    expect(code).toBe(200);
    expect(body.data).toEqual({ k: "2" });
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(
      Number(created.metadata.resourceVersion),
    );
    expect(body.metadata.uid).toBe(created.metadata.uid);
  });

  test("is a conflict when made from an older version", async () => {
    const created = (await client.post(MAPS, configMap("a"))).body;
    await client.put(`${MAPS}/a`, { ...created, data: { k: "2" } });
    const { code, body } = await client.put(`${MAPS}/a`, { ...created, data: { k: "3" } });
    expect(code).toBe(409);
    expect(body.reason).toBe("Conflict");
    expect(body.message).toBe(
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  test("that changes nothing keeps the version and tells no watcher", async () => {
    const created = (await client.post(MAPS, configMap("a", { k: "1" }))).body;
    const watch = await client.watch(
      `${MAPS}?watch=1&resourceVersion=${created.metadata.resourceVersion}`,
    );
    const { body } = await client.mergePatch(`${MAPS}/a?fieldManager=someone-else`, {
      data: { k: "1" },
    });
    expect(body).toEqual(created);
    expect(client.server.undeliveredEvents()).toBe(0);
    await watch.cancel();
  });

  test("records who wrote last", async () => {
    await client.post(MAPS, configMap("a"));
    await client.mergePatch(`${MAPS}/a?fieldManager=serin`, { data: { k: "1" } });
    const { body } = await client.mergePatch(`${MAPS}/a`, { data: { k: "2" } });
    expect(body.metadata.managedFields.map((entry: { manager: string }) => entry.manager)).toEqual([
      "serin",
      "tests",
    ]);
  });

  test("of an object that is not there is 404", async () => {
    expect((await client.put(`${MAPS}/a`, configMap("a"))).code).toBe(404);
  });
});

describe("json patch", () => {
  test("changes what it names", async () => {
    await client.post(MAPS, configMap("a", { k: "1", l: "2" }));
    const { code, body } = await client.jsonPatch(`${MAPS}/a`, [
      { op: "test", path: "/data/k", value: "1" },
      { op: "replace", path: "/data/k", value: "9" },
      { op: "remove", path: "/data/l" },
      { op: "add", path: "/data/x~1y", value: "3" },
    ]);
    expect(code).toBe(200);
    expect(body.data).toEqual({ k: "9", "x/y": "3" });
  });

  test.each([
    ["a test fails", [{ op: "test", path: "/data/k", value: "2" }]],
    ["the parent of a replaced path is absent", [{ op: "replace", path: "/none/k", value: "2" }]],
    ["the parent of a removed path is absent", [{ op: "remove", path: "/none/k" }]],
    ["a parent is absent", [{ op: "add", path: "/none/k", value: "2" }]],
  ])("is 422 and writes nothing when %s", async (_case, patch) => {
    const created = (await client.post(MAPS, configMap("a", { k: "1" }))).body;
    const { code, body } = await client.jsonPatch(`${MAPS}/a`, patch);
    expect(code).toBe(422);
    expect(body.reason).toBe("Invalid");
    expect((await client.get(`${MAPS}/a`)).body).toEqual(created);
  });
});

describe("delete", () => {
  test("removes the object and says so", async () => {
    await client.post(MAPS, configMap("a"));
    const { code, body } = await client.delete(`${MAPS}/a`);
    expect(code).toBe(200);
    expect(body).toMatchObject({
      kind: "Status",
      status: "Success",
      details: { name: "a", kind: "configmaps" },
    });
    expect((await client.get(`${MAPS}/a`)).code).toBe(404);
  });

  test("waits for finalizers", async () => {
    await client.post(MAPS, {
      ...configMap("a"),
      metadata: { name: "a", finalizers: ["test.dev/hold"] },
    });
    const { body } = await client.delete(`${MAPS}/a`);
    expect(body.metadata.deletionTimestamp).toBe("2026-01-01T00:00:00Z");
    expect((await client.get(`${MAPS}/a`)).code).toBe(200);
    await client.jsonPatch(`${MAPS}/a`, [{ op: "remove", path: "/metadata/finalizers" }]);
    expect((await client.get(`${MAPS}/a`)).code).toBe(404);
  });

  test("counts as a change, after which no finalizer can be added", async () => {
    await client.post(CRDS, widgetDefinition);
    const held = { ...widget("w"), metadata: { name: "w", finalizers: ["test.dev/hold"] } };
    await client.post(WIDGETS, held);
    await client.delete(`${WIDGETS}/w`);
    const more = await client.mergePatch(`${WIDGETS}/w`, {
      metadata: { finalizers: ["test.dev/hold", "test.dev/more"] },
    });
    expect(more.code).toBe(422);
    expect(more.body.message).toContain("no new finalizers can be added");
    expect((await client.get(`${WIDGETS}/w`)).body.metadata.generation).toBe(2);
  });

  test("respects preconditions", async () => {
    const { body } = await client.post(MAPS, configMap("a"));
    expect((await client.delete(`${MAPS}/a`, { preconditions: { uid: "other" } })).code).toBe(409);
    expect(
      (await client.delete(`${MAPS}/a`, { preconditions: { uid: body.metadata.uid } })).code,
    ).toBe(200);
  });

  test("of a collection removes what the selector names", async () => {
    await client.post(MAPS, configMap("a", {}, { app: "x" }));
    await client.post(MAPS, configMap("b", {}, { app: "y" }));
    await client.delete(`${MAPS}?labelSelector=app%3Dx`);
    expect(
      (await client.get(MAPS)).body.items.map(
        (item: { metadata: { name: string } }) => item.metadata.name,
      ),
    ).toEqual(["b"]);
  });

  test("of a namespace removes what is in it, once finalizers allow", async () => {
    await client.post("/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "shop" },
    });
    const maps = "/api/v1/namespaces/shop/configmaps";
    await client.post(maps, configMap("a"));
    await client.post(maps, {
      ...configMap("b"),
      metadata: { name: "b", finalizers: ["test.dev/hold"] },
    });
    const { body } = await client.delete("/api/v1/namespaces/shop");
    expect(body.status.phase).toBe("Terminating");
    expect((await client.get(`${maps}/a`)).code).toBe(404);
    const refused = await client.post(maps, configMap("c"));
    expect(refused.code).toBe(403);
    expect(refused.body.details.causes[0].reason).toBe("NamespaceTerminating");
    await client.mergePatch(`${maps}/b`, { metadata: { finalizers: null } });
    expect((await client.get("/api/v1/namespaces/shop")).code).toBe(404);
  });
});

describe("owner references", () => {
  const owned = (name: string, ...owners: readonly { name: string; uid: string }[]) => ({
    ...configMap(name),
    metadata: {
      name,
      ownerReferences: owners.map((owner) => ({ ...owner, apiVersion: "v1", kind: "ConfigMap" })),
    },
  });

  test("remove dependents with their last owner", async () => {
    const a = (await client.post(MAPS, configMap("a"))).body.metadata;
    const b = (await client.post(MAPS, configMap("b"))).body.metadata;
    await client.post(MAPS, owned("of-a", a));
    await client.post(MAPS, owned("of-both", a, b));
    await client.delete(`${MAPS}/a`);
    expect((await client.get(`${MAPS}/of-a`)).code).toBe(404);
    expect((await client.get(`${MAPS}/of-both`)).body.metadata.ownerReferences).toHaveLength(1);
    await client.delete(`${MAPS}/b`);
    expect((await client.get(`${MAPS}/of-both`)).code).toBe(404);
  });

  test("are taken off, and nothing removed, when orphaning", async () => {
    const a = (await client.post(MAPS, configMap("a"))).body.metadata;
    await client.post(MAPS, owned("of-a", a));
    await client.delete(`${MAPS}/a`, { propagationPolicy: "Orphan" });
    expect((await client.get(`${MAPS}/of-a`)).body.metadata.ownerReferences).toBeUndefined();
  });

  test("to an owner that is already gone remove the dependent at once", async () => {
    await client.post(MAPS, owned("late", { name: "a", uid: "gone" }));
    expect((await client.get(`${MAPS}/late`)).code).toBe(404);
  });
});

describe("custom resources", () => {
  beforeEach(async () => {
    await client.post(CRDS, widgetDefinition);
  });

  test("get defaults and lose unknown fields, with a warning", async () => {
    const { code, body, warnings } = await client.post(
      WIDGETS,
      widget("w", { free: { any: 1 }, what: 1, parts: [{ name: "a", bad: 2 }] }),
    );
    expect(code).toBe(201);
    expect(body.spec).toEqual({
      size: 3,
      colour: "red",
      free: { any: 1 },
      options: { fast: true },
      parts: [{ name: "a", weight: 1 }],
    });
    expect(warnings).toContain('unknown field \\"spec.what\\"');
    expect(warnings).toContain('unknown field \\"spec.parts[0].bad\\"');
  });

  test("with unknown fields are refused by a strict request", async () => {
    const { code, body } = await client.post(
      `${WIDGETS}?fieldValidation=Strict`,
      widget("w", { what: 1 }),
    );
    expect(code).toBe(400);
    expect(body.message).toContain('strict decoding error: unknown field "spec.what"');
  });

  test("count generations of the spec, not of status or metadata", async () => {
    expect((await client.post(WIDGETS, widget("w"))).body.metadata.generation).toBe(1);
    expect(
      (await client.mergePatch(`${WIDGETS}/w`, { metadata: { labels: { a: "b" } } })).body.metadata
        .generation,
    ).toBe(1);
    expect(
      (await client.mergePatch(`${WIDGETS}/w/status`, { status: { phase: "On" } })).body.metadata
        .generation,
    ).toBe(1);
    expect(
      (await client.mergePatch(`${WIDGETS}/w`, { spec: { size: 5 } })).body.metadata.generation,
    ).toBe(2);
  });

  test("keep status and the rest apart", async () => {
    await client.post(WIDGETS, { ...widget("w"), status: { phase: "Made" } });
    expect((await client.get(`${WIDGETS}/w`)).body.status).toBeUndefined();
    await client.mergePatch(`${WIDGETS}/w/status`, { spec: { size: 9 }, status: { phase: "On" } });
    await client.mergePatch(`${WIDGETS}/w`, { status: { phase: "Off" } });
    const { body } = await client.get(`${WIDGETS}/w`);
    expect(body).toMatchObject({ spec: { size: 3 }, status: { phase: "On" } });
  });

  test("are served in every version", async () => {
    await client.post(WIDGETS, widget("w"));
    const { body } = await client.get("/apis/test.dev/v1alpha1/namespaces/default/widgets/w");
    expect(body).toMatchObject({ apiVersion: "test.dev/v1alpha1", spec: { size: 3 } });
  });

  test("are not replaced blindly", async () => {
    const { body } = await client.post(WIDGETS, widget("w"));
    const blind = await client.put(`${WIDGETS}/w`, widget("w", { size: 4 }));
    expect(blind.code).toBe(422);
    expect(blind.body.message).toContain(
      "metadata.resourceVersion: Invalid value: 0: must be specified for an update",
    );
    expect((await client.put(`${WIDGETS}/w`, { ...body, spec: { size: 4 } })).body.spec.size).toBe(
      4,
    );
  });

  test("take no strategic merge patch", async () => {
    await client.post(WIDGETS, widget("w"));
    expect((await client.strategicPatch(`${WIDGETS}/w`, { spec: { size: 4 } })).code).toBe(415);
  });

  test.each([
    [
      { size: 0 },
      'Widget.test.dev "w" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
    ],
    [{ size: 101 }, "spec.size in body should be less than or equal to 100"],
    [
      { size: "big" },
      'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
    ],
    [
      { colour: "blue" },
      'spec.colour: Unsupported value: "blue": supported values: "red", "green"',
    ],
    [{ parts: [{}] }, "spec.parts[0].name: Required value"],
    [{ parts: [{ name: "A" }] }, "spec.parts[0].name in body should match '^[a-z]+$'"],
    [
      { parts: [{ name: "aaaaaaaaa" }] },
      "spec.parts[0].name: Too long: may not be more than 8 bytes",
    ],
    [
      { parts: [1, 2, 3, 4].map(() => ({ name: "a" })) },
      "spec.parts: Too many: 4: must have at most 3 items",
    ],
    [{ port: true }, "spec.port in body must be of type integer or string"],
  ])("with %j are refused", async (spec, message) => {
    const { code, body } = await client.post(WIDGETS, widget("w", spec));
    expect(code).toBe(422);
    expect(body.message).toContain(message);
    expect(body.details).toMatchObject({ name: "w", group: "test.dev", kind: "Widget" });
  });

  test("go with their definition", async () => {
    await client.post(WIDGETS, widget("w"));
    await client.delete(`${CRDS}/widgets.test.dev`);
    expect((await client.get(WIDGETS)).code).toBe(404);
    await client.post(CRDS, widgetDefinition);
    expect((await client.get(WIDGETS)).body.items).toEqual([]);
  });
});

describe("a request that cannot be read", () => {
  const nested = (depth: number) =>
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":${"[".repeat(depth)}${"]".repeat(depth)}}`;

  test.each([
    ["a body at the limit of depth", "POST", MAPS, nested(255), 400],
    ["a body nested too deep", "POST", MAPS, nested(256), 400],
    [
      "a body over 3 MiB",
      "POST",
      MAPS,
      JSON.stringify(configMap("a", { k: "x".repeat(3 * 1024 * 1024) })),
      413,
    ],
    ["no body", "POST", MAPS, undefined, 400],
    ["a verb no resource has", "OPTIONS", MAPS, undefined, 405],
    ["a bad resource version", "GET", `${MAPS}?watch=1&resourceVersion=x`, undefined, 500],
    ["a bad limit", "GET", `${MAPS}?limit=-1`, undefined, 400],
    ["a bad dryRun", "POST", `${MAPS}?dryRun=Some`, configMap("a"), 422],
    ["a bad fieldValidation", "POST", `${MAPS}?fieldValidation=Maybe`, configMap("a"), 422],
  ])("%s", async (_case, method, path, body, code) => {
    const answer = await client.send(method, path, body);
    expect(answer.code).toBe(code);
    expect(answer.body).toMatchObject({ kind: "Status", status: "Failure", code });
  });

  test.each([
    ["a path that is not encoded right", "GET", `${MAPS}/%E0%A4%A`],
    ["a path of nothing", "GET", "/nothing/here"],
    ["an unknown subresource", "GET", `${MAPS}/a/log`],
    ["an unknown resource", "POST", "/apis/test.dev/v1/namespaces/default/nothings"],
  ])("%s leads nowhere", async (_case, method, path) => {
    const answer = await client.send(method, path);
    expect([answer.code, answer.body]).toEqual([404, "404 page not found\n"]);
  });

  test("an unknown media type", async () => {
    expect((await client.send("POST", MAPS, "x", { contentType: "text/plain" })).code).toBe(415);
    await client.post(MAPS, configMap("a"));
    expect(
      (await client.send("PATCH", `${MAPS}/a`, {}, { contentType: "application/json" })).code,
    ).toBe(415);
  });
});
