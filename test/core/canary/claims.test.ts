import { describe, expect, it } from "vitest";
import type { CanarySpec } from "../../../src/api/canary-spec.ts";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { GeneratedRouting } from "../../../src/api/generated-routing.ts";
import {
  type Claim,
  claimsOf,
  isSameClaim,
  standingClaims,
} from "../../../src/core/canary/claims.ts";
import { type Fact, known, missing } from "../../../src/core/fact.ts";
import { aSpec, initialized, progressing } from "../../support/snapshots.ts";

const route = (...rules: string[]): Claim => ({
  key: "VirtualService/web",
  rules: rules.length === 0 ? undefined : rules,
});

describe("a spec", () => {
  it("claims its target, its primary and the rules that it names", () => {
    const virtualServices = [{ name: "edge", routes: ["a", "b"] }, { name: "web" }];
    const routing = { istio: { virtualServices, propagationSeconds: 5 } };
    expect(claimsOf(aSpec({ routing }), "shop")).toEqual([
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
      claimsOf(aSpec({ routing, service: { name: "shop", portName: "http" } }), "shop").slice(2),
    ).toEqual([{ key: "VirtualService/shop", rules: undefined }]);
  });
});

describe("hosts that are generated", () => {
  const keysOf = (name: string, parts: object) => {
    const routing = { istio: { generate: GeneratedRouting.parse(parts), propagationSeconds: 5 } };
    const service = { name, portName: "http" };
    return claimsOf(aSpec({ routing, service }), "shop").slice(3);
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

describe("a gateway", () => {
  const edge = (gateway: string) => {
    const routing = {
      istio: {
        generate: GeneratedRouting.parse({ hosts: ["a.example.com"], gateways: [gateway] }),
        propagationSeconds: 5,
      },
    };
    return claimsOf(aSpec({ routing }), "shop").at(-1)?.key;
  };

  it("is the same with and without the namespace of the Canary, and another in another", () => {
    expect(edge("shop/edge")).toBe(edge("edge"));
    expect(edge("infra/edge")).not.toBe(edge("edge"));
    expect(edge("shop-2/edge")).toBe("Host/a.example.com on gateway shop-2/edge");
  });
});

describe("what stands", () => {
  const asking = (...virtualServices: { name: string; routes?: string[] }[]) =>
    known(aSpec({ routing: { istio: { virtualServices, propagationSeconds: 5 } } }));
  const claimed = (spec: Fact<CanarySpec>, status: CanaryStatus) =>
    standingClaims("shop", spec, status)
      .filter(({ key }) => key.startsWith("VirtualService"))
      .map(
        ({ key, rules, isInForce }) => `${isInForce} ${key.split("/")[1]} ${rules?.join() ?? "*"}`,
      );
  const held = (...claims: { key: string; rules?: string[] }[]) =>
    progressing(1, "confirmed", { release: { claims } });
  const edge = { key: "VirtualService/edge" };

  it("of a Canary without a release is what it asks for, in nobody's way that has more", () => {
    expect(claimed(asking({ name: "edge" }), initialized())).toEqual(["false edge *"]);
    expect(claimed(missing("Invalid", "…"), initialized())).toEqual([]);
  });

  it("of a release is what it is held to, and beside it what is asked for by now", () => {
    expect(claimed(asking({ name: "web" }), held(edge))).toEqual(["true edge *", "false web *"]);
    expect(claimed(asking({ name: "edge" }), held(edge))).toEqual(["true edge *"]);
    expect(claimed(missing("Invalid", "…"), held(edge))).toEqual(["true edge *"]);
  });

  it("is told by rule", () => {
    const onA = held({ ...edge, rules: ["a"] });
    expect(claimed(asking({ name: "edge", routes: ["a", "b"] }), onA)).toEqual([
      "true edge a",
      "false edge b",
    ]);
    expect(claimed(asking({ name: "edge" }), onA)).toEqual(["true edge a", "false edge *"]);
  });

  it("of a release that was not held to a spec yet is what is asked for", () => {
    const begun = progressing(0, "entered");
    expect(claimed(asking({ name: "edge" }), begun)).toEqual(["true edge *"]);
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
