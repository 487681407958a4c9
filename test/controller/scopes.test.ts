import { describe, expect, it } from "vitest";
import { metricRequest, routeScope, workloadScope } from "../../src/controller/scopes.ts";
import { canarySpec, errorRateTemplate } from "../support/fake-ports.ts";

const identity = {
  namespace: "shop",
  name: "orders-canary",
  uid: "uid-1",
  generation: 3,
  resourceVersion: "7",
};
const selector = { label: "app", value: "orders" };

describe("workloadScope", () => {
  it("names the target, not the Canary, and the label asked for", () => {
    const spec = canarySpec("orders", { selectorLabel: "team" });
    expect(workloadScope(identity, spec)).toEqual({
      namespace: "shop",
      canary: "orders-canary",
      canaryUid: "uid-1",
      target: "orders",
      service: "orders",
      selectorLabel: "team",
    });
  });
});

describe("routeScope", () => {
  it.each([
    [{}, "orders"],
    [{ service: { name: "orders-http" } }, "orders-http"],
  ])("takes the Service of the spec, else the target's name: %j", (changes, service) => {
    const spec = canarySpec("orders", changes);
    const scope = routeScope(identity, spec, selector);
    expect(scope).toMatchObject({ canary: "orders-canary", service, selector });
    expect(scope.routing).toEqual(spec.routing);
  });
});

describe("metricRequest", () => {
  it("asks for both versions of the target, under an id of its own", () => {
    const template = errorRateTemplate();
    const spec = canarySpec("orders");
    const [metric] = spec.analysis.metrics;
    if (template.kind !== "Known" || metric === undefined) throw new Error("no metric");
    const asked = { ...metric, args: { tier: "web" } };
    expect(metricRequest(identity, spec, asked, template.value)).toEqual({
      id: "shop/orders-canary/errors",
      namespace: "shop",
      canaryWorkload: "orders",
      primaryWorkload: "orders-primary",
      service: "orders",
      template: template.value.spec,
      secretNamespace: "shop",
      args: { tier: "web" },
      intervalSeconds: 1,
      reporter: "Callers",
      limit: 5,
    });
    expect(metricRequest(identity, spec, metric, template.value).args).toEqual({});
  });
});
