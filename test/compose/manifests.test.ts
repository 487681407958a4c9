/** What a sandbox installs by itself is read from the checkout, whole. */
import { describe, expect, it } from "vitest";
import { serinCrds, shippedTemplates } from "../../src/compose/manifests.ts";

describe("the manifests of the checkout", () => {
  it("have a definition for each of Serin's kinds", async () => {
    const crds = await serinCrds();
    expect(crds.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      "CustomResourceDefinition alertproviders.serin.dev",
      "CustomResourceDefinition analysistemplates.serin.dev",
      "CustomResourceDefinition canaries.serin.dev",
      "CustomResourceDefinition clusteranalysistemplates.serin.dev",
    ]);
  });

  it("have the templates that the defaults of a Canary name", async () => {
    const templates = await shippedTemplates();
    expect(new Set(templates.map(({ kind }) => kind))).toEqual(
      new Set(["ClusterAnalysisTemplate"]),
    );
    const names = templates.map(({ metadata }) => metadata.name);
    expect(names).toEqual(expect.arrayContaining(["istio-error-rate", "istio-latency-p99"]));
    expect(new Set(names).size).toBe(names.length);
  });
});
