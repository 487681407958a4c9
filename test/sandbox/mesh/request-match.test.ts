import { describe, expect, it } from "vitest";
import { decodeVirtualService } from "../../../src/sandbox/mesh/decode-routing.ts";
import { matchesRequest, type SimulatedRequest } from "../../../src/sandbox/mesh/request-match.ts";

const request: SimulatedRequest = {
  uri: "/Orders/1?tier=gold",
  method: "GET",
  authority: "orders.shop.svc.cluster.local",
  port: 80,
  headers: { "x-beta": "yes", cookie: "a=1; user=test" },
  sourceLabels: { app: "load-generator" },
  sourceNamespace: "sandbox-load",
};

function matches(...match: readonly unknown[]): boolean {
  const http = [{ match, route: [{ destination: { host: "orders" } }] }];
  const object = { metadata: { name: "orders", namespace: "shop" }, spec: { http } };
  return matchesRequest(decodeVirtualService(object).http[0]?.match ?? [], request);
}

describe("a rule's match", () => {
  it.each([
    { match: { uri: { exact: "/Orders/1" } }, is: true },
    { match: { uri: { exact: "/orders/1" } }, is: false },
    { match: { uri: { prefix: "/orders" }, ignoreUriCase: true }, is: true },
    { match: { uri: { regex: "/Orders/[0-9]" } }, is: true },
    { match: { uri: { regex: "/Orders" } }, is: false },
    { match: { uri: { regex: "(" } }, is: false },
    { match: { method: { exact: "POST" } }, is: false },
    { match: { scheme: { exact: "http" } }, is: true },
    { match: { authority: { prefix: "orders.shop" } }, is: true },
    { match: { headers: { "x-beta": { exact: "yes" } } }, is: true },
    { match: { headers: { "x-beta": {} } }, is: true },
    { match: { headers: { "x-other": {} } }, is: false },
    { match: { headers: { cookie: { regex: ".*user=test.*" } } }, is: true },
    { match: { withoutHeaders: { "x-beta": { exact: "no" } } }, is: true },
    { match: { withoutHeaders: { "x-beta": {} } }, is: false },
    { match: { queryParams: { tier: { exact: "gold" } } }, is: true },
    { match: { queryParams: { tier: { exact: "tin" } } }, is: false },
    { match: { port: 81 }, is: false },
    { match: { gateways: ["edge"] }, is: false },
    { match: { gateways: ["edge", "mesh"] }, is: true },
    { match: { sourceLabels: { app: "load-generator" } }, is: true },
    { match: { sourceLabels: { app: "web" } }, is: false },
    { match: { sourceNamespace: "shop" }, is: false },
    { match: { method: { exact: "GET" }, port: 81 }, is: false },
  ])("of $match is $is", ({ match, is }) => {
    expect(matches(match)).toBe(is);
  });

  it("needs one of several alternatives, and none at all matches everything", () => {
    expect(matches({ port: 81 }, { port: 80 })).toBe(true);
    expect(matches()).toBe(true);
  });
});
