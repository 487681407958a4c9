/** The jq of deploy/argocd in the interpreter that Argo CD uses: what is ignored, and that nothing else is. Needs no server. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { findManifest, readManifests } from "../../support/manifests.ts";
import { findComponent } from "../setup/components.ts";

const gojq = findComponent("gojq");
if (gojq === undefined)
  process.stderr.write("\nSKIPPED for want of gojq: npm run test:e2e:setup\n");

/** As Argo CD does before it compares: deletes what each expression finds, on both sides. */
async function without(object: object, expressions: readonly string[]): Promise<object> {
  const program = expressions.map((expression) => `del(${expression})`).join(" | ");
  const child = promisify(execFile)(gojq ?? "gojq", ["--compact-output", program]);
  child.child.stdin?.end(JSON.stringify(object));
  return JSON.parse((await child).stdout);
}

const inGit = findManifest(readManifests("deploy/examples/order-service"), "VirtualService");
/** In a release: weights moved, copies sent. */
function inRelease(): typeof inGit {
  const live = structuredClone(inGit);
  const rule = live.spec.http[1];
  rule.route[0].weight = 75;
  rule.route[1].weight = 25;
  rule.mirror = { host: "order-service", subset: "canary" };
  rule.mirrorPercentage = { value: 10 };
  return live;
}
const edits: readonly [string, (object: typeof inGit) => void][] = [
  ["a timeout of the managed rule", ({ spec }) => (spec.http[1].timeout = "9s")],
  ["another rule's route", ({ spec }) => spec.http[0].route.push({ destination: { host: "x" } })],
  ["a destination", ({ spec }) => (spec.http[1].route[1].destination.subset = "other")],
  ["a weight of another rule", ({ spec }) => (spec.http[0].route[0].weight = 50)],
];

describe.skipIf(gojq === undefined)("what Argo CD ignores of a VirtualService", () => {
  const application = findManifest(readManifests("deploy/argocd/examples"), "Application");
  const ignored: readonly string[] = application.spec.ignoreDifferences[0].jqPathExpressions;
  const config = fileURLToPath(new URL("../../../deploy/argocd/argocd-cm.yaml", import.meta.url));
  const { data } = parse(readFileSync(config, "utf8"));
  const quiet: readonly string[] = parse(
    data["resource.customizations.ignoreResourceUpdates.networking.istio.io_VirtualService"],
  ).jqPathExpressions;

  it("is all that a release writes", async () => {
    expect(await without(inRelease(), ignored)).toEqual(await without(inGit, ignored));
    expect(await without(inRelease(), quiet)).toEqual(await without(inGit, quiet));
  });

  it.each(edits)("is not %s in git", async (_name, edit) => {
    const edited = structuredClone(inGit);
    edit(edited);
    expect(await without(edited, ignored)).not.toEqual(await without(inRelease(), ignored));
  });

  it("is nothing of an object without HTTP rules", async () => {
    const bare = { spec: { tcp: [] } };
    expect(await without(bare, quiet)).toEqual(bare);
  });
});
