/** The controller's configuration: flags before the environment, the environment before defaults. */
import { describe, expect, it } from "vitest";
import { Config, ConfigError, flagName, parseConfig } from "../src/config.ts";

const defaults = {
  ownNamespace: "serin-system",
  metricsServer: "http://prometheus.monitoring:9090",
  providerHosts: "*",
  healthPort: 8080,
  healthReach: "AllInterfaces",
  logLevel: "info",
  qps: 50,
  burst: 100,
};

describe("the configuration", () => {
  it("needs nothing", () => {
    expect(parseConfig({}, {})).toEqual(defaults);
  });

  it("takes flags before the environment, and the environment before defaults", () => {
    const env = { SERIN_QPS: "10", SERIN_BURST: "20", SERIN_NAMESPACE: "shop", OTHER: "x" };
    expect(parseConfig({ qps: "30", burst: undefined }, env)).toEqual({
      ...defaults,
      qps: 30,
      burst: 20,
      namespace: "shop",
    });
  });

  it("takes an empty variable for one that is not set, as manifests leave them", () => {
    expect(parseConfig({}, { SERIN_NAMESPACE: "", SERIN_QPS: "" })).toEqual(defaults);
  });

  it("cannot be changed afterwards", () => {
    expect(Object.isFrozen(parseConfig({}, {}))).toBe(true);
  });

  it("has a flag and a variable for each field, spelled alike", () => {
    for (const name of Object.keys(Config.shape)) {
      const variable = `SERIN_${flagName(name).replaceAll("-", "_").toUpperCase()}`;
      expect(() => parseConfig({}, { [variable]: "\u0000" })).not.toThrow(TypeError);
      expect(flagName(name)).toMatch(/^[a-z]+(-[a-z]+)*$/);
    }
  });

  it.each([
    ["healthPort", "65535", "65536"],
    ["healthPort", "0", "-1"],
    ["qps", "1", "0.5"],
    ["qps", "1000", "1001"],
    ["burst", "2000", "2001"],
    ["burst", "1", "1.5"],
    ["metricsServer", "https://p", "p:9090"],
    ["metricsServer", "http://[::1]:9090/prom", "http://[::1"],
    ["metricsServer", "http://p", "http://p?query=1"],
    ["metricsServer", "http://p", "http://p#up"],
    ["metricsServer", "http://p", "file:///etc/passwd"],
    ["providerHosts", "slack.com,*.monitoring.svc,10.0.0.1,[fd00::1]", "slack.com, a"],
    ["providerHosts", "*", "slack.*"],
    ["providerHosts", "*.a", "https://slack.com"],
    ["logLevel", "debug", "verbose"],
    ["healthReach", "Loopback", "loopback"],
    ["healthPort", "08", "0x10"],
    ["healthPort", "80", "1e3"],
    ["qps", "2.5", "1e2"],
    ["qps", "7", "NaN"],
    ["qps", "7", "Infinity"],
    ["namespace", "shop-1", "Shop"],
    ["namespace", "a".repeat(63), "a".repeat(64)],
    ["ownNamespace", "serin", "serin/system"],
    ["ownNamespace", "serin", "../kube-system"],
    ["identity", "serin-0", "serin 0"],
    ["identity", "a".repeat(253), "a".repeat(254)],
  ])("bounds %s: %s is taken, %s is refused by flag and variable", (name, taken, refused) => {
    expect(() => parseConfig({ [name]: taken }, {})).not.toThrow();
    const variable = `SERIN_${flagName(name).replaceAll("-", "_").toUpperCase()}`;
    for (const [flags, env, source] of [
      [{ [name]: refused }, {}, `--${flagName(name)} ${refused}`],
      [{}, { [variable]: refused }, `${variable}=${refused}`],
    ] as const) {
      expect(() => parseConfig(flags, env)).toThrow(ConfigError);
      expect(() => parseConfig(flags, env)).toThrow(source);
    }
  });

  it.each([
    ["SERIN_QSP", "SERIN_QSP: there is no such setting; did you mean SERIN_QPS?"],
    ["SERIN_METRIC_SERVER", "did you mean SERIN_METRICS_SERVER?"],
    ["SERIN_SCRAPE_INTERVAL", "known are SERIN_KUBECONFIG, SERIN_CONTEXT, "],
  ])("refuses %s, which it does not know", (name, message) => {
    expect(() => parseConfig({}, { [name]: "1" })).toThrow(ConfigError);
    expect(() => parseConfig({}, { [name]: "1" })).toThrow(message);
    expect(parseConfig({}, { [name]: "" })).toEqual(defaults);
  });

  it("takes no Service's variables for settings, as pods beside Services named serin have them", () => {
    const links = {
      SERIN_SERVICE_HOST: "10.0.0.1",
      SERIN_SERVICE_PORT: "8080",
      SERIN_SERVICE_PORT_HTTP: "8080",
      SERIN_PORT: "tcp://10.0.0.1:8080",
      SERIN_PORT_8080_TCP: "tcp://10.0.0.1:8080",
      SERIN_PORT_8080_TCP_PROTO: "tcp",
      SERIN_PORT_8080_TCP_ADDR: "10.0.0.1",
      SERIN_HEALTH_PORT: "tcp://10.0.0.2:80",
    };
    expect(parseConfig({}, links)).toEqual(defaults);
  });

  it("knows no settings but its own, whatever objects inherit", () => {
    expect(parseConfig({ constructor: "1", toString: "2" }, {})).toEqual(defaults);
    expect(parseConfig({}, { SERIN: "x", SERINADE_QPS: "many" })).toEqual(defaults);
  });
});
