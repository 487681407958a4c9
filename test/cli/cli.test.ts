/** What people read when they ask `serin` for help or give it something it cannot use, in process. */
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import { Config, flagName } from "../../src/config.ts";
import { runSerin } from "../support/cli-run.ts";

const run = (line: string, env: Readonly<Record<string, string>> = {}) =>
  runSerin(
    line.split(" ").filter((word) => word !== ""),
    { env, signal: AbortSignal.abort() },
  );

describe("serin --help", () => {
  it("names every command and the exit codes, and succeeds", async () => {
    const { code, stdout, stderr } = await run("--help");
    expect(code).toBe(0);
    expect(stderr).toBe("");
    const asking = ["promote", "abort", "retry", "pause", "resume"];
    const others = ["get", "wait", "lint", "plan", "crds", "controller", "sandbox", "demo"];
    for (const name of [...asking, ...others]) expect(stdout).toContain(`  ${name} `);
    for (const exitCode of Object.values(exitCodes))
      expect(stdout).toMatch(new RegExp(`^  ${exitCode} +\\S`, "m"));
  });

  it("goes to stderr as wrong usage when no command is given", async () => {
    const { code, stdout, stderr } = await run("");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: serin");
  });
});

describe("serin --version", () => {
  it("says the version of the package", async () => {
    const { code, stdout } = await run("--version");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^serin \d+\.\d+\.\d+\S*\n$/);
  });
});

describe("serin crds", () => {
  it("prints every definition as YAML that kubectl takes", async () => {
    const { code, stdout } = await run("crds");
    expect(code).toBe(0);
    const names = parseAllDocuments(stdout).map((document) => document.getIn(["metadata", "name"]));
    expect(names).toEqual([
      "alertproviders.serin.dev",
      "analysistemplates.serin.dev",
      "canaries.serin.dev",
      "clusteranalysistemplates.serin.dev",
    ]);
  });
});

describe("serin controller --help", () => {
  it("names every flag with its default, and the environment", async () => {
    const { code, stdout } = await run("controller --help");
    expect(code).toBe(0);
    for (const name of Object.keys(Config.shape)) expect(stdout).toContain(`--${flagName(name)} <`);
    expect(stdout).toMatch(/default:\s+8080/);
    expect(stdout).toMatch(/default:\s+serin-system/);
    expect(stdout).toContain("SERIN_LOG_LEVEL=debug");
  });
});

describe("wrong usage", () => {
  it.each([
    ["bogus", "unknown command 'bogus'"],
    [
      "controler",
      "unknown command 'controler'; did you mean controller? Add --help to see what can be given.\n",
    ],
    ["--bogus", "unknown option '--bogus'"],
    ["controller --bogus 1", "unknown option '--bogus'"],
    ["controller extra", "too many arguments for 'controller'"],
    ["controller --qps", "option '--qps <number>' argument missing"],
    ["controller --qps many", "--qps many: give a number from 1 to 1000"],
    ["controller --qps 0", "--qps 0: give a number from 1 to 1000"],
    ["controller --qps 1001", "--qps 1001: give a number from 1 to 1000"],
    ["controller --burst 1.5", "--burst 1.5: give a whole number from 1 to 2000"],
    ["controller --health-port 65536", "--health-port 65536: give a whole number from 0 to 65535"],
    ["controller --log-level loud", "--log-level loud: give one of debug, info, warn, error"],
    ["controller --metrics-server prometheus", "--metrics-server prometheus: give an address"],
    ["sandbox --port any", "--port any: give a port number"],
    ["demo --output xml", "Allowed choices are text, json"],
  ])("of %j has exit code 2, and the message names what to mend", async (line, message) => {
    const { code, stdout, stderr } = await run(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^serin: /);
  });

  it.each(Object.keys(Config.shape))(
    "of the controller's %s is one line that names it",
    async (name) => {
      const flag = `--${flagName(name)}`;
      const missing = await runSerin(["controller", flag]);
      expect(missing).toMatchObject({ code: 2, stdout: "" });
      expect(missing.stderr).toMatch(
        new RegExp(`^serin: option '${flag} <.+>' argument missing\\. Add --help [^\n]+\n$`),
      );
      const empty = await runSerin(["controller", flag, ""]);
      expect(empty).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(new RegExp(`^serin: ${flag} : give [^\n]+\n$`)),
      });
      const unknown = await runSerin(["controller", `${flag}s`, "1"]);
      expect(unknown).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`did you mean ${flag}?`),
      });
      const variable = `SERIN_${flagName(name).replaceAll("-", "_").toUpperCase()}`;
      const misspelled = await runSerin(["controller"], { env: { [`${variable}X`]: "1" } });
      const stderr = `serin: ${variable}X: there is no such setting; did you mean ${variable}?\n`;
      expect(misspelled).toEqual({ code: 2, stdout: "", stderr });
    },
  );

  it("of a variable in the environment names the variable, unless a flag wins over it", async () => {
    const env = { SERIN_QPS: "many" };
    const { code, stderr } = await run("controller", env);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "serin: SERIN_QPS=many: give a number from 1 to 1000\n",
    });
    const { stderr: overridden } = await run("controller --qps 5 --kubeconfig /nowhere", env);
    expect(overridden).toContain("/nowhere");
  });
});

describe("what cannot be reached", () => {
  it("is a failure that names the file and the flag", async () => {
    const { code, stderr } = await run("controller --kubeconfig /nowhere");
    expect(code).toBe(1);
    expect(stderr).toBe(
      "serin: no way to an API server: /nowhere: there is no such file; name a kubeconfig by --kubeconfig and a context of it by --context\n",
    );
  });
});
