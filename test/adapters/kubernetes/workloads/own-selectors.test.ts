import { describe, expect, it } from "vitest";
import { exchangeVersions } from "../../../../src/adapters/kubernetes/workloads/own-selectors.ts";

const versions = { label: "app", from: "orders", to: "orders-primary" };
const hostname = "kubernetes.io/hostname";

/** A pod spec that speaks of pods of these selectors wherever a pod spec can. */
const podSpec = (labelSelector: object) => {
  const term = { labelSelector, topologyKey: hostname, namespaceSelector: {}, matchLabelKeys: [] };
  const rules = {
    requiredDuringSchedulingIgnoredDuringExecution: [term],
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5, podAffinityTerm: term }],
  };
  const nodes = { key: "app", operator: "In", values: ["orders"] };
  return {
    nodeSelector: { app: "orders" },
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [nodes] }],
        },
      },
      podAffinity: rules,
      podAntiAffinity: rules,
    },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: "zone", labelSelector, matchLabelKeys: ["pod-template-hash"] },
    ],
    containers: [{ name: "app", image: "orders" }],
  };
};
const one = (operator: string, ...values: string[]) => ({
  matchExpressions: [{ key: "app", operator, values }],
});

describe("where a template speaks of its own pods", () => {
  it.each([
    [
      { matchLabels: { app: "orders", tier: "web" } },
      { matchLabels: { app: "orders-primary", tier: "web" } },
    ],
    [one("In", "orders"), one("In", "orders-primary")],
    [one("NotIn", "orders"), one("NotIn", "orders-primary")],
  ])("%j becomes %j, and back", (own, theirs) => {
    expect(exchangeVersions(podSpec(own), versions)).toEqual(podSpec(theirs));
    expect(exchangeVersions(podSpec(theirs), versions)).toEqual(podSpec(own));
  });

  it.each([
    ["another workload", { matchLabels: { app: "mails" } }],
    ["another label", { matchLabels: { name: "orders" } }],
    ["several workloads", one("In", "orders", "mails")],
    ["both versions", one("In", "orders", "orders-primary")],
    ["any workload", { matchExpressions: [{ key: "app", operator: "Exists" }] }],
    [
      "another label's expression",
      { matchExpressions: [{ key: "tier", operator: "In", values: ["orders"] }] },
    ],
    ["no selector at all", {}],
  ])("what speaks of %s stays", (_, selector) => {
    expect(exchangeVersions(podSpec(selector), versions)).toEqual(podSpec(selector));
  });

  it("leaves what it does not understand", () => {
    const odd = { affinity: null, topologySpreadConstraints: "none" };
    expect(exchangeVersions(odd, versions)).toEqual(odd);
    expect(exchangeVersions(undefined, versions)).toBeUndefined();
  });
});
