import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAddressGuard } from "../../../src/adapters/outbound/address-guard.ts";

const inPod = createAddressGuard({ loopback: "Refuse", refused: ["10.96.0.1", "not-an-address"] });
const atHome = createAddressGuard({ loopback: "Allow" });

const nobodys = [
  "169.254.169.254",
  "169.254.0.0",
  "169.254.255.255",
  "0.0.0.0",
  "0.255.255.255",
  "224.0.0.1",
  "255.255.255.255",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "::",
  "fe80::1",
  "febf::1",
  "ff02::1",
  "fd00:ec2::254",
  "fd20:ce::254",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "64:ff9b::a9fe:a9fe",
];
const loopback = [
  "127.0.0.1",
  "127.255.255.254",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::127.0.0.1",
  "64:ff9b::7f00:1",
];
const others = [
  "126.255.255.255",
  "128.0.0.1",
  "169.253.255.255",
  "169.255.0.0",
  "223.255.255.255",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.1.1",
  "100.100.100.201",
  "::ffff:10.0.0.1",
  "fec0::1",
  "fd00:ec2::253",
  "2001:db8::1",
];

describe("the addresses that Serin connects to", () => {
  it.each(nobodys)("are never nobody's: %s", (address) => {
    expect(inPod.allows(address)).toBe(false);
    expect(atHome.allows(address)).toBe(false);
  });

  it.each(loopback)("are the machine itself only outside a pod: %s", (address) => {
    expect(inPod.allows(address)).toBe(false);
    expect(atHome.allows(address)).toBe(true);
  });

  it.each(others)("are all others, private ones among them: %s", (address) => {
    expect(inPod.allows(address)).toBe(true);
    expect(atHome.allows(address)).toBe(true);
  });

  it("are not the API server's, in any dress", () => {
    expect(inPod.allows("10.96.0.1")).toBe(false);
    expect(inPod.allows("::ffff:10.96.0.1")).toBe(false);
    expect(inPod.allows("10.96.0.2")).toBe(true);
    expect(atHome.allows("10.96.0.1")).toBe(true);
  });

  it("are addresses: any other text is refused, and nothing throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.domain()), (text) => {
        const isAllowed = inPod.allows(text);
        expect(isAllowed && !/^[0-9a-f.:]+$/i.test(text)).toBe(false);
        expect(atHome.allows(text) || !isAllowed).toBe(true);
      }),
    );
  });
});
