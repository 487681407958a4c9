/** That a real API server takes Serin's definitions, the cost of their rules included, and refuses what they refuse. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kinds } from "../../../src/codegen/kinds.ts";
import { collectionOf, refusals, rulesWithoutRefusal } from "../../support/crd-refusals.ts";
import { readManifests } from "../../support/manifests.ts";
import { isMissing } from "../support/is-missing.ts";
import { openBareServer } from "./bare-server.ts";
import { mergePatch, post, textAt } from "./case.ts";
import { settled } from "./run-case.ts";
import { openRealServer, type Server } from "./server.ts";

const strict = "?fieldValidation=Strict";
const conditions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

describe.skipIf(isMissing())("Serin's definitions on a real API server", () => {
  let server: Server;
  const send = (call: Parameters<typeof settled>[1]) => settled(server, call, "default");
  beforeAll(async () => {
    const { adminKubeconfig } = await openBareServer();
    server = await openRealServer(adminKubeconfig);
  });
  afterAll(() => server?.close());

  it.each(kinds)("are accepted and served ($kind)", async ({ kind, plural }) => {
    const call = { method: "GET", path: `${conditions}/${plural}.serin.dev`, code: 200 } as const;
    const { body } = await send(call);
    // Rules that cost too much, and schemas that are not structural, are found here.
    expect(JSON.stringify(body)).not.toContain("NonStructuralSchema");
    const list = await send({
      method: "GET",
      path: collectionOf(kind),
      code: 200,
      isEventual: true,
    });
    expect([list.code, textAt(list, "kind")]).toEqual([200, `${kind}List`]);
  });

  it("have a row for every rule", () => {
    expect(rulesWithoutRefusal()).toEqual([]);
  });

  it.each(refusals)("refuse at $where: $message", async ({ field, message, object, change }) => {
    const at = collectionOf(object.kind);
    const created = await send(post(`${at}${strict}`, object, { code: 422 }));
    const path = `${at}/${object.metadata.name}`;
    const answer =
      change === undefined
        ? created
        : await send(mergePatch(path, { spec: change }, { code: 422 }));
    expect(answer.code).toBe(422);
    expect(textAt(answer, "message")).toContain(message);
    const causes = JSON.stringify(answer.body);
    expect(causes).toContain(`"field":${JSON.stringify(field === "" ? "<nil>" : field)}`);
  });

  it("accept the examples and the shipped templates", async () => {
    const manifests = [...readManifests("deploy/examples"), ...readManifests("analysis-templates")];
    for (const { object } of manifests.filter((manifest) => manifest.object.kind === "Namespace"))
      await send(post("/api/v1/namespaces", object, { code: 201 }));
    const own = manifests.filter(({ object }) => object.apiVersion === "serin.dev/v1alpha1");
    expect(own.length).toBeGreaterThan(2);
    for (const { file, object } of own) {
      const at = `${collectionOf(object.kind, object.metadata.namespace)}${strict}`;
      const answer = await send(post(at, object, { code: 201 }));
      expect([file, answer.code, answer.code === 201 ? "" : answer.body]).toEqual([file, 201, ""]);
    }
  });
});
