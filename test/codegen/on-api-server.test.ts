import { beforeAll, describe, expect, it } from "vitest";
import { AlertProviderSpec } from "../../src/api/alert-provider.ts";
import { AnalysisTemplateSpec } from "../../src/api/analysis-template.ts";
import { CanarySpec } from "../../src/api/canary-spec.ts";
import { customResourceDefinition } from "../../src/codegen/custom-resource-definition.ts";
import { kinds } from "../../src/codegen/kinds.ts";
import { type Answer, type Client, createClient } from "../support/api-server-client.ts";
import {
  canary,
  collectionOf,
  provider,
  refusals,
  rulesWithoutRefusal,
  type SerinObject,
  template,
} from "../support/crd-refusals.ts";
import { readManifests } from "../support/manifests.ts";

const ratio = { total: "requests_total", bad: 'requests_total{code="500"}' };
const secret = { name: "slack", key: "address" };

/** Beyond bounds that are no rules in CEL. */
const outOfBounds = [
  {
    field: "spec.stages[0].weight",
    says: "100",
    object: canary("a", { stages: [{ weight: 101 }] }),
  },
  {
    field: "spec.stages[0].weight",
    says: "1",
    object: canary("a", { stages: [{ weight: 0 }, { weight: 100 }] }),
  },
  {
    field: "spec.targetRef.kind",
    says: "Unsupported value",
    object: canary("a", { targetRef: { kind: "Pod", name: "a" } }),
  },
  {
    field: "spec.targetRef.name",
    says: "55",
    object: canary("a", { targetRef: { name: "a".repeat(56) } }),
  },
];

const collection = (kind: string): string => `${collectionOf(kind)}?fieldValidation=Strict`;

describe("the CRDs on an API server", () => {
  let client: Client;
  const create = (object: SerinObject) => client.post(collection(object.kind), object);

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
    [provider("shortest", { slack: { secretRef: secret } }), AlertProviderSpec],
  ])("give the shortest object the defaults that Serin reads ($0.kind)", async (object, schema) => {
    const { code, body } = await create(object);
    expect(code).toBe(201);
    expect(body.spec).toEqual(schema.parse(object.spec));
  });

  const fieldsOf = ({ body }: Answer): readonly string[] =>
    body.details.causes.map((cause: { readonly field?: string }) =>
      (cause.field ?? "").replace("<nil>", ""),
    );

  it.each(outOfBounds)("refuse at $field: $says", async ({ field, says, object }) => {
    const answer = await create(object);
    expect(answer.code).toBe(422);
    expect(answer.body.message).toContain(says);
    expect(fieldsOf(answer)).toContain(field);
  });

  it.each(refusals)("refuse at $where: $message", async ({ field, message, object, change }) => {
    const created = await create(object);
    const at = `${collectionOf(object.kind)}/${object.metadata.name}`;
    const answer = change === undefined ? created : await client.mergePatch(at, { spec: change });
    expect(answer.code).toBe(422);
    expect(answer.body.message).toContain(message);
    expect(fieldsOf(answer)).toContain(field);
  });

  it("have a row for every rule", () => {
    expect(rulesWithoutRefusal()).toEqual([]);
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
