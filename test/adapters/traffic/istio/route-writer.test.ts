import { describe, expect, it } from "vitest";
import { findWriter } from "../../../../src/adapters/traffic/istio/route-writer.ts";

const routes = { "f:spec": { "f:http": {} } };
const entry = (manager: string, seconds: number, fieldsV1: object = routes, more: object = {}) => ({
  manager,
  operation: "Update",
  time: `2026-11-21T12:00:${String(seconds).padStart(2, "0")}Z`,
  fieldsV1,
  ...more,
});
const object = (...managedFields: readonly object[]) => ({
  metadata: { name: "orders", namespace: "shop", managedFields },
});

describe("the last writer of routes", () => {
  it.each([
    ["serin-controller", "Serin"],
    ["argocd-controller", "GitOps"],
    ["kustomize-controller", "GitOps"],
    ["helm-controller", "GitOps"],
    ["kubectl-edit", "Hand"],
    ["kubectl-client-side-apply", "Hand"],
    ["kiali", "Hand"],
  ])("%s is %s", (manager, kind) => {
    expect(findWriter([object(entry(manager, 1))])).toMatchObject({ manager, kind });
  });

  it("is the latest that owns the HTTP rules, over all objects", () => {
    const annotations = { "f:metadata": { "f:annotations": {} } };
    const objects = [
      object(entry("serin-controller", 5), entry("kubectl-annotate", 9, annotations)),
      object(entry("kubectl-edit", 6), entry("istiod", 8, routes, { subresource: "status" })),
    ];
    expect(findWriter(objects).manager).toBe("kubectl-edit");
    const hosts = { "f:spec": { "f:hosts": {} } };
    expect(findWriter([object(entry("a", 1), entry("b", 2, hosts))]).manager).toBe("a");
  });

  it("may be whoever names no fields, and the later of two in one second", () => {
    expect(findWriter([object(entry("a", 3), entry("b", 3, {}))]).manager).toBe("b");
  });

  it("is unknown where nothing is said", () => {
    expect(findWriter([object()])).toEqual({ kind: "Unknown", manager: "" });
    expect(findWriter([{ metadata: { name: "orders" } }]).kind).toBe("Unknown");
    expect(findWriter([object({ manager: "a", time: "soon", fieldsV1: routes })]).kind).toBe(
      "Unknown",
    );
  });

  it.each([
    ["argocd-controller", "ignoreDifferences"],
    ["kustomize-controller", "spec.ignore"],
    ["helm-controller", "driftDetection"],
    ["terraform", "terraform must leave the weights of VirtualService orders alone"],
  ])("of the name %s is told %s", (manager, words) => {
    expect(findWriter([object(entry(manager, 1))]).advice).toContain(words);
  });
});
