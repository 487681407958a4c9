import { beforeEach, describe, expect, test } from "vitest";
import { istioCrds } from "../../../src/sandbox/crds/istio.ts";
import { type Client, createClient } from "../../support/api-server-client.ts";
import { deployment, widget, widgetDefinition } from "../../support/api-server-fixtures.ts";

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const WIDGETS = "/apis/test.dev/v1/namespaces/default/widgets";
const TABLE =
  "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";
const AGGREGATED =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

let client: Client;
beforeEach(async () => {
  client = createClient();
  await client.post(CRDS, widgetDefinition);
});

describe("discovery", () => {
  test("says which version of Kubernetes this behaves like", async () => {
    expect((await client.get("/version")).body).toMatchObject({ major: "1", minor: "33" });
  });

  test("is healthy", async () => {
    const response = await client.server.fetch(new Request("http://cluster.test/readyz"));
    expect(await response.text()).toBe("ok");
  });

  test("lists groups, versions and resources", async () => {
    expect((await client.get("/api")).body.versions).toEqual(["v1"]);
    const groups = (await client.get("/apis")).body.groups;
    expect(groups.find((group: { name: string }) => group.name === "test.dev")).toEqual({
      name: "test.dev",
      versions: [
        { groupVersion: "test.dev/v1", version: "v1" },
        { groupVersion: "test.dev/v1alpha1", version: "v1alpha1" },
      ],
      preferredVersion: { groupVersion: "test.dev/v1", version: "v1" },
    });
    expect((await client.get("/apis/test.dev/v1")).body.resources).toMatchObject([
      {
        name: "widgets",
        singularName: "widget",
        namespaced: true,
        kind: "Widget",
        shortNames: ["wg"],
        categories: ["all"],
      },
      { name: "widgets/status", kind: "Widget" },
      { name: "widgets/scale", kind: "Scale", group: "autoscaling", version: "v1" },
    ]);
    expect((await client.get("/apis/none.dev/v1")).code).toBe(404);
  });

  test("tells everything at once to those who ask", async () => {
    const { body } = await client.get("/apis", { accept: AGGREGATED });
    expect(body).toMatchObject({
      kind: "APIGroupDiscoveryList",
      apiVersion: "apidiscovery.k8s.io/v2",
    });
    const group = body.items.find(
      (item: { metadata: { name: string } }) => item.metadata.name === "test.dev",
    );
    expect(group.versions[0]).toMatchObject({
      version: "v1",
      resources: [
        {
          resource: "widgets",
          scope: "Namespaced",
          responseKind: { group: "test.dev", version: "v1", kind: "Widget" },
        },
      ],
    });
    expect((await client.get("/api", { accept: AGGREGATED })).body.items).toHaveLength(1);
  });

  test("describes kinds, and that patches take fieldValidation", async () => {
    const index = (await client.get("/openapi/v3")).body.paths;
    const { body } = await client.get(index["apis/test.dev/v1"].serverRelativeURL);
    const schema = body.components.schemas["dev.test.v1.Widget"];
    expect(schema["x-kubernetes-group-version-kind"]).toEqual([
      { group: "test.dev", version: "v1", kind: "Widget" },
    ]);
    expect(schema.properties.spec.properties.size.description).toBe("How big.");
    const patch = body.paths["/apis/test.dev/v1/namespaces/{namespace}/widgets/{name}"].patch;
    expect(patch.parameters.map((parameter: { name: string }) => parameter.name)).toContain(
      "fieldValidation",
    );
  });
});

describe("a table", () => {
  test("of custom resources has the columns of their definition", async () => {
    await client.post(WIDGETS, widget("w", { size: 5 }));
    await client.mergePatch(`${WIDGETS}/w/status`, {
      status: { conditions: [{ type: "Ready", status: "True" }] },
    });
    client.clock.step(90_000);
    const { body } = await client.get(WIDGETS, { accept: TABLE });
    expect(
      body.columnDefinitions.map(
        (column: { name: string; priority: number }) => `${column.name}/${column.priority}`,
      ),
    ).toEqual(["Name/0", "Size/0", "Ready/0", "Colour/1", "Age/0"]);
    expect(body.rows[0].cells).toEqual(["w", 5, "True", "red", "90s"]);
    expect(body.rows[0].object).toMatchObject({
      kind: "PartialObjectMetadata",
      metadata: { name: "w" },
    });
  });

  test("of one object, and of a watch, has rows of the same shape", async () => {
    const path = "/apis/apps/v1/namespaces/default/deployments";
    await client.post(path, deployment("web"));
    const { body } = await client.get(`${path}/web`, { accept: TABLE });
    expect(body.rows[0].cells.slice(0, 5)).toEqual(["web", "0/1", 0, 0, "0s"]);
    const watch = await client.watch(`${path}?watch=true`, { accept: TABLE });
    await client.mergePatch(`${path}/web`, { spec: { replicas: 2 } });
    const first = await watch.next();
    const second = await watch.next();
    expect(first.object.columnDefinitions).not.toHaveLength(0);
    expect(second).toMatchObject({
      type: "MODIFIED",
      object: { kind: "Table", columnDefinitions: [] },
    });
    expect(second.object.rows[0].cells[1]).toBe("0/2");
    await watch.cancel();
  });

  test("leaves the objects out or in as asked", async () => {
    await client.post(WIDGETS, widget("w"));
    const none = (await client.get(`${WIDGETS}?includeObject=None`, { accept: TABLE })).body;
    const whole = (await client.get(`${WIDGETS}?includeObject=Object`, { accept: TABLE })).body;
    expect(none.rows[0].object).toBeNull();
    expect(whole.rows[0].object.spec.size).toBe(3);
  });
});

describe("Istio's kinds", () => {
  const ISTIO = "/apis/networking.istio.io/v1/namespaces/default";

  beforeEach(async () => {
    for (const definition of istioCrds) await client.post(CRDS, definition);
  });

  test("are all accepted and served in every version", async () => {
    const served = (await client.get("/apis")).body.groups.flatMap(
      (group: { versions: readonly { groupVersion: string }[] }) =>
        group.versions.map((version) => version.groupVersion),
    );
    expect(served).toEqual(
      expect.arrayContaining([
        "networking.istio.io/v1",
        "networking.istio.io/v1beta1",
        "networking.istio.io/v1alpha3",
        "security.istio.io/v1",
        "security.istio.io/v1beta1",
      ]),
    );
  });

  test("keep everything a VirtualService may say", async () => {
    const spec = {
      hosts: ["shop"],
      gateways: ["mesh"],
      exportTo: ["."],
      http: [
        {
          name: "beta",
          match: [
            {
              headers: { "x-user": { exact: "beta" }, cookie: { regex: ".*" } },
              uri: { prefix: "/" },
              port: 80,
              sourceLabels: { app: "web" },
            },
          ],
          route: [
            {
              destination: { host: "shop", subset: "stable", port: { number: 80 } },
              weight: 100,
              headers: { request: { set: { a: "b" } } },
            },
          ],
          timeout: "2s",
          retries: { attempts: 2, perTryTimeout: "1s", retryOn: "5xx" },
          fault: {
            delay: { fixedDelay: "1s", percentage: { value: 0.5 } },
            abort: { httpStatus: 503, percentage: { value: 1 } },
          },
          mirror: { host: "shop", subset: "shadow" },
          mirrorPercentage: { value: 10.5 },
          corsPolicy: {
            allowOrigins: [{ exact: "https://a.dev" }],
            allowMethods: ["GET"],
            maxAge: "1h",
          },
        },
        { redirect: { uri: "/new", redirectCode: 301 } },
        { delegate: { name: "other", namespace: "shop" }, rewrite: { uri: "/x" } },
      ],
      tcp: [{ match: [{ port: 27017 }], route: [{ destination: { host: "mongo" }, weight: 100 }] }],
    };
    const { code, body } = await client.post(`${ISTIO}/virtualservices?fieldValidation=Strict`, {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "shop" },
      spec,
    });
    expect(code).toBe(201);
    expect(body.spec).toEqual(spec);
    expect(
      (
        await client.get(
          "/apis/networking.istio.io/v1alpha3/namespaces/default/virtualservices/shop",
        )
      ).body.spec,
    ).toEqual(spec);
  });

  test("refuse what Istio does not know", async () => {
    const rule = (trafficPolicy: object) => ({
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: { name: "shop" },
      spec: { host: "shop", trafficPolicy },
    });
    const path = `${ISTIO}/destinationrules?fieldValidation=Strict`;
    expect((await client.post(path, rule({ retries: { attempts: 2 } }))).body.message).toContain(
      'unknown field "spec.trafficPolicy.retries"',
    );
    expect(
      (
        await client.post(
          path,
          rule({
            connectionPool: { tcp: { connectTimeout: "2s" }, http: { h2UpgradePolicy: "DEFAULT" } },
            outlierDetection: { consecutive5xxErrors: 5, interval: "5s", maxEjectionPercent: 50 },
          }),
        )
      ).code,
    ).toBe(201);
  });
});
