/** The controller's configuration: flags before the environment, the environment before defaults. */
import { describe, expect, it } from "vitest";
import { Config, ConfigError, flagName, parseConfig } from "../src/config.ts";

const defaults = {
  ownNamespace: "serin-system",
  metricsServer: "http://prometheus.monitoring:9090",
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
    ["logLevel", "debug", "verbose"],
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

  it("looks only at what it knows", () => {
    expect(parseConfig({ bogus: "1" }, { SERIN_BOGUS: "1" })).toEqual(defaults);
  });
});
