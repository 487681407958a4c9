import { describe, expect, it } from "vitest";
import { serviceOfHost } from "../../../../src/adapters/traffic/istio/host.ts";

describe("the Service that a destination's host means", () => {
  it.each([
    ["orders", "shop/orders"],
    ["orders.shop.svc.cluster.local", "shop/orders"],
    ["orders.other.svc.cluster.local", "other/orders"],
    ["orders.shop.svc.corp.internal", "shop/orders"],
    // Istio takes a host with a dot for a full name and expands nothing.
    ["orders.shop", undefined],
    ["orders.shop.svc", undefined],
    ["orders.example.com", undefined],
    ["*", undefined],
    ["*.shop.svc.cluster.local", undefined],
  ])("is for %s %s", (host, expected) => {
    expect(serviceOfHost(host, "shop")).toBe(expected);
  });
});
