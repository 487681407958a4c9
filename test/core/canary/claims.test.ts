import { describe, expect, it } from "vitest";
import { GeneratedRouting } from "../../../src/api/generated-routing.ts";
import { type Claim, claimsOf, isSameClaim } from "../../../src/core/canary/claims.ts";
import { aSpec } from "../../support/snapshots.ts";

const route = (...rules: string[]): Claim => ({
  key: "VirtualService/web",
  rules: rules.length === 0 ? undefined : rules,
});

describe("a spec", () => {
  it("claims its target, its primary and the rules that it names", () => {
    const virtualServices = [{ name: "edge", routes: ["a", "b"] }, { name: "web" }];
    const routing = { istio: { virtualServices, propagationSeconds: 5 } };
    expect(claimsOf(aSpec({ routing }))).toEqual([
      { key: "Deployment/web", rules: undefined },
      { key: "Deployment/web-primary", rules: undefined },
      { key: "VirtualService/edge", rules: ["a", "b"] },
      { key: "VirtualService/web", rules: undefined },
    ]);
  });

  it("claims the whole VirtualService that is generated for its Service", () => {
    const generate = GeneratedRouting.parse({});
    const routing = { istio: { generate, propagationSeconds: 5 } };
    expect(
      claimsOf(aSpec({ routing, service: { name: "shop", portName: "http" } })).slice(2),
    ).toEqual([{ key: "VirtualService/shop", rules: undefined }]);
  });
});

describe("hosts that are generated", () => {
  const keysOf = (name: string, parts: object) => {
    const routing = { istio: { generate: GeneratedRouting.parse(parts), propagationSeconds: 5 } };
    const service = { name, portName: "http" };
    return claimsOf(aSpec({ routing, service })).slice(3);
  };
  const collide = (one: readonly Claim[], others: readonly Claim[]) =>
    one.some((claim) => others.some((other) => isSameClaim(claim, other)));
  const shop = keysOf("shop", { hosts: ["shop.example.com"], gateways: ["edge", "mesh"] });

  it("are claimed on each gateway", () => {
    expect(shop).toEqual([
      { key: "Host/shop.example.com on gateway edge", rules: undefined },
      { key: "Host/shop.example.com on gateway mesh", rules: undefined },
    ]);
  });

  it("collide where host and gateway are the same", () => {
    const parts = { hosts: ["Shop.example.com"], gateways: ["edge"] };
    expect(collide(shop, keysOf("api", parts))).toBe(true);
    expect(collide(shop, keysOf("api", { ...parts, gateways: ["other"] }))).toBe(false);
    expect(collide(shop, keysOf("api", { ...parts, hosts: ["api.example.com"] }))).toBe(false);
  });
});

describe("two claims", () => {
  it.each([
    [route("a"), route("a")],
    [route("a", "b"), route("b", "c")],
    [route(), route("a")],
    [route(), route()],
  ])("collide: %j and %j", (one, other) => {
    expect(isSameClaim(one, other)).toBe(true);
    expect(isSameClaim(other, one)).toBe(true);
  });

  it.each([
    [route("a"), route("b")],
    [route("a"), { key: "VirtualService/api", rules: ["a"] }],
    [route(), { key: "Deployment/web", rules: undefined }],
  ])("do not collide: %j and %j", (one, other) => {
    expect(isSameClaim(one, other)).toBe(false);
    expect(isSameClaim(other, one)).toBe(false);
  });
});
