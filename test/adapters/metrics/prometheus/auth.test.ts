import { describe, expect, it } from "vitest";
import type { PrometheusEndpoint } from "../../../../src/adapters/metrics/prometheus/auth.ts";
import { prepareEndpoint } from "../../../../src/adapters/metrics/prometheus/auth.ts";

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;

function prepared(endpoint: PrometheusEndpoint) {
  const preparation = prepareEndpoint(endpoint);
  expect(preparation.kind).toBe("Ready");
  return preparation.kind === "Ready" ? preparation : undefined;
}

describe("prepareEndpoint", () => {
  it.each([
    ["http://prometheus:9090", "http://prometheus:9090"],
    ["http://prometheus:9090/", "http://prometheus:9090"],
    ["https://host/prom//", "https://host/prom"],
    ["http://user:pass@host:1/x", "http://host:1/x"],
  ])("cleans the address %s", (address, clean) => {
    expect(prepared({ address })?.address).toBe(clean);
  });

  it.each(["prometheus:9090", "ftp://host", "http://", "", "http://host/?x=1", "http://host/#x"])(
    "refuses the address %j",
    (address) => {
      expect(prepareEndpoint({ address })).toMatchObject({ failure: { reason: "Unreachable" } });
    },
  );

  it("sends a bearer token without the line break that files end in", () => {
    const endpoint = prepared({ address: "http://h", auth: { bearer: "abc.def\n" } });
    expect(endpoint?.headers).toStrictEqual({ authorization: "Bearer abc.def" });
    expect(endpoint?.secrets).toStrictEqual(["abc.def"]);
  });

  it.each([
    ["user", "pass", "user:pass"],
    ["user", "", "user:"],
    ["user", "pass\n", "user:pass"],
    ["üser", "pä:ss", "üser:pä:ss"],
  ])("sends basic credentials of %s and %j", (username, password, pair) => {
    const endpoint = prepared({ address: "http://h", auth: { username, password } });
    expect(endpoint?.headers).toStrictEqual({ authorization: basic(pair) });
  });

  it("takes credentials out of the address unless others are given", () => {
    const address = "http://us%40er:p%25ss@h";
    expect(prepared({ address })?.headers["authorization"]).toBe(basic("us@er:p%ss"));
    const given = prepared({ address, auth: { bearer: "token" } });
    expect(given?.headers["authorization"]).toBe("Bearer token");
  });

  it.each(["", " \n", "a\nb-s3cret", "a\u0000b-s3cret", "tok€n-s3cret"])(
    "refuses the token %j and does not quote it",
    (bearer) => {
      const preparation = prepareEndpoint({ address: "http://h", auth: { bearer } });
      expect(preparation).toMatchObject({ failure: { reason: "Unreachable" } });
      expect(JSON.stringify(preparation)).not.toContain("s3cret");
    },
  );

  it("passes other headers on, but none that the request sets itself", () => {
    const headers = { "X-Scope-OrgID": "shop", Authorization: "Bearer forged", Host: "elsewhere" };
    expect(prepared({ address: "http://h", headers })?.headers).toStrictEqual({
      "x-scope-orgid": "shop",
    });
  });

  it.each([{ "bad name": "x" }, { good: "a\r\nInjected: yes" }])("refuses %j", (headers) => {
    expect(prepareEndpoint({ address: "http://h", headers }).kind).toBe("Unusable");
  });
});
