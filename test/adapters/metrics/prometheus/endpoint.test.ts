import { describe, expect, it } from "vitest";
import { findEndpoint } from "../../../../src/adapters/metrics/prometheus/endpoint.ts";
import { PrometheusProvider } from "../../../../src/api/analysis-template.ts";
import { type Fact, known, missing, unknown } from "../../../../src/core/fact.ts";

const find = (
  provider: object,
  secrets: Record<string, Fact<Record<string, string>>> = {},
  metricsServer: string | undefined = "http://default:9090",
) =>
  findEndpoint(PrometheusProvider.parse(provider), "serin-system", {
    metricsServer,
    secrets: {
      read: async (namespace, name) =>
        secrets[`${namespace}/${name}`] ?? missing("SecretNotFound", `${name} does not exist`),
    },
  });

const login = (data: Record<string, string>) => ({ "serin-system/login": known(data) });
const withLogin = { secretRef: { name: "login" } };

describe("the endpoint of a template", () => {
  it.each([
    ["is the default server", {}, {}, { address: "http://default:9090", isOurs: true }],
    [
      "is the template's own, with its headers",
      { address: "https://thanos/", headers: { "X-Scope-OrgID": "shop" } },
      {},
      { address: "https://thanos/", headers: { "X-Scope-OrgID": "shop" } },
    ],
    [
      "has a token",
      withLogin,
      login({ token: "t0k", username: "ignored" }),
      { address: "http://default:9090", isOurs: true, auth: { bearer: "t0k" } },
    ],
    [
      "has a user and a password",
      withLogin,
      login({ username: "serin", password: "" }),
      { address: "http://default:9090", isOurs: true, auth: { username: "serin", password: "" } },
    ],
    [
      "has an authority",
      { caSecretRef: { name: "login", key: "ca.crt" } },
      login({ "ca.crt": "PEM" }),
      { address: "http://default:9090", isOurs: true, ca: "PEM" },
    ],
  ])("%s", async (_name, provider, secrets, value) => {
    expect(await find(provider, secrets)).toEqual({ kind: "Found", value });
  });

  it("reads a key of a Secret that it has, not what every object has", async () => {
    const caSecretRef = { name: "login", key: "constructor" };
    expect(await find({ caSecretRef }, login({ "ca.crt": "PEM" }))).toMatchObject({
      reason: "SecretInvalid",
    });
  });

  it.each([
    ["a Secret that is missing", withLogin, {}, "SecretNotFound"],
    [
      "a Secret that cannot be read now",
      withLogin,
      { "serin-system/login": unknown("timeout") },
      "SecretUnreadable",
    ],
    ["a Secret without the right keys", withLogin, login({ username: "serin" }), "SecretInvalid"],
    [
      "a Secret without the authority",
      { caSecretRef: { name: "login", key: "ca.crt" } },
      login({ ca: "PEM" }),
      "SecretInvalid",
    ],
  ])("is unknown with %s", async (_name, provider, secrets, reason) => {
    expect(await find(provider, secrets)).toMatchObject({ kind: "Failure", reason });
  });

  it("is unknown without any address", async () => {
    const { secrets } = { secrets: { read: async () => unknown("") } };
    const provider = PrometheusProvider.parse({});
    expect(await findEndpoint(provider, "x", { secrets, metricsServer: undefined })).toMatchObject({
      kind: "Failure",
      reason: "AddressMissing",
    });
  });

  it("never shows what is in a Secret", async () => {
    const answer = await find(withLogin, login({ tokn: "hunter2" }));
    expect(JSON.stringify(answer)).not.toContain("hunter2");
  });
});
