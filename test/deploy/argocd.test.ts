import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Lua } from "wasmoon-lua5.1";
import { parse } from "yaml";
import { describeArgocd } from "../support/argocd/describe-argocd.ts";
import { actionNames, readScript } from "../support/argocd/scripts.ts";
import { findManifest, readManifests } from "../support/manifests.ts";

/** The reference implementation of Lua 5.1. */
async function interpret(program: string): Promise<string> {
  const lua = await Lua.create();
  try {
    return String(await lua.doString(program));
  } finally {
    lua.global.close();
  }
}

describeArgocd(interpret);

describe("the entries for argocd-cm", () => {
  const path = fileURLToPath(new URL("../../deploy/argocd/argocd-cm.yaml", import.meta.url));
  const { metadata, data } = parse(readFileSync(path, "utf8"));
  const actions = parse(data["resource.customizations.actions.serin.dev_Canary"]);

  it("hold the very scripts of the tested folder", () => {
    expect(existsSync(path)).toBe(true);
    expect(data["resource.customizations.health.serin.dev_Canary"]).toBe(readScript("health.lua"));
    expect(actions["discovery.lua"]).toBe(readScript("actions/discovery.lua"));
    expect(actions.definitions).toEqual(
      actionNames.map((name) => ({ name, "action.lua": readScript(`actions/${name}/action.lua`) })),
    );
  });

  it("are found by Argo CD, and leave the other entries of a ConfigMap that is there", () => {
    expect(metadata).toEqual({
      name: "argocd-cm",
      labels: { "app.kubernetes.io/name": "argocd-cm", "app.kubernetes.io/part-of": "argocd" },
    });
    expect(Object.keys(data).every((key) => /^resource\.customizations\.\w+\./.test(key))).toBe(
      true,
    );
  });

  it("let no status and no weight refresh an application", () => {
    const quiet = (kind: string) =>
      parse(data[`resource.customizations.ignoreResourceUpdates.${kind}`]);
    expect(quiet("serin.dev_Canary")).toEqual({ jsonPointers: ["/status"] });
    expect(quiet("networking.istio.io_VirtualService").jqPathExpressions).toEqual([
      ".spec.http[]?.route[]?.weight",
      ".spec.http[]?.mirror",
      ".spec.http[]?.mirrorPercentage",
    ]);
  });
});

describe("the examples for GitOps tools", () => {
  const example = readManifests("deploy/examples/order-service");
  const application = findManifest(readManifests("deploy/argocd/examples"), "Application");
  const flux = findManifest(readManifests("deploy/flux"), "Kustomization");
  const route = findManifest(example, "VirtualService");
  const canary = findManifest(example, "Canary");
  const [reference] = canary.spec.routing.istio.virtualServices;
  const named = [
    { group: "networking.istio.io", kind: "VirtualService", name: route.metadata.name },
    { group: "apps", kind: "Deployment", name: canary.spec.targetRef.name },
  ];

  it("ignore the objects that Serin writes to, and of the routes the managed rule alone", () => {
    expect(application.spec.ignoreDifferences).toMatchObject(named);
    expect(application.spec.ignoreDifferences[0].jqPathExpressions).toEqual(
      [".route[].weight", ".mirror", ".mirrorPercentage"].map(
        (field) => `.spec.http[] | select(.name=="${reference.routes[0]}") | ${field}`,
      ),
    );
    expect(flux.spec.ignore.map(({ target }: { readonly target: object }) => target)).toEqual(
      named,
    );
    const managed = route.spec.http.findIndex(
      ({ name }: { readonly name: string }) => name === reference.routes[0],
    );
    const weights = route.spec.http[managed].route.map(
      (_: unknown, index: number) => `/spec/http/${managed}/route/${index}/weight`,
    );
    expect(flux.spec.ignore[0].paths).toEqual([
      ...weights,
      `/spec/http/${managed}/mirror`,
      `/spec/http/${managed}/mirrorPercentage`,
    ]);
  });

  it("do not freeze git's rules, and apply nothing that does not differ", () => {
    expect(application.spec.syncPolicy.syncOptions).toEqual(["ApplyOutOfSyncOnly=true"]);
  });

  it("are those of the document", () => {
    const path = fileURLToPath(new URL("../../docs/gitops.md", import.meta.url));
    const blocks = [...readFileSync(path, "utf8").matchAll(/```yaml\n(?<text>[^`]+)```/g)].map(
      ({ groups }) => parse(groups?.["text"] ?? ""),
    );
    expect(blocks[0].spec.ignoreDifferences).toEqual(application.spec.ignoreDifferences);
    expect(blocks[1].spec.ignore).toEqual(flux.spec.ignore);
  });
});
