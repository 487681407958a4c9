import { beforeAll, describe, expect, it } from "vitest";
import { AlertProviderSpec } from "../../src/api/alert-provider.ts";
import { AnalysisTemplateSpec } from "../../src/api/analysis-template.ts";
import { CanarySpec } from "../../src/api/canary-spec.ts";
import {
  customResourceDefinition,
  objectSchema,
} from "../../src/codegen/custom-resource-definition.ts";
import { kinds } from "../../src/codegen/kinds.ts";
import type { StructuralSchema } from "../../src/codegen/structural-schema.ts";
import { type Client, createClient } from "../support/api-server-client.ts";
import { readManifests } from "../support/manifests.ts";

type Members = Readonly<Record<string, unknown>>;

const canary = (name: string, spec: Members = {}) => ({
  apiVersion: "serin.dev/v1alpha1",
  kind: "Canary",
  metadata: { name, namespace: "default" },
  spec: {
    targetRef: { name: "order-service" },
    routing: { istio: { virtualServices: [{ name: "order-service" }] } },
    ...spec,
  },
});
const template = (name: string, spec: Members) => ({
  apiVersion: "serin.dev/v1alpha1",
  kind: "AnalysisTemplate",
  metadata: { name, namespace: "default" },
  spec: { provider: { prometheus: {} }, ...spec },
});
const provider = (name: string, slack: Members | undefined) => ({
  apiVersion: "serin.dev/v1alpha1",
  kind: "AlertProvider",
  metadata: { name, namespace: "default" },
  spec: slack === undefined ? {} : { slack },
});
const ratio = { total: "requests_total", bad: 'requests_total{code="500"}' };
const mirror = (more: Members) => ({ mirror: { sideEffects: "None", ...more } });
const service = { port: 80, targetPort: 8080 };
const secret = { name: "slack", key: "address" };
const https = "plain http is for a loopback address only";

type Row = readonly [field: string, message: string, object: { kind: string; spec: object }];
const refused: readonly Row[] = [
  ["", "metadata.name may have at most 63 characters", canary("a".repeat(64))],
  ["spec.routing", "name exactly one routing provider: istio", canary("a", { routing: {} })],
  [
    "spec.stages",
    "weights must rise",
    canary("a", { stages: [{ weight: 25 }, { weight: 10 }, { weight: 100 }] }),
  ],
  ["spec.stages", "the last stage must have weight 100", canary("a", { stages: [{ weight: 10 }] })],
  ["spec", "give exactly one of ratio, latency and value", template("a", {})],
  [
    "spec",
    "give exactly one of ratio, latency and value",
    template("a", { ratio, latency: { histogram: "h" } }),
  ],
  [
    "spec.provider",
    "name exactly one provider: prometheus",
    template("a", { ratio, provider: {} }),
  ],
  ["spec", "name exactly one provider: slack or webhook", provider("a", undefined)],
  [
    "spec.webhook",
    "give exactly one of address and secretRef",
    { ...provider("a", undefined), spec: { webhook: {} } },
  ],
  ["spec.slack", "give exactly one of address, secretRef and botToken", provider("a", {})],
  ["spec.slack", "botToken needs channel", provider("a", { botToken: secret })],
  ["spec.slack", "channel needs botToken", provider("a", { secretRef: secret, channel: "#a" })],
  [
    "spec.slack",
    `address must begin with https://; ${https}`,
    provider("a", { address: "http://a.example.com" }),
  ],
  [
    "spec.slack",
    `apiAddress must begin with https://; ${https}`,
    provider("a", { secretRef: secret, apiAddress: "http://a.example.com" }),
  ],
  [
    "spec",
    "routing.istio.generate needs service.port and service.targetPort",
    canary("a", { routing: { istio: { generate: {} } } }),
  ],
  [
    "spec.routing.istio",
    "give exactly one of virtualServices and generate",
    canary("a", { routing: { istio: {} } }),
  ],
  [
    "spec.routing.istio",
    "leave destinationRule out: it is generated with the rest",
    canary("a", { service, routing: { istio: { generate: {}, destinationRule: {} } } }),
  ],
  [
    "spec.routing.istio.generate.match[0].uri",
    "give exactly one of exact, prefix and regex",
    canary("a", { service, routing: { istio: { generate: { match: [{ uri: {} }] } } } }),
  ],
  [
    "spec.stages",
    "mirror stages must stand before the first weight",
    canary("a", { stages: [{ weight: 10 }, mirror({}), { weight: 100 }] }),
  ],
  [
    "spec.stages[0]",
    "maxSeconds must not be below minSeconds",
    canary("a", { stages: [{ weight: 100, minSeconds: 1801 }] }),
  ],
  [
    "spec.analysis.onNoTraffic",
    "give seconds with action PromoteAfterSeconds",
    canary("a", { analysis: { onNoTraffic: { action: "PromoteAfterSeconds" } } }),
  ],
  [
    "spec.stages[0]",
    "give a stage exactly one of weight and mirror",
    canary("a", { stages: [{ ...mirror({}), weight: 10 }, { weight: 100 }] }),
  ],
  [
    "spec.stages[0].mirror",
    "a percentage above 10 needs allowAbove10: true",
    canary("a", { stages: [mirror({ percentage: 11 }), { weight: 100 }] }),
  ],
  [
    "spec.stages[0].mirror",
    "target Canary needs sideEffects: None",
    canary("a", { stages: [{ mirror: {} }, { weight: 100 }] }),
  ],
  ["spec.stages[0].weight", "100", canary("a", { stages: [{ weight: 101 }] })],
  ["spec.stages[0].weight", "1", canary("a", { stages: [{ weight: 0 }, { weight: 100 }] })],
  [
    "spec.targetRef.kind",
    "Unsupported value",
    canary("a", { targetRef: { kind: "Pod", name: "a" } }),
  ],
  ["spec.targetRef.name", "55", canary("a", { targetRef: { name: "a".repeat(56) } })],
];

const collection = (kind: string): string => {
  const { plural, scope } = kinds.find((other) => other.kind === kind) ?? { plural: "", scope: "" };
  const namespace = scope === "Cluster" ? "" : "/namespaces/default";
  return `/apis/serin.dev/v1alpha1${namespace}/${plural}?fieldValidation=Strict`;
};

const rulesOf = (schema: StructuralSchema): readonly string[] => [
  ...(schema["x-kubernetes-validations"] ?? []).map(({ message }) => message),
  ...Object.values(schema.properties ?? {}).flatMap(rulesOf),
  ...(schema.items === undefined ? [] : rulesOf(schema.items)),
];

describe("the CRDs on an API server", () => {
  let client: Client;
  const create = (object: { readonly kind: string; readonly status?: Members }) =>
    client.post(collection(object.kind), object);

  beforeAll(async () => {
    client = createClient();
    for (const kind of kinds) {
      const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?fieldValidation=Strict";
      const answer = await client.post(path, customResourceDefinition(kind));
      expect([answer.code, answer.body.message]).toEqual([201, undefined]);
    }
  });

  it.each([
    [canary("shortest"), CanarySpec],
    [template("shortest", { ratio }), AnalysisTemplateSpec],
    [template("latency", { latency: { histogram: "h" } }), AnalysisTemplateSpec],
    [provider("shortest", { secretRef: secret }), AlertProviderSpec],
  ])("give the shortest object the defaults that Serin reads ($0.kind)", async (object, schema) => {
    const { code, body } = await create(object);
    expect(code).toBe(201);
    expect(body.spec).toEqual(schema.parse(object.spec));
  });

  it.each(refused)("refuse at %j: %s", async (field, message, object) => {
    const { code, body } = await create(object);
    expect(code).toBe(422);
    expect(body.message).toContain(message);
    const fields = body.details.causes.map(
      (cause: { readonly field?: string }) => cause.field ?? "",
    );
    expect(fields.map((name: string) => (name === "<nil>" ? "" : name))).toContain(field);
  });

  it("refuse another target, once there is one", async () => {
    await create(canary("moved"));
    const path = collection("Canary").replace("?", "/moved?");
    const { code, body } = await client.mergePatch(path, {
      spec: { targetRef: { name: "other" } },
    });
    expect(code).toBe(422);
    expect(body.message).toContain("targetRef cannot be changed; delete the Canary");
    const same = await client.mergePatch(path, { spec: { progressDeadlineSeconds: 60 } });
    expect(same.code).toBe(200);
  });

  it("were asked for every rule that they have", () => {
    const asked = [...refused.map(([, message]) => message), "targetRef cannot be changed"];
    const all = kinds.flatMap((kind) => rulesOf(objectSchema(kind)));
    expect(all.filter((rule) => !asked.some((message) => rule.startsWith(message)))).toEqual([]);
  });

  it("refuse an unknown field with its path", async () => {
    const { code, body } = await create(canary("a", { analysis: { intervalSecond: 5 } }));
    expect([code, body.message]).toEqual([
      400,
      expect.stringContaining("spec.analysis.intervalSecond"),
    ]);
  });

  it("keep the status apart from the spec", async () => {
    const { body } = await create({ ...canary("apart"), status: { phase: "Succeeded" } });
    expect(body.status).toBeUndefined();
    const path = collection("Canary").replace("?", "/apart/status?");
    const { code } = await client.mergePatch(path, {
      status: { phase: "Progressing", canaryWeight: 25 },
    });
    expect(code).toBe(200);
    const wrong = await client.mergePatch(path, { status: { canaryWeight: 101 } });
    expect(wrong.code).toBe(422);
  });

  it("accept the examples and the shipped templates", async () => {
    const example = readManifests("deploy/examples");
    const shipped = readManifests("analysis-templates");
    const own = [...example, ...shipped].filter(
      ({ object }) => object.apiVersion === "serin.dev/v1alpha1",
    );
    expect(shipped.length).toBeGreaterThan(1);
    const namespaces = example.filter(({ object }) => object.kind === "Namespace");
    expect(namespaces.length).toBeGreaterThan(1);
    for (const { object } of namespaces) await client.post("/api/v1/namespaces", object);
    for (const { file, object } of own) {
      const path = collection(object.kind).replace("/default/", `/${object.metadata.namespace}/`);
      const answer = await client.post(path, object);
      expect([file, answer.code, answer.body.message]).toEqual([file, 201, undefined]);
    }
  });
});
