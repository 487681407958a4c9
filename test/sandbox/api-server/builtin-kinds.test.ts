import { beforeEach, describe, expect, test } from "vitest";
import { type Client, createClient } from "../../support/api-server-client.ts";
import { deployment, service } from "../../support/api-server-fixtures.ts";

const APPS = "/apis/apps/v1/namespaces/default";
const CORE = "/api/v1/namespaces/default";
const WEB = `${APPS}/deployments/web`;

let client: Client;
beforeEach(() => {
  client = createClient();
});

const containers = (body: {
  spec: { template: { spec: { containers: readonly { name: string }[] } } };
}) => body.spec.template.spec.containers;

describe("a Deployment", () => {
  test("gets a real server's defaults, and writing it again changes nothing", async () => {
    const { body } = await client.post(`${APPS}/deployments`, deployment("web"));
    expect(body.spec).toMatchObject({
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      strategy: {
        type: "RollingUpdate",
        rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" },
      },
      template: {
        spec: {
          restartPolicy: "Always",
          dnsPolicy: "ClusterFirst",
          securityContext: {},
          terminationGracePeriodSeconds: 30,
        },
      },
    });
    expect(containers(body)[0]).toEqual({
      name: "web",
      image: "web:1",
      imagePullPolicy: "IfNotPresent",
      ports: [{ containerPort: 8080, protocol: "TCP" }],
      env: [{ name: "A", value: "1" }],
      resources: {},
      terminationMessagePath: "/dev/termination-log",
      terminationMessagePolicy: "File",
    });
    expect((await client.put(WEB, deployment("web"))).body).toEqual(body);
  });

  test.each([
    ["no selector", { spec: { selector: undefined } }, "spec.selector: Required value"],
    [
      "a selector that misses its pods",
      { spec: { selector: { matchLabels: { app: "other" } } } },
      "`selector` does not match template `labels`",
    ],
    [
      "no containers",
      { spec: { template: { metadata: { labels: { app: "web" } }, spec: { containers: [] } } } },
      "spec.template.spec.containers: Required value",
    ],
    [
      "a container without an image",
      {
        spec: {
          template: {
            metadata: { labels: { app: "web" } },
            spec: { containers: [{ name: "web" }] },
          },
        },
      },
      "spec.template.spec.containers[0].image: Required value",
    ],
    [
      "negative replicas",
      { spec: { replicas: -1 } },
      "spec.replicas in body should be greater than or equal to 0",
    ],
    [
      "Recreate with parameters of RollingUpdate",
      { spec: { strategy: { type: "Recreate", rollingUpdate: {} } } },
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
  ])("with %s is refused", async (_case, change, message) => {
    const base = deployment("web");
    const { code, body } = await client.post(`${APPS}/deployments`, {
      ...base,
      spec: { ...base.spec, ...change.spec },
    });
    expect(code).toBe(422);
    expect(body.message).toContain('Deployment.apps "web" is invalid');
    expect(body.message).toContain(message);
  });

  test("keeps its selector", async () => {
    await client.post(`${APPS}/deployments`, deployment("web"));
    const { body } = await client.jsonPatch(WEB, [
      { op: "add", path: "/spec/selector/matchLabels/tier", value: "1" },
      { op: "add", path: "/spec/template/metadata/labels/tier", value: "1" },
    ]);
    expect(body.message).toContain("spec.selector: Invalid value");
    expect(body.message).toContain("field is immutable");
  });

  test("loses unknown fields, or is refused by a strict request", async () => {
    const base = deployment("web");
    const odd = { ...base, spec: { ...base.spec, replica: 3 } };
    const { body, warnings } = await client.post(`${APPS}/deployments`, odd);
    expect(body.spec.replica).toBeUndefined();
    expect(warnings).toContain('unknown field \\"spec.replica\\"');
    expect((await client.post(`${APPS}/deployments?fieldValidation=Strict`, odd)).code).toBe(400);
  });

  test("is scaled through its scale", async () => {
    await client.post(`${APPS}/deployments`, deployment("web"));
    const { body } = await client.get(`${WEB}/scale`);
    expect(body).toMatchObject({
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      spec: { replicas: 1 },
      status: { replicas: 0, selector: "app=web" },
    });
    expect(
      (await client.put(`${WEB}/scale`, { ...body, spec: { replicas: 4 } })).body.spec,
    ).toEqual({ replicas: 4 });
    expect((await client.put(`${WEB}/scale`, { ...body, spec: { replicas: 5 } })).code).toBe(409);
    await client.mergePatch(`${WEB}/scale`, { spec: { replicas: 2 } });
    const { spec, metadata } = (await client.get(WEB)).body;
    expect(spec.replicas).toBe(2);
    expect(metadata.generation).toBe(3);
  });
});

describe("strategic merge patch", () => {
  beforeEach(async () => {
    await client.post(`${APPS}/deployments`, deployment("web"));
  });

  const template = (spec: unknown) => ({ spec: { template: { spec } } });

  test("changes one container by its name, as kubectl set image does", async () => {
    const { body } = await client.strategicPatch(
      WEB,
      template({ containers: [{ name: "side", image: "side:2" }] }),
    );
    expect(containers(body)).toMatchObject([
      { name: "web", image: "web:1" },
      { name: "side", image: "side:2" },
    ]);
  });

  test("adds, changes and deletes variables, as kubectl set env does", async () => {
    const added = {
      containers: [
        {
          name: "web",
          env: [
            { name: "B", value: "2" },
            { name: "A", value: "9" },
          ],
        },
      ],
    };
    const first = await client.strategicPatch(WEB, template(added));
    expect(containers(first.body)[0]).toMatchObject({
      env: [
        { name: "A", value: "9" },
        { name: "B", value: "2" },
      ],
    });
    const deleted = { containers: [{ name: "web", env: [{ $patch: "delete", name: "A" }] }] };
    const second = await client.strategicPatch(WEB, template(deleted));
    expect(containers(second.body)[0]).toMatchObject({ env: [{ name: "B", value: "2" }] });
  });

  test("puts items in the order it names, as kubectl apply does", async () => {
    const { body } = await client.strategicPatch(
      WEB,
      template({
        "$setElementOrder/containers": [{ name: "new" }, { name: "side" }, { name: "web" }],
        containers: [{ name: "new", image: "new:1" }],
      }),
    );
    expect(containers(body).map((container) => container.name)).toEqual(["new", "side", "web"]);
  });

  test("clears the members of a union that it does not retain", async () => {
    const { body } = await client.strategicPatch(WEB, {
      spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } },
    });
    expect(body.spec.strategy).toEqual({ type: "Recreate" });
  });

  test("replaces whole where told so", async () => {
    const { body } = await client.strategicPatch(
      WEB,
      template({ containers: [{ $patch: "replace" }, { name: "only", image: "only:1" }] }),
    );
    expect(containers(body).map((container) => container.name)).toEqual(["only"]);
  });

  test("adds to and deletes from sets", async () => {
    await client.strategicPatch(WEB, { metadata: { finalizers: ["test.dev/a"] } });
    await client.strategicPatch(WEB, { metadata: { finalizers: ["test.dev/b"] } });
    const { body } = await client.strategicPatch(WEB, {
      metadata: { "$deleteFromPrimitiveList/finalizers": ["test.dev/a"] },
    });
    expect(body.metadata.finalizers).toEqual(["test.dev/b"]);
  });

  test("merges conditions by their type", async () => {
    const condition = (type: string, status: string) => ({ type, status });
    await client.strategicPatch(`${WEB}/status`, {
      status: { conditions: [condition("Available", "False"), condition("Progressing", "True")] },
    });
    const { body } = await client.strategicPatch(`${WEB}/status`, {
      status: { conditions: [condition("Available", "True")] },
    });
    expect(body.status.conditions).toEqual([
      condition("Available", "True"),
      condition("Progressing", "True"),
    ]);
  });
});

describe("apply", () => {
  const config = (...env: readonly { name: string; value: string }[]) => ({
    ...deployment("web"),
    spec: {
      ...deployment("web").spec,
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "web", image: "web:1", env }] },
      },
    },
  });

  test("creates, merges, and removes what its manager no longer mentions", async () => {
    const path = `${WEB}?fieldManager=tool`;
    expect(
      (await client.apply(path, config({ name: "A", value: "1" }, { name: "B", value: "2" }))).code,
    ).toBe(201);
    await client.strategicPatch(WEB, {
      spec: {
        replicas: 7,
        template: { spec: { containers: [{ name: "web", env: [{ name: "X", value: "9" }] }] } },
      },
    });
    const { code, body } = await client.apply(path, config({ name: "B", value: "3" }));
    expect(code).toBe(200);
    expect(body.spec.replicas).toBe(7);
    expect(containers(body)[0]).toMatchObject({
      env: [
        { name: "B", value: "3" },
        { name: "X", value: "9" },
      ],
    });
    expect(body.metadata.managedFields).toMatchObject([
      { manager: "tests", operation: "Update" },
      { manager: "tool", operation: "Apply" },
    ]);
  });

  test("the same again changes nothing", async () => {
    const path = `${WEB}?fieldManager=tool`;
    const { body } = await client.apply(path, config({ name: "A", value: "1" }));
    expect((await client.apply(path, config({ name: "A", value: "1" }))).body).toEqual(body);
  });

  test("reads YAML and wants a manager", async () => {
    const yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\ndata: {k: v}\n";
    expect((await client.apply(`${CORE}/configmaps/y?fieldManager=tool`, yaml)).body.data).toEqual({
      k: "v",
    });
    expect((await client.apply(`${CORE}/configmaps/y`, yaml)).code).toBe(422);
  });
});

describe("other kinds", () => {
  test("a Service gets an address of its own and keeps it", async () => {
    const { body } = await client.post(`${CORE}/services`, service("web"));
    expect(body.spec.clusterIP).toMatch(/^10\.96\./);
    expect(body.spec.ports).toEqual([{ port: 80, protocol: "TCP", targetPort: 80 }]);
    expect((await client.put(`${CORE}/services/web`, service("web"))).body.spec.clusterIP).toBe(
      body.spec.clusterIP,
    );
  });

  test("a Service without ports is refused unless it is headless", async () => {
    const { spec, ...rest } = service("web");
    const bare = (more: object) => ({ ...rest, spec: { selector: spec.selector, ...more } });
    expect((await client.post(`${CORE}/services`, bare({}))).body.message).toContain(
      "spec.ports: Required value",
    );
    expect((await client.post(`${CORE}/services`, bare({ clusterIP: "None" }))).code).toBe(201);
  });

  test("a Secret's plain text becomes data", async () => {
    const { body } = await client.post(`${CORE}/secrets`, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s" },
      stringData: { k: "v" },
    });
    expect(body).toMatchObject({ type: "Opaque", data: { k: "dg==" } });
    expect(body.stringData).toBeUndefined();
  });

  test("an access review is answered and not kept", async () => {
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const { code, body } = await client.post(path, {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { verb: "get" } },
    });
    expect(code).toBe(201);
    expect(body.status.allowed).toBe(true);
  });

  test("null means not set", async () => {
    const base = deployment("web");
    const { body } = await client.post(`${APPS}/deployments`, {
      ...base,
      metadata: { name: "web", creationTimestamp: null },
      spec: { ...base.spec, replicas: null },
    });
    expect(body.spec.replicas).toBe(1);
  });

  test("events are found by the object they are about", async () => {
    const event = (name: string, about: string) => ({
      apiVersion: "v1",
      kind: "Event",
      metadata: { name },
      involvedObject: { kind: "Pod", name: about },
      type: "Normal",
    });
    await client.post(`${CORE}/events`, event("a", "p"));
    await client.post(`${CORE}/events`, event("b", "q"));
    const { body } = await client.get(
      `${CORE}/events?fieldSelector=involvedObject.name%3Dq,type%3DNormal`,
    );
    expect(body.items).toHaveLength(1);
    expect(body.items[0].metadata.name).toBe("b");
  });
});
