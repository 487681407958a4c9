import { describe, expect, it } from "vitest";
import {
  decodeDestinationRule,
  decodeVirtualService,
  parseDurationMs,
} from "../../../src/sandbox/mesh/decode-routing.ts";

const metadata = { name: "orders", namespace: "shop", creationTimestamp: null };

function ruleOf(rule: object) {
  const [decoded] = decodeVirtualService({ metadata, spec: { http: [rule] } }).http;
  return decoded;
}

describe("a duration", () => {
  it.each([
    { text: "5s", ms: 5_000 },
    { text: "0.25s", ms: 250 },
    { text: "1m30s", ms: 90_000 },
    { text: "1h", ms: 3_600_000 },
    { text: "100ms", ms: 100 },
    { text: "5", ms: undefined },
    { text: "", ms: undefined },
  ])("of $text is $ms ms", ({ text, ms }) => {
    expect(parseDurationMs(text)).toBe(ms);
  });
});

describe("a VirtualService", () => {
  it("names hosts without a dot in its own namespace, and takes others as they are", () => {
    const hosts = ["orders", "orders.shop", "*.shop.svc.cluster.local", "orders.example.com"];
    expect(decodeVirtualService({ metadata, spec: { hosts } }).hosts).toEqual([
      "orders.shop.svc.cluster.local",
      "orders.shop",
      "*.shop.svc.cluster.local",
      "orders.example.com",
    ]);
    expect(decodeDestinationRule({ metadata, spec: { host: "orders" } }).host).toBe(
      "orders.shop.svc.cluster.local",
    );
  });

  it("copies everything to a mirror without a percentage, nothing with zero", () => {
    const mirror = { host: "orders" };
    expect(ruleOf({ mirror })?.mirrors[0]?.share).toBe(1);
    expect(ruleOf({ mirror, mirrorPercentage: { value: 0 } })?.mirrors[0]?.share).toBe(0);
    const mirrors = [{ destination: mirror, percentage: { value: 5 } }];
    expect(ruleOf({ mirrors })?.mirrors[0]?.share).toBe(0.05);
  });

  it("hits no request with a fault that has no percentage", () => {
    const fault = { delay: { fixedDelay: "5s" }, abort: { httpStatus: 503 } };
    expect(ruleOf({ fault })?.fault).toEqual({
      delay: { share: 0, ms: 5_000 },
      abort: { share: 0, httpStatus: 503, grpcStatus: "" },
    });
  });

  it("numbers gRPC's statuses", () => {
    const abortWith = (grpcStatus: string) =>
      ruleOf({ fault: { abort: { grpcStatus } } })?.fault?.abort?.grpcStatus;
    expect(abortWith("UNAVAILABLE")).toBe("14");
    expect(abortWith("CANCELLED")).toBe("1");
  });
});
